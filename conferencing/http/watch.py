"""How long a request may take, watched by one timer for all that are on the wire in a loop.

aiohttp would start and stop three timers for each request, which costs more than all that this
library adds to it. Here a request is a member of a set while it is on its way, and the one timer
looks at them when the first of them could be late.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from aiohttp import StreamReader

__all__ = ["Limit", "Watch"]

OFTEN: Final = 0.5
"""Every so many seconds it is seen whether a body that comes in pieces has grown."""

ROUNDING: Final = 0.001


class Limit:
    """Be around one request, and raise `TimeoutError` in it when its time is over.

    Its time is over after `seconds`, and before that after so much silence: no head of a reply, or
    nothing more of its body.
    """

    __slots__ = ("_cancelling", "_content", "_end", "_heard", "_known", "_late", "_task", "_watch",
                 "due")  # fmt: skip

    def __init__(self, watch: Watch, now: float, seconds: float) -> None:
        task = asyncio.current_task()
        assert task is not None, "a call is made in a task"  # noqa: S101
        self._watch = watch
        self._task = task
        self._cancelling = task.cancelling()
        self._end = now + seconds
        self._heard = now
        self._content: StreamReader | None = None
        self._known = 0
        self._late = False
        self.due = min(self._end, now + watch.silence)

    @property
    def answered(self) -> bool:
        """Whether the head of the reply has come."""
        return self._content is not None

    def reading(self, content: StreamReader) -> None:
        """Note that the head has come, and that the body follows."""
        self._content = content
        if not content.is_eof():
            self._heard, self._known = self._watch.now(), content.total_bytes
            self._watch.look_by(self._heard + OFTEN)

    def look(self, now: float) -> bool:
        """Return whether the time is over, and cancel the task then; else `due` says when to look."""
        content = self._content
        if content is not None and content.total_bytes > self._known:
            self._heard, self._known = now, content.total_bytes
        over = min(self._end, self._heard + self._watch.silence)
        if now + ROUNDING >= over:
            self._late = True
            self._task.cancel()
        self.due = over if content is None else min(over, now + OFTEN)
        return self._late

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._watch.forget(self)
        # As in asyncio.timeout: whoever cancelled the task beside us wins.
        if self._late and self._task.uncancel() <= self._cancelling and isinstance(
            error, asyncio.CancelledError
        ):  # fmt: skip
            raise TimeoutError from None


class Watch:
    """Watch over the requests that are on the wire in the running loop."""

    def __init__(self, silence: float) -> None:
        loop = asyncio.get_running_loop()
        self.silence = silence
        self.now: Final = loop.time
        self._at: Final = loop.call_at
        self.limits: set[Limit] = set()
        self._timer: asyncio.TimerHandle | None = None

    def limit(self, seconds: float) -> Limit:
        """Return what to be in, with `with`, while a request is on the wire."""
        limit = Limit(self, self.now(), seconds)
        self.limits.add(limit)
        self.look_by(limit.due)
        return limit

    def forget(self, limit: Limit) -> None:
        """Let a request go that has ended."""
        self.limits.discard(limit)

    def look_by(self, moment: float) -> None:
        """Look at all of them then, or before."""
        if self._timer is None or moment < self._timer.when():
            self.stop()
            self._timer = self._at(moment, self._look)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer, now = None, self.now()
        self.limits = {one for one in self.limits if not one.look(now)}
        if self.limits:
            self.look_by(min(one.due for one in self.limits))
