"""The proxy of an account or of the environment: checked at once, and named where it fails."""

from __future__ import annotations

import pytest
from scripted import reply

from conferencing import ConfigurationError, Secret, TransportError, connect
from conferencing.http import GET
from conferencing.http.proxy import find_proxy
from conferencing.testing import closed_port

ACCOUNT = {"provider": "clickmeeting", "api_key": "k"}
API = "https://api.acme.example/v1"
BAD = [
    ("nonsense", "is not the address of an HTTP proxy"),
    ("proxy.corp:8080", "is not the address of an HTTP proxy"),
    ("http://", "is not the address of an HTTP proxy"),
    ("ftp://proxy.corp", "is not the address of an HTTP proxy"),
    ("http://proxy.corp:port", "is not an address"),
    ("http://proxy corp:80", "is not an address|holds blanks"),
    ("socks5://proxy.corp:1080", "is a SOCKS proxy, which is not supported"),
]


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(("address", "fault"), BAD)
def test_wrong_proxy_is_refused_at_connect(address, fault) -> None:
    with pytest.raises(ConfigurationError, match=fault) as caught:
        connect({**ACCOUNT, "proxy": address})
    assert caught.value.field == "proxy"
    assert "proxy.corp" not in caught.value.message.replace("proxy.example", "")


@pytest.mark.parametrize(
    ("address", "fault"), [bad for bad in BAD if "://" in bad[0] and " " not in bad[0]]
)
def test_wrong_proxy_of_environment_is_named(monkeypatch, address, fault) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(ConfigurationError, match=f"HTTPS_PROXY {fault}"):
        connect(ACCOUNT)


@pytest.mark.parametrize(
    ("variables", "url", "expected"),
    [
        ({"HTTPS_PROXY": "http://proxy.corp:8080"}, API, "http://proxy.corp:8080"),
        ({"https_proxy": "proxy.corp:8080"}, API, "http://proxy.corp:8080"),
        ({"HTTPS_PROXY": "http://u:p@proxy.corp"}, API, "http://u:p@proxy.corp"),
        ({"HTTP_PROXY": "http://proxy.corp"}, API, None),
        ({"HTTPS_PROXY": "http://proxy.corp", "NO_PROXY": "acme.example"}, API, None),
        ({"HTTP_PROXY": "http://proxy.corp"}, "http://127.0.0.1:1/v1", None),
        ({}, API, None),
    ],
)
def test_environment_names_the_proxy(monkeypatch, variables, url, expected) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    proxy = find_proxy(url, None)
    assert (proxy and proxy.reveal()) == expected


def test_own_proxy_comes_first(monkeypatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.corp")
    assert find_proxy(API, Secret("http://own.corp")) == Secret("http://own.corp")


async def test_environment_proxy_carries_calls(serve, adapter, monkeypatch) -> None:
    proxy = await serve(reply({}, 407))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    with pytest.raises(TransportError, match=r"refused .* \(HTTP 407\); check .*HTTPS_PROXY"):
        await adapter(API, retries=0).call(GET("/x"))
    assert [request.method for request in proxy.requests] == ["CONNECT"]


async def test_unreachable_proxy_names_the_setting(adapter) -> None:
    provider = adapter(API, proxy=Secret(f"http://127.0.0.1:{closed_port()}"), retries=0)
    with pytest.raises(
        TransportError, match="the proxy cannot be reached; check the account's key"
    ):
        await provider.call(GET("/x"))
