"""Files that a vendor points to: whole or not at all, without credentials, from public places only."""

from __future__ import annotations

import gzip
import socket
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from acme import KEY
from scripted import closed_port, fin, hang, head, reply, rst, send, then

from conferencing import (
    ConferencingError,
    File,
    InvalidRequest,
    NotFound,
    ProviderUnavailable,
    Secret,
    Sent,
    TimedOut,
    TransportError,
)
from conferencing.accounts.context import Context
from conferencing.http import Policy
from conferencing.http.addresses import PublicResolver
from conferencing.http.download import MAX_REDIRECTS, stream

QUICK = Policy(connect=0.3, read=0.3)
CONTENT = bytes(range(256)) * 1000


async def fetched(url: str, **options: Any) -> bytes:
    options.setdefault("allow_loopback", True)
    return b"".join([piece async for piece in stream(url, QUICK, **options)])


async def test_file_comes_in_equal_pieces(serve) -> None:
    server = await serve(reply(CONTENT))
    pieces = [p async for p in stream(f"{server.url}/f.pdf", QUICK, allow_loopback=True)]
    assert b"".join(pieces) == CONTENT
    assert len(pieces) > 1


async def test_no_credential_goes_with_it(serve, adapter) -> None:
    server = await serve(reply(CONTENT))
    provider = adapter(server)
    file = File(url=f"{server.url}/f.mp4")
    assert b"".join([piece async for piece in provider.read_file(file)]) == CONTENT
    [request] = server.requests
    assert KEY not in repr(request.headers)
    names = {name for name, _ in request.headers}
    assert not names & {"authorization", "cookie", "x-api-key", "referer"}


async def test_internet_vendor_cannot_link_to_loopback(serve, adapter) -> None:
    server = await serve(reply(CONTENT))
    error = await _failed(adapter("https://api.acme.example"), File(url=server.url))
    assert isinstance(error, InvalidRequest)
    assert server.connections == 0


async def test_compressed_transfer_is_saved_uncompressed(serve) -> None:
    async def pack_if_asked(connection: Any) -> None:
        asked = "gzip" in "".join(server.requests[-1].header("accept-encoding"))
        packed = reply(gzip.compress(CONTENT), Content_Encoding="gzip")
        await (packed if asked else reply(CONTENT))(connection)

    server = await serve(pack_if_asked)
    assert await fetched(server.url) == CONTENT


@pytest.mark.parametrize(
    "target", ["/a%2Fb.pdf?sig=a%2Fb%2Bc%3D", "/f?X-Amz-Credential=K%2F2026&t=%41%7e", "/a%20b+c"]
)
async def test_signed_link_arrives_unchanged(serve, target) -> None:
    server = await serve(reply(b""))
    await fetched(server.url + target)
    assert server.requests[0].target == target


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed_without_cookies(serve, status) -> None:
    end = await serve(reply(CONTENT))
    start = await serve(
        reply(b"", status, Location="/next", Set_Cookie="sid=1"),
        reply(b"", status, Location=f"{end.url}/f?x=1", Set_Cookie="sid=2"),
    )
    assert await fetched(start.url.replace("127.0.0.1", "localhost")) == CONTENT
    assert [request.target for request in start.requests] == ["/", "/next"]
    assert end.requests[0].target == "/f?x=1"
    assert [request.header("cookie") for request in (*start.requests, *end.requests)] == [
        [],
        [],
        [],
    ]


async def test_redirects_end_after_three(serve) -> None:
    server = await serve(reply(b"", 302, Location="/again"))
    with pytest.raises(InvalidRequest, match="3 times"):
        await fetched(server.url)
    assert len(server.requests) == MAX_REDIRECTS + 1 == 4


@pytest.mark.parametrize(
    "location",
    ["https://10.0.0.1/", "http://example.com/", "ftp://127.0.0.1/", "file:///etc/passwd",
     "https://user@example.com/", "http://[::1", "https://\u200d.example/", "//169.254.169.254/x",
     "data:text/plain,x"],
)  # fmt: skip
async def test_each_redirect_is_checked(serve, location) -> None:
    server = await serve(reply(b"", 302, Location=location.encode().decode("latin-1")))
    with pytest.raises(InvalidRequest):
        await fetched(server.url)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, NotFound), (403, NotFound), (404, NotFound), (410, NotFound), (500, ProviderUnavailable), (503, ProviderUnavailable)],
)  # fmt: skip
async def test_dead_link_raises_typed_error(serve, status, kind) -> None:
    server = await serve(reply(b"x", status))
    with pytest.raises(kind) as caught:
        await fetched(server.url)
    assert (caught.value.status, caught.value.sent) == (status, Sent.YES)
    assert len(server.requests) == 1


