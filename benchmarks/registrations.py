"""A vendor that registers whoever is sent, twice if sent twice, and can limit its calls."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from urllib.parse import parse_qs

from server import Received, Reply, reply

__all__ = ["Registrations", "people"]


class Registrations:
    """Speak ClickMeeting's registration and its list. `rate` calls a second are let through."""

    def __init__(self, rate: int | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self.refused = 0
        self._rate = rate
        self._recent: deque[float] = deque()

    def __call__(self, request: Received) -> Reply:
        if not self._permits(time.monotonic()):
            self.refused += 1
            return reply(b"{}", 429, retry_after="1")
        if request.method == "GET":
            return reply(json.dumps([_row(email) for email in self.counts]).encode())
        email = parse_qs(request.body.decode())["registration[3]"][0]
        self.counts[email] += 1
        url = f"https://example.com/room/{self.counts.total()}"
        return reply(json.dumps({"status": "OK", "exist": 0, "url": url}).encode())

    def missing(self, count: int) -> list[str]:
        """Return who of the first so many people is not registered."""
        return [row["email"] for row in people(count) if row["email"] not in self.counts]

    def doubled(self) -> list[str]:
        """Return who is registered more than once."""
        return [email for email, times in self.counts.items() if times > 1]

    def _permits(self, now: float) -> bool:
        if self._rate is None:
            return True
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= self._rate:
            return False
        self._recent.append(now)
        return True


def people(count: int) -> list[dict[str, str]]:
    """Return the rows of a roster."""
    return [
        {"email": f"person{number}@example.com", "first_name": "Ann", "last_name": f"Lee {number}"}
        for number in range(count)
    ]


def _row(email: str) -> dict[str, object]:
    return {"id": email, "email": email, "first_name": "Ann", "last_name": "Lee"}
