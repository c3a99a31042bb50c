"""The base class of simulators: from a `Call` to an `Answer`, over a `World`. No sockets here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, ClassVar, Final
from urllib.parse import quote

from attrs import evolve, field, frozen

from conferencing.errors import ConferencingError, Conflict, InvalidRequest, NotFound
from conferencing.model import Anyone, EntryRule, Person, Role
from conferencing.model.secret import Secret
from conferencing.world import User, Visit, World

from .kit.fields import Fields
from .kit.quirks import Quirks, ReplyShape
from .kit.refusals import Problem, Refusal
from .webhooks import WebhookSender

__all__ = ["Answer", "Call", "EntryOption", "JoinTarget", "Simulator"]


@frozen(kw_only=True)
class Call:
    """A request as it arrived. `path` is below the simulator; neither it nor `query` is decoded."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def target(self) -> str:
        """Path and query as they arrived."""
        return f"{self.path}?{self.query}" if self.query else self.path


@frozen(kw_only=True)
class Answer:
    """A reply to send."""

    status: int = 200
    body: bytes = b""
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(factory=dict[str, str])

    @classmethod
    def json(cls, value: Any, status: int = 200) -> Answer:
        """Return an answer whose body is JSON."""
        return cls(status=status, body=json.dumps(value, ensure_ascii=False).encode())

    @classmethod
    def html(cls, text: str, status: int = 200) -> Answer:
        """Return an answer whose body is HTML."""
        return cls(status=status, body=text.encode(), media_type="text/html; charset=utf-8")

    def with_headers(self, headers: Mapping[str, str]) -> Answer:
        """Return the answer with more headers."""
        return evolve(self, headers={**self.headers, **headers})


@frozen(kw_only=True)
class EntryOption:
    """One way to be admitted by a join link: the rule to pass, and the role and person that follow.

    `token` is a personal token that the link itself contains, which is then not asked for.
    """

    rule: EntryRule = field(factory=Anyone)
    role: Role = Role.ATTENDEE
    person: Person | None = None
    token: Secret | None = None


@frozen(kw_only=True)
class JoinTarget:
    """What a join link opens: a room, and the entry options, any one of which admits."""

    room_id: str
    entry_options: tuple[EntryOption, ...] = (EntryOption(),)


