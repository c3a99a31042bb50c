"""From a vendor's reply to our exception, and the credentials that a request is given."""

from __future__ import annotations

import json
import pickle
from datetime import UTC, datetime

import pytest

from conferencing import (
    AuthenticationFailed,
    ConfigurationError,
    Conflict,
    InvalidRequest,
    MalformedResponse,
    NotAvailable,
    NotFound,
    PermissionDenied,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    Secret,
    Sent,
)
from conferencing.http import GET, ErrorMap, Failure, HeaderAuth, NoAuth, Reply
from conferencing.http.reply import MAX_FAILURE

NOW = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
CANARY = "canary-KEY-90ab"


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, InvalidRequest, False),
        (401, AuthenticationFailed, False),
        (402, NotAvailable, False),
        (403, PermissionDenied, False),
        (404, NotFound, False),
        (405, InvalidRequest, False),
        (408, ProviderUnavailable, True),
        (409, Conflict, False),
        (410, NotFound, False),
        (413, InvalidRequest, False),
        (418, InvalidRequest, False),
        (422, InvalidRequest, False),
        (429, RateLimited, True),
        (500, ProviderUnavailable, True),
        (501, ProviderUnavailable, True),
        (502, ProviderUnavailable, True),
        (503, ProviderUnavailable, True),
        (504, ProviderUnavailable, True),
        (599, ProviderUnavailable, True),
        (301, MalformedResponse, False),
        (302, MalformedResponse, False),
        (304, MalformedResponse, False),
        (308, MalformedResponse, False),
    ],
)
def test_each_status_has_its_error(status, kind, retryable) -> None:
    error = _error(ErrorMap(), status)
    assert type(error) is kind
    assert (error.status, error.sent, error.retryable) == (status, Sent.YES, retryable)
    assert str(status) in str(error)
    assert pickle.loads(pickle.dumps(error)).facts == error.facts


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206])
def test_success_is_not_an_error_whatever_its_text(status) -> None:
    assert ErrorMap().error(Reply(status, {}, b'{"error": "no"}'), NOW) is None


def _vconnct_like(reply: Reply) -> Failure | None:
    try:
        payload = json.loads(reply.body)
    except ValueError:
        return None
    if payload.get("ok", True):
        return None
    texts = tuple(payload.get("texts", ()))
    return Failure(code=payload.get("code"), problems=texts, status=payload.get("status"))


VENDOR = ErrorMap({"name_taken": Conflict, "plan": NotAvailable}, read=_vconnct_like)


@pytest.mark.parametrize(
    ("status", "fields", "kind", "expected"),
    [
        (200, {"ok": False}, InvalidRequest, 200),
        (200, {"ok": False, "status": 404}, NotFound, 404),
        (200, {"ok": False, "status": 429}, RateLimited, 429),
        (200, {"ok": False, "code": "name_taken"}, Conflict, 200),
        (400, {"ok": False, "code": "plan"}, NotAvailable, 400),
        (404, {"ok": False, "code": "plan"}, NotAvailable, 404),
        (404, {"ok": False, "code": "zz_new"}, NotFound, 404),
        (500, {"ok": False, "status": 401}, AuthenticationFailed, 401),
        (500, {"ok": True}, ProviderUnavailable, 500),
    ],
)
def test_code_goes_before_status_also_with_200(status, fields, kind, expected) -> None:
    error = _error(VENDOR, status, json.dumps(fields).encode())
    assert (type(error), error.status, error.code) == (kind, expected, fields.get("code"))
    assert VENDOR.error(Reply(200, {}, b'{"ok": true}'), NOW) is None


def test_large_success_is_data() -> None:
    body = json.dumps({"ok": False, "padding": "x" * MAX_FAILURE}).encode()
    assert VENDOR.error(Reply(200, {}, body), NOW) is None
    assert isinstance(VENDOR.error(Reply(500, {}, body), NOW), ProviderUnavailable)


