"""What a simulator is: a vendor's face of a `World`, from a `Call` to an `Answer`. No sockets here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote, unquote

from attrs import evolve, field, frozen

from conferencing.errors import Conflict, NotFound
from conferencing.model import Anyone, EntryRule, Person, Role
from conferencing.model.secret import Secret
from conferencing.world import Visit, World

__all__ = ["Answer", "Call", "EntryOption", "JoinTarget", "Router", "Simulator"]

H = TypeVar("H", bound=Callable[..., Any])


@frozen(kw_only=True)
class Call:
    """A request as it arrived: `path` is below the simulator and not decoded, nor is `query`."""

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
    """A reply to be."""

    status: int = 200
    body: bytes = b""
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(factory=dict[str, str])

    @classmethod
    def json(cls, value: Any, status: int = 200) -> Answer:
        """Answer with JSON."""
        return cls(status=status, body=json.dumps(value, ensure_ascii=False).encode())

    def with_headers(self, headers: Mapping[str, str]) -> Answer:
        """Return the same answer with more headers."""
        return evolve(self, headers={**self.headers, **headers})


@frozen(kw_only=True)
class EntryOption:
    """One way through a door: what is asked for, and as whom one comes in then.

    `brought` is a token that the link itself brings along, so that nobody has to type it.
    """

    rule: EntryRule = field(factory=Anyone)
    role: Role = Role.ATTENDEE
    person: Person | None = None
    brought: Secret | None = None


@frozen(kw_only=True)
class JoinTarget:
    """What a join link opens: a room, and ways in of which any one does."""

    room_id: str
    entry_options: tuple[EntryOption, ...] = (EntryOption(),)


class Simulator:
    """Stand in for one vendor. A subclass names itself and answers calls.

    Every subclass says in its docstring what of it is documented, what was observed, and what is
    guessed. `switches` turn odd behaviours on and off by name; an unknown one is a `KeyError`.
    `dialects` are the generations of the vendor's API that it speaks, the usual one first.
    """

    name: ClassVar[str]
    dialects: ClassVar[tuple[str, ...]] = ("",)
    quirks: dict[str, bool]

    def __init__(self, *, seed: int = 0, real_time: bool = False) -> None:
        self.seed = seed
        self.real_time = real_time
        self.origin = "http://127.0.0.1"
        self.reset()

    def reset(self) -> None:
        """Forget everything and begin anew with the same seed and credentials."""
        self.world = self.new_world()

    def new_world(self) -> World:
        """Return an empty world with ids in the vendor's manner."""
        return World(seed=self.seed, real_time=self.real_time)

    @property
    def root(self) -> str:
        """The address that all paths of this vendor are below."""
        return f"{self.origin}/{self.name}"

    def settings(self, dialect: str = "") -> dict[str, Any]:
        """Return the keys to put into an account, credentials and `base_url` included."""
        raise NotImplementedError

    def handle(self, call: Call) -> Answer:
        """Answer a call."""
        raise NotImplementedError

    def join_target(self, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
        """Return what one of our join links opens, known by its `parts` and its query.

        Raises `NotFound` for a link that leads nowhere and `Conflict` for one that is not open now.
        """
        raise NotFound("this link leads nowhere")

    def enter(
        self, join_target: JoinTarget, way: EntryOption, name: str, email: str | None
    ) -> Visit:
        """Let somebody in who has what the way asks for. Raises `Conflict` with a text for people.

        A vendor with rules of its own about who may come in now overrides this.
        """
        capacity, session = (
            self.world.room(join_target.room_id).capacity,
            self.world.running(join_target.room_id),
        )
        stays = self.world.visits_of(session.id) if session else ()
        if capacity is not None and sum(one.left_at is None for one in stays) >= capacity:
            raise Conflict("this room is full")
        return self.world.enter(join_target.room_id, name, email, way.role)

    def join_url(self, *parts: str) -> str:
        """Return an address of the join page; the vendor decides what its parts mean."""
        return "/".join((self.origin, "join", self.name, *(quote(part, safe="") for part in parts)))


class Router:
    """Find the function for a method and a path such as `/conferences/{room}/sessions`."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Any]]] = []

    def __call__(self, method: str, template: str) -> Callable[[H], H]:
        """Return a decorator that binds a function; the braces become its keyword arguments.

        `{name:pattern}` narrows a part. The first route that fits wins.
        """
        pattern = re.sub(
            r"\{(\w+)(?::([^}]*))?\}", lambda m: f"(?P<{m[1]}>{m[2] or '[^/]+'})", template
        )

        def bind(function: H) -> H:
            self._routes.append((method, re.compile(pattern), function))
            return function

        return bind

    def find(self, method: str, path: str) -> tuple[Callable[..., Any], dict[str, str]] | None:
        """Return the function and its arguments, or None."""
        for known, pattern, function in self._routes:
            found = pattern.fullmatch(path) if known == method else None
            if found:
                return function, {name: unquote(part) for name, part in found.groupdict().items()}
        return None