@pytest.mark.parametrize("drop", [fin, rst])
async def test_file_cut_in_the_middle_raises(serve, drop) -> None:
    server = await serve(then(send(head(200, {"Content-Length": "9999"}) + b"begin"), drop))
    with pytest.raises(TransportError) as caught:
        await fetched(server.url)
    assert caught.value.sent is Sent.YES
    assert caught.value.retryable
    assert caught.value.__cause__ is caught.value.__context__ is None


async def test_silent_server_ends_the_download(serve) -> None:
    for step in (hang, then(send(head(200, {"Content-Length": "9"}) + b"x"), hang)):
        server = await serve(step)
        with pytest.raises(TimedOut, match=r"no reply came in time|stopped sending"):
            await fetched(server.url)


async def test_refused_connection_sent_nothing() -> None:
    with pytest.raises(TransportError, match="cannot connect") as caught:
        await fetched(f"http://127.0.0.1:{closed_port()}/secret?token=canary")
    assert caught.value.sent is Sent.NO
    assert "canary" not in str(caught.value)


async def test_signed_link_does_not_show_in_errors(serve, adapter) -> None:
    for step in (fin, reply(b"", 404), reply(b"", 302, Location="/x?sig=canary-9")):
        server = await serve(step)
        provider = adapter(server)
        error = await _failed(provider, File(url=f"{server.url}/f?sig=canary-1"))
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        assert "canary" not in f"{error} {error!r} {error.facts} {''.join(shown.format())}"


# ----------------------------------------------------------------- what points into our own network

TRICKS = """
http://example.com/ ftp://example.com/ file:///etc/passwd javascript:alert(1) https:///127.0.0.1/
https:127.0.0.1/ //127.0.0.1/ 127.0.0.1 https:// https://user@example.com/ https://:p@example.com/
https://example.com@127.0.0.1/ https://example.com:80/ https://example.com:8443/ https://x:99999/
https://127.0.0.1/ https://127.0.0.1:443/ https://127.1.2.3/ https://127.1/ https://127.0.1/
https://2130706433/ https://0x7f000001/ https://0x7f.0.0.1/ https://0177.0.0.1/ https://017700000001/
https://127.0.0.1./ https://0/ https://0.0.0.0/ https://localhost/ https://LOCALHOST/
https://10.0.0.1/ https://172.16.0.1/ https://192.168.1.1/ https://169.254.169.254/latest/meta-data
https://100.64.0.1/ https://192.0.0.1/ https://192.0.2.1/ https://198.18.0.1/ https://198.51.100.1/
https://203.0.113.1/ https://224.0.0.1/ https://239.255.255.255/ https://240.0.0.1/
https://255.255.255.255/ https://[::1]/ https://[::]/ https://[0:0:0:0:0:0:0:1]/ https://[fe80::1]/
https://[fe80::1%25lo]/ https://[fc00::1]/ https://[fd12:3456::1]/ https://[ff02::1]/
https://[2001:db8::1]/ https://[::ffff:127.0.0.1]/ https://[::ffff:7f00:1]/ https://[::ffff:10.0.0.1]/
https://[::127.0.0.1]/ https://[64:ff9b::127.0.0.1]/ https://[64:ff9b::a00:1]/ https://[fec0::1]/
https://[64:ff9b:1::7f00:1]/ https://[::ffff:0:127.0.0.1]/ https://[2001:db9::5efe:7f00:1]/
https://192.0.0.9/ https://[2002:7f00:1::]/ https://[2002:a00:1::1]/ https://[::1 https://[v1.x]/
https://①②⑦.⓪.⓪.①/ https://１２７.0.0.1/ https://127。0。0。1/ https://①⓪.0.0.1/ https://ⓛocalhost/
https://%31%32%37.0.0.1/ https://example.com\\@127.0.0.1/ https://\u200d.example/
"""


@pytest.fixture
def connected() -> Iterator[list[Any]]:
    """Everything that a socket was asked to connect to, meanwhile."""
    _watched.clear()
    _watched.append([])
    yield _watched[0]
    _watched.clear()


_watched: list[list[Any]] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _watched and isinstance(arguments[1], tuple):
        _watched[0].append(arguments[1])
        raise ConnectionRefusedError("the test connects nowhere")
    if event == "socket.getaddrinfo" and _watched and not _local(str(arguments[0])):
        raise socket.gaierror("the test asks no name server")


def _local(name: str) -> bool:
    return name.lower() == "localhost" or name[:1].isdigit()


sys.addaudithook(_watch)