class Simulator:
    """A simulated vendor. A subclass has a name, credentials, and answers calls.

    Its docstring lists what is documented, what was observed, and what is guessed.

    `dialects` are the generations of the vendor's API that it speaks, the usual one first.
    `address_key` is the key of an account that takes the address of a receiver, for vendors that
    report some things by callbacks alone.
    `copyable` says that the simulator keeps everything in attributes that `copy.deepcopy` can copy:
    the conformance suite then sets a world up once, and restores it before each further call.
    `default_quirks` are the behaviours that a test can turn on and off, with their defaults; the
    ones of an instance are in `quirks`. `shape` says which fields of replies the quirks vary, and
    `statuses` with which HTTP status the vendor refuses what the world refuses. A vendor that sends
    webhooks makes a sender in `reset` and keeps it in `webhooks`.
    """

    name: ClassVar[str]
    dialects: ClassVar[tuple[str, ...]] = ("",)
    address_key: ClassVar[str | None] = None
    copyable: ClassVar[bool] = False
    default_quirks: ClassVar[Mapping[str, bool]] = {}
    shape: ClassVar[ReplyShape] = ReplyShape()
    statuses: ClassVar[Mapping[type[ConferencingError], int]] = {
        NotFound: 404,
        Conflict: 409,
        InvalidRequest: 400,
    }
    quirks: dict[str, bool]
    webhooks: WebhookSender | None = None
    clock_start: datetime | None = None
    """When the world's clock starts; None is the default of `World`."""

    def __init__(
        self, *, seed: int = 0, real_time: bool = False, quirks: Mapping[str, bool] | None = None
    ) -> None:
        self.seed = seed
        self.real_time = real_time
        self.origin = "http://127.0.0.1"
        self._chosen_quirks = dict(quirks or {})
        self.reset()

    def reset(self) -> None:
        """Forget everything, and start again with the same seed, credentials and quirks."""
        self.world = self.new_world()
        if self.clock_start is not None:
            self.world.start = self.clock_start
        self.quirks = Quirks(self.default_quirks)
        for name, on in self._chosen_quirks.items():
            self.quirks[name] = on

    def new_world(self) -> World:
        """Return an empty world with ids as the vendor's."""
        return World(seed=self.seed, real_time=self.real_time)

    @property
    def host(self) -> User:
        """The first user of the world, who hosts the rooms that a test adds to it."""
        return next(iter(self.world.users.values()))

    def make_key(self, name: str, length: int) -> str:
        """Return hexadecimal digits for a credential, the same for the same seed and name."""
        return sha256(f"{self.name}/{self.seed}/{name}".encode()).hexdigest()[:length]

    @property
    def root(self) -> str:
        """The URL below which all paths of this vendor are."""
        return f"{self.origin}/{self.name}"

    def settings(self, dialect: str = "") -> dict[str, Any]:
        """Return the keys of an account on this simulator, credentials and `base_url` included."""
        raise NotImplementedError

    # -- calls

    async def prepare(self, call: Call) -> None:
        """Do what takes the network before a call is answered; nothing unless overridden.

        For vendors that check the address of a receiver while they are asked to use it.
        """

    def handle(self, call: Call) -> Answer:
        """Answer a call: what `answer` returns, or the error body of what it raises."""
        try:
            answer = self.answer(call)
        except Refusal as error:
            return self._apply_quirks(self.refuse(error, call), failed=True)
        except (NotFound, Conflict, InvalidRequest) as error:
            code = _CODES[type(error)]
            problem = Problem(error.message, error.field or "", code)
            refusal = Refusal(self.statuses[type(error)], problem)
            return self._apply_quirks(self.refuse(refusal, call), failed=True)
        if call.method == "DELETE" and self.quirks.get("empty_deletes"):
            return Answer(status=204)
        return self._apply_quirks(answer)

    def answer(self, call: Call) -> Answer:
        """Answer a call that may be refused. Raises `Refusal`, or one of `statuses`."""
        raise NotImplementedError

    def refuse(self, refusal: Refusal, call: Call) -> Answer:
        """Return the error body of a refused call, in the vendor's form."""
        return Answer.json({"message": refusal.message}, refusal.status)

    def fields(self, values: Mapping[str, Any], *, from_text: bool = False) -> Fields:
        """Return a reader of parameters that refuses as this vendor does; see `Fields`."""
        return Fields(
            values,
            status=self.statuses[InvalidRequest],
            from_text=from_text,
            strict=self.quirks.get("refuse_unknown", False),
        )

    def _apply_quirks(self, answer: Answer, *, failed: bool = False) -> Answer:
        if failed and answer.status != UNAUTHORIZED and self.quirks.get("failures_in_200"):
            answer = evolve(answer, status=200)
        varied = any(self.quirks.get(name) for name in ReplyShape.QUIRKS)
        if not varied or answer.media_type != "application/json" or not answer.body:
            return answer
        payload = self.shape.vary(json.loads(answer.body), self.quirks)
        return evolve(answer, body=Answer.json(payload).body)

    # -- join links

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        """Return what a join link of this vendor opens, by the parts of its path and its query.

        Raises `NotFound` for a link that leads nowhere and `Conflict` for one that is not open now.
        """
        raise NotFound("this link leads nowhere")

    def enter(
        self, join_target: JoinTarget, option: EntryOption, name: str, email: str | None
    ) -> Visit:
        """Admit a person who has passed an entry option.

        Raises `Conflict`, whose message is shown to the person. A vendor with rules of its own
        about who may come in now overrides this.
        """
        room = self.world.room(join_target.room_id)
        session = self.world.running(room.id)
        visits = self.world.visits_of(session.id) if session else ()
        inside = sum(visit.left_at is None for visit in visits)
        if room.capacity is not None and inside >= room.capacity:
            raise Conflict("this room is full")
        return self.world.enter(room.id, name, email, option.role)

    def join_url(self, *parts: str) -> str:
        """Return the URL of a join page; the vendor decides what its parts mean."""
        return "/".join((self.origin, "join", self.name, *(quote(part, safe="") for part in parts)))


UNAUTHORIZED: Final = 401

_CODES: Final = {NotFound: "not_found", Conflict: "conflict", InvalidRequest: "invalid"}