def test_vendor_texts_replace_the_body_in_errors() -> None:
    body = json.dumps({"ok": False, "texts": ["الاسم مستخدم", "second"]}).encode()
    error = _error(VENDOR, 422, body)
    assert error.problems == ("الاسم مستخدم", "second")
    assert "الاسم مستخدم; second" in str(error)
    assert error.body is None
    assert "<h1>Oops" in (_error(VENDOR, 502, b"<h1>Oops</h1>").body or "")
    assert _error(VENDOR, 502, b"").body is None


@pytest.mark.parametrize(
    "body",
    [
        f"<p>bad key {CANARY}</p>".encode(),
        json.dumps({"ok": False, "texts": [f"bad key {CANARY}"]}).encode(),
        json.dumps({"ok": False, "code": f"bad key {CANARY}"}).encode(),
        json.dumps({"message": CANARY}).encode(),
        json.dumps(CANARY).encode(),
    ],
)
def test_repeated_key_is_masked(body) -> None:
    reply = Reply(400, {}, body, lambda: (Secret(CANARY), Secret("")))
    error = VENDOR.error(reply, NOW) if b"ok" in body else ErrorMap().error(reply, NOW)
    assert error is not None
    assert CANARY.encode() not in pickle.dumps(error)
    assert CANARY not in f"{error} {error!r} {error.facts}"


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("https://login.example.com/x?token=canary", "login.example.com"),
        ("/login", "another path"),
        ("", "another path"),
        ("//evil.example", "evil.example"),
        ("https://user:canary@evil.example/", "evil.example"),
        ("http://[::1", "redirects"),
        ("https://h]/", "redirects"),
    ],
)
def test_redirect_error_names_the_host_only(location, host) -> None:
    reply = Reply(302, {"location": location}, b"")
    error = ErrorMap().error(reply, NOW)
    assert isinstance(error, MalformedResponse)
    assert host in str(error)
    assert "canary" not in str(error)
    assert "base_url" in str(error)


def test_retry_after_is_read_with_any_status() -> None:
    for status in (400, 429, 503):
        reply = Reply(status, {"retry-after": "Thu, 01 Oct 2026 08:01:00 GMT"}, b"")
        error = ErrorMap().error(reply, NOW)
        assert error is not None
        assert error.retry_after == 60


# ------------------------------------------------------------------------------------ credentials


async def test_key_is_one_header_with_its_prefix() -> None:
    outgoing = GET("/x").encode()
    key = await HeaderAuth("Authorization", Secret(CANARY), setting="k", prefix="Bearer ").acquire()
    assert key.headers(outgoing) == {"Authorization": f"Bearer {CANARY}"}
    assert key.secrets == (Secret(CANARY),)
    none = await NoAuth().acquire()
    assert (dict(none.headers(outgoing)), none.secrets) == ({}, ())


@pytest.mark.parametrize(
    "value", ["", " ", "key ", " key", "key\n", "ke\ty", "łódź", "k\x00", "k\r\nX: 1"]
)
def test_impossible_key_is_refused_by_its_setting(value) -> None:
    with pytest.raises(ConfigurationError, match="api_key") as caught:
        HeaderAuth("X", Secret(f"{value}"), setting="api_key")
    assert caught.value.field == "api_key"


def _error(errors: ErrorMap, status: int, body: bytes = b"") -> ProviderError:
    error = errors.error(Reply(status, {}, body), NOW)
    assert error is not None
    return error


def test_accepted_status_is_an_answer() -> None:
    table = ErrorMap(codes={"taken": NotFound}, read=lambda _: Failure(code="taken"))
    taken = Reply(409, {}, b'{"id": 7}')
    assert type(table.error(taken, NOW)) is NotFound
    accepting = table.accepting(409).with_codes({"other": Conflict})
    assert accepting.error(taken, NOW) is None
    assert type(accepting.error(Reply(404, {}, b""), NOW)) is NotFound
