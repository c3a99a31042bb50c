"""What is loaded when: events and verification need neither a web framework nor a database."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"aiohttp", "redis", "sqlite3", "msgspec", "conferencing.http", "conferencing.memory"}


@pytest.mark.parametrize(
    ("statement", "may_load"),
    [
        ("import conferencing.webhooks", set()),
        ("from conferencing.webhooks import SessionEnded, Delivery, check_hmac", set()),
        ("from conferencing.webhooks import attendance_from_events", set()),
        ("from conferencing.webhooks import Receiver, asgi_app, wsgi_app", {"msgspec"}),
        ("from conferencing.webhooks import sign_neutral", {"msgspec"}),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_is_not_needed_is_not_loaded(statement: str, may_load: set[str]) -> None:
    program = f"import sys\n{statement}\nprint(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(loaded.stdout.split()) & HEAVY == may_load


@pytest.mark.parametrize("module", ["conferencing.webhooks", "conferencing.sandbox"])
def test_every_public_name_is_there(module: str) -> None:
    package = __import__(module, fromlist=["__all__"])
    assert package.__all__ == sorted(set(package.__all__))
    assert all(getattr(package, name) is not None for name in package.__all__)
