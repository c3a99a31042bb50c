"""A credential in the address: appended to the query, behind what it signs, and never shown."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from acme import acme
from scripted import reply

from conferencing import InvalidRequest, Secret
from conferencing.http import GET, NoAuth, Outgoing

OK = reply({"ok": True})


class Signature(NoAuth):
    """Sign by repeating what is signed."""

    def parameters(self, outgoing: Outgoing) -> Mapping[str, str]:
        return {"sig": f"s3cr3t&{outgoing.target}"}


@pytest.mark.parametrize(
    ("request_", "target"),
    [
        (GET("/r"), "/r?sig=s3cr3t%26%2Fr"),
        (GET("/r", query={"q": "a b"}), "/r?q=a%20b&sig=s3cr3t%26%2Fr%3Fq%3Da%2520b"),
    ],
)
async def test_signature_is_the_last_parameter(serve, clock, request_, target) -> None:
    server = await serve(OK)
    provider = acme(server.url, clock, auth=Signature)
    await provider.call(request_)
    await provider.aclose()
    assert server.requests[0].target == target


async def test_repeated_signature_is_masked(serve, clock) -> None:
    server = await serve(reply(b'{"why": "s3cr3t&/r is wrong, and so is PIN"}', 400))
    provider = acme(server.url, clock, auth=Signature)
    with pytest.raises(InvalidRequest) as caught:
        await provider.call(GET("/r", query={"pin": Secret("PIN")}))
    await provider.aclose()
    assert "s3cr3t" not in f"{caught.value}{caught.value.facts}"
