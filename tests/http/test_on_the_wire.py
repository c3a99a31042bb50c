"""What leaves: exactly the bytes that were built, the key once, and nothing to anybody else."""

from __future__ import annotations

import aiohttp
import pytest
from acme import KEY
from scripted import closed_port, reply

from conferencing import ConfigurationError, MalformedResponse, Secret, Sent, TransportError
from conferencing.http import GET, POST, PUT, Request, Upload

OK = reply({"ok": True})


@pytest.mark.parametrize(
    ("request_", "target"),
    [
        (GET("/r/{id}", id="a/b c%2F"), "/r/a%2Fb%20c%252F"),
        (GET("/r/{id}", id="łódź+?#"), "/r/%C5%82%C3%B3d%C5%BA%2B%3F%23"),
        (GET("/r/{id}", id="%2e%2e"), "/r/%252e%252e"),
        (GET("/r", query={"q": "a/b+c&d=e f", "n": [1, 2]}),
         "/r?q=a%2Fb%2Bc%26d%3De%20f&n%5B0%5D=1&n%5B1%5D=2"),
        (GET("/r", query={"at": "2026-10-01T08:00:00+02:00"}),
         "/r?at=2026-10-01T08%3A00%3A00%2B02%3A00"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("base", ["", "/", "/v1", "/v1/"])
async def test_target_arrives_as_encoded(serve, adapter, base, request_, target) -> None:
    server = await serve(OK)
    await adapter(server.url + base).call(request_)
    assert (
        server.requests[0].target
        == base.rstrip("/") + target
        == base.rstrip("/") + (request_.encode().target)
    )


@pytest.mark.parametrize(
    ("request_", "media_type"),
    [
        (POST("/x", form={"name": "a b+c&łódź", "pin": Secret("1234")}), "x-www-form-urlencoded"),
        (PUT("/x", json={"name": "łódź 🎉", "pin": Secret("1234")}), "application/json"),
    ],
)
async def test_body_arrives_as_encoded(serve, adapter, request_, media_type) -> None:
    server = await serve(OK)
    await adapter(server).call(request_)
    [request] = server.requests
    assert request.body == request_.encode().body
    assert b"1234" in request.body
    assert media_type in request.header("content-type")[0]


async def test_request_without_body_has_length_zero(serve, adapter) -> None:
    server = await serve(OK)
    await adapter(server).call(GET("/x"))
    assert server.requests[0].header("content-type") == []
    assert server.requests[0].body == b""


async def test_file_is_sent_with_form_fields(serve, adapter) -> None:
    server = await serve(OK)
    part = Upload(filename="ł.pdf", content=b"%PDF-1.7", media_type="application/pdf")
    await adapter(server).call(POST("/x", form={"title": "agenda"}, files={"part": part}))
    [request] = server.requests
    assert "multipart/form-data" in request.header("content-type")[0]
    assert b"%PDF-1.7" in request.body
    assert b"agenda" in request.body


async def test_request_has_user_agent_and_one_key(serve, adapter) -> None:
    server = await serve(OK)
    request = GET("/x", headers={"x-api-key": "not this one", "X-Trace": "7"})
    await adapter(server, app="school/1.2").call(request)
    [request] = server.requests
    assert request.header("x-api-key") == [KEY]
    assert request.header("x-trace") == ["7"]
    assert request.header("accept") == ["application/json, */*;q=0.5"]
    [agent] = request.header("user-agent")
    assert agent.startswith("school/1.2 conferencing/")
    assert "acme" in agent
    assert KEY not in request.target


async def test_cookies_are_not_kept(serve, adapter) -> None:
    server = await serve(reply({}, Set_Cookie="sid=1; Path=/"), OK)
    provider = adapter(server.url.replace("127.0.0.1", "localhost"))  # an address has no cookies
    await provider.call(GET("/x"))
    await provider.call(GET("/x"))
    assert server.requests[1].header("cookie") == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("borrowed", [False, True], ids=["own session", "borrowed session"])
@pytest.mark.parametrize("verb", [GET, POST])
async def test_redirect_is_not_followed(serve, adapter, verb, borrowed, status) -> None:
    other = await serve(OK)
    server = await serve(reply({}, status, Location=f"{other.url}/steal"))
    async with aiohttp.ClientSession(headers={"X-Own": "1"}) as session:
        provider = adapter(server, session=session if borrowed else None)
        with pytest.raises(MalformedResponse, match=r"redirects to 127\.0\.0\.1") as caught:
            await provider.call(verb("/x"))
    assert (other.requests, other.connections) == ([], 0)
    assert len(server.requests) == caught.value.attempts == 1
    assert (caught.value.sent, caught.value.status) == (Sent.YES, status)


# ------------------------------------------------------------------------------------------ proxy


async def test_calls_go_through_the_accounts_proxy(serve, adapter) -> None:
    proxy, server = await serve(OK), await serve(OK)
    address = proxy.url.replace("//", "//user:pass@")
    await adapter(server, proxy=Secret(address)).call(GET("/x"))
    assert server.requests == []
    assert proxy.requests[0].target == f"{server.url}/x"
    assert proxy.requests[0].header("proxy-authorization") == ["Basic dXNlcjpwYXNz"]


async def test_refusing_proxy_never_sees_the_key(serve, adapter) -> None:
    proxy = await serve(reply({}, 407))
    provider = adapter("https://api.acme.example", proxy=Secret(proxy.url), retries=0)
    with pytest.raises(TransportError, match="proxy") as caught:
        await provider.call(POST("/x"))
    assert caught.value.sent is Sent.NO
    assert [request.method for request in proxy.requests] == ["CONNECT"]
    assert KEY not in repr(proxy.requests[0].headers)


async def test_missing_proxy_error_hides_its_password(adapter) -> None:
    address = f"http://user:canary@127.0.0.1:{closed_port()}"
    provider = adapter("http://127.0.0.1:1", proxy=Secret(address), retries=0)
    with pytest.raises(TransportError, match="proxy") as caught:
        await provider.call(POST("/x"))
    assert caught.value.sent is Sent.NO
    assert "canary" not in f"{caught.value} {caught.value.facts}"


# --------------------------------------------------------------------------------------- base_url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.acme.example",
        "ftp://api.acme.example",
        "https://",
        "http://api.acme.example",
        "http://127.0.0.1.acme.example",
        "https://api.acme.example?key=canary",
        "https://api.acme.example/#x",
        "https://user:canary@api.acme.example",
        "https://:canary@api.acme.example",
        "https://[::1",
        "https://api.acme.example:99999",
        "https://api.acme.example:canary",
        "https://api.acme.example/v1\r\nX: canary",
    ],
)
def test_unsafe_base_url_is_refused(adapter, url) -> None:
    with pytest.raises(ConfigurationError) as caught:
        adapter(url)
    assert caught.value.field == "base_url"
    assert "canary" not in str(caught.value)


# ---------------------------------------------------------------------------------------- request


async def test_raw_call_returns_the_reply(serve, adapter) -> None:
    server = await serve(reply({"new": 1}, 201, X_Trace="7"))
    got = await adapter(f"{server.url}/v1").request("put", "/new/thing", form={"a": 1})
    assert (got.status, got.headers["x-trace"], got.json()) == (201, "7", {"new": 1})
    [request] = server.requests
    assert (request.method, request.target, request.body) == ("PUT", "/v1/new/thing", b"a=1")
    assert request.header("x-api-key") == [KEY]


async def test_deleting_a_missing_thing_succeeds(serve, adapter) -> None:
    server = await serve(reply({}, 404))
    await adapter(server).delete(Request(method="DELETE", template="/x", path="/x"))
    assert len(server.requests) == 1