@pytest.mark.parametrize("url", TRICKS.split())
async def test_no_trick_reaches_a_private_address(connected, url) -> None:
    with pytest.raises(ConferencingError):
        await fetched(url, allow_loopback=False)
    assert connected == []


async def test_name_of_a_private_address_is_refused(connected) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await fetched("https://localhost/", allow_loopback=False)
    assert connected == []
    assert not caught.value.retryable


async def _failed(provider: Any, file: File) -> ConferencingError:
    try:
        async for _ in provider.read_file(file):
            pass
    except ConferencingError as error:
        return error
    pytest.fail("nothing went wrong")


class Names(aiohttp.abc.AbstractResolver):
    """Resolve every name to the same addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[Any]:
        return [
            {"hostname": host, "host": address, "port": port, "family": socket.AF_INET, "proto": 0,
             "flags": 0}
            for address in self.addresses
        ]  # fmt: skip

    async def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("addresses", "public", "loopback"),
    [
        (["93.184.215.14"], True, True),
        (["2606:2800:21f:cb07:6820:80da:af6b:8b2c"], True, True),
        (["::ffff:93.184.215.14"], True, True),
        (["127.0.0.1"], False, True),
        (["::1"], False, True),
        (["::ffff:127.0.0.1"], False, True),
        (["93.184.215.14", "10.0.0.1"], False, False),
        (["93.184.215.14", "127.0.0.1"], False, True),
        (["169.254.169.254"], False, False),
        (["100.64.0.1"], False, False),
        (["224.0.0.1"], False, False),
        (["fe80::1%lo"], False, False),
        (["::ffff:192.168.0.1"], False, False),
        (["64:ff9b:1::7f00:1"], False, False),
        (["64:ff9b:1::5db8:d70e"], False, False),
        (["::ffff:0:127.0.0.1"], False, True),
        (["::ffff:0:10.0.0.1"], False, False),
        (["2001:db9::5efe:10.0.0.1"], False, False),
        (["2001:db9::200:5efe:10.0.0.1"], False, False),
        (["192.0.0.9"], False, False),
        (["192.0.0.170"], False, False),
    ],
)
async def test_all_addresses_of_a_name_must_be_public(addresses, public, loopback) -> None:
    for allow, expected in ((False, public), (True, loopback)):
        resolver = PublicResolver(allow_loopback=allow, resolver=Names(*addresses))
        assert await _resolves(resolver) is expected


async def _resolves(resolver: PublicResolver) -> bool:
    try:
        resolved = await resolver.resolve("name.example", 443)
    except OSError:
        return False
    return [address["host"] for address in resolved] == list(resolver._resolver.addresses)  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------- by a proxy


async def test_proxy_of_a_private_name_is_used(serve) -> None:
    proxy = await serve(reply(CONTENT))
    context = Context(proxy=Secret(proxy.url))
    url = "http://localhost:1/f.mp4?sig=a%2Fb"  # only the proxy can reach it
    assert await fetched(url, context=context) == CONTENT
    assert [request.target for request in proxy.requests] == [url]


async def test_private_name_is_refused_by_a_proxy_too(serve) -> None:
    proxy = await serve(reply(CONTENT))
    context = Context(proxy=Secret(proxy.url))
    with pytest.raises(InvalidRequest, match="is not a public address"):
        await fetched("https://localhost/", context=context, allow_loopback=False)
    assert proxy.requests == []


async def _collect(url: str, clock: Any, **options: Any) -> bytes:
    pieces = stream(url, Policy(), allow_loopback=True, context=Context(clock=clock), **options)
    return b"".join([piece async for piece in pieces])


async def test_credentials_do_not_follow_a_redirect(serve, clock) -> None:
    other = await serve(send(head(200, {"Content-Length": "2"}) + b"ok"))
    own = await serve(send(head(302, {"Content-Length": "0", "Location": other.url})))

    async def authorize(_: Any) -> dict[str, str]:
        return {"Authorization": "Bearer t0ken"}  # for any address: the redirect alone decides

    assert await _collect(own.url, clock, authorize=authorize) == b"ok"
    assert own.requests[0].header("Authorization") == ["Bearer t0ken"]
    assert other.requests[0].header("Authorization") == []


async def test_page_in_place_of_a_file_is_not_found(serve, clock) -> None:
    page = send(head(200, {"Content-Length": "2", "Content-Type": "text/html; charset=x"}) + b"ok")
    server = await serve(page, page)
    with pytest.raises(NotFound, match="a web page in place of the file"):
        await _collect(server.url, clock, media_type="video/mp4")
    assert await _collect(server.url, clock) == b"ok"
