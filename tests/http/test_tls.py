"""A TLS failure names its reason and what to do; nothing is sent and nothing is retried."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from scripted import reply

from conferencing import Sent, TransportError
from conferencing.http import GET
from conferencing.testing import Connection, FaultServer, send

CERTIFICATES = Path(__file__).parents[1] / "faults" / "certificates"


def server_context(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    return context


@pytest.fixture
async def trusting() -> AsyncIterator[aiohttp.ClientSession]:
    """A session that trusts the authority of the certificates."""
    context = ssl.create_default_context(cafile=CERTIFICATES / "authority.pem")
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        yield session


async def test_unknown_issuer_names_the_remedy(serve, adapter) -> None:
    server = await serve(reply({}), tls=server_context("good"))
    with pytest.raises(TransportError, match="issuer is not trusted here") as caught:
        await adapter(server).call(GET("/x"))
    assert "SSL_CERT_FILE" in caught.value.message
    assert (caught.value.sent, caught.value.attempts) == (Sent.NO, 1)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("expired", "it has expired"),
        ("other_host", "belongs to another (host name|IP address): check base_url"),
    ],
)
async def test_certificate_fault_is_named(serve, adapter, trusting, name, reason) -> None:
    server = await serve(reply({}), tls=server_context(name))
    with pytest.raises(TransportError, match=reason):
        await adapter(server, session=trusting).call(GET("/x"))


async def read_byte(connection: Connection) -> None:
    await connection.reader.read(1)


async def test_server_without_tls_is_named(adapter) -> None:
    answer = send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    async with FaultServer([read_byte, answer]) as server:
        provider = adapter(f"https://127.0.0.1:{server.port}", retries=0)
        with pytest.raises(TransportError, match="may not speak TLS here: check base_url"):
            await provider.call(GET("/x"))
