"""Teams' simulator, which notes each exchange that Microsoft's metadata does not allow."""

from __future__ import annotations

from typing import ClassVar

from teams_spec import SPEC, reply_faults, request_faults

from conferencing.sandbox import Answer, Call
from conferencing_teams.simulator import TeamsSimulator

__all__ = ["CheckingTeams"]

ODD = frozenset(["wrapped_value", "text_session_times", "unknown_words", "extra_fields"])
"""Quirks by which replies are not as the metadata says, which is their purpose."""


class CheckingTeams(TeamsSimulator):
    """Check requests and replies where there is a copy of the metadata."""

    exchanges: ClassVar[list[int]] = [0, 0]
    violations: ClassVar[set[str]] = set()

    def handle(self, call: Call) -> Answer:
        answer = super().handle(call)
        if SPEC is None or not call.path.startswith("/v1.0/") or answer.status >= 300:
            return answer
        path = call.path.removeprefix("/v1.0")
        target = f"{path}?{call.query}" if call.query else path
        self.violations.update(request_faults(call.method, target, call.body))
        is_json = answer.media_type.startswith("application/json")
        if is_json and not any(self.quirks[name] for name in ODD):
            self.violations.update(reply_faults(call.method, path, answer.body))
        self.exchanges[0] += 1
        self.exchanges[1] += bool(answer.body)
        return answer

    @classmethod
    def forget(cls) -> None:
        """Begin to count anew."""
        cls.exchanges[:] = [0, 0]
        cls.violations.clear()
