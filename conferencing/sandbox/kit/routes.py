"""The table of routes: from a method and a path to the function that answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote

from attrs import frozen

__all__ = ["Route", "Router"]

F = TypeVar("F", bound=Callable[..., Any])


@frozen
class Route:
    """A function with its address. `parameters` are the documented names of what it reads."""

    method: str
    pattern: re.Pattern[str]
    function: Callable[..., Any]
    parameters: frozenset[str]

    def __call__(self, *arguments: Any, **parts: Any) -> Any:
        """Call the function."""
        return self.function(*arguments, **parts)


class Router:
    """Find the function for a method and a path such as `/conferences/{room}/sessions`.

    Each module of a simulator has a router of its own; `Router(rooms.route, people.route)` joins
    them. The first route that matches wins.
    """

    def __init__(self, *routers: Router) -> None:
        self.routes: list[Route] = [route for router in routers for route in router.routes]

    def __call__(self, method: str, template: str, *parameters: str) -> Callable[[F], F]:
        """Return a decorator that adds a function; the braces become its keyword arguments.

        `{name:pattern}` narrows a part to a regular expression.
        """
        pattern = re.sub(
            r"\{(\w+)(?::([^}]*))?\}", lambda m: f"(?P<{m[1]}>{m[2] or '[^/]+'})", template
        )

        def add(function: F) -> F:
            route = Route(method, re.compile(pattern), function, frozenset(parameters))
            self.routes.append(route)
            return function

        return add

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Return the route and the parts of the path, decoded; None if there is none."""
        for route in self.routes:
            match = route.pattern.fullmatch(path) if route.method == method else None
            if match:
                return route, {name: unquote(part) for name, part in match.groupdict().items()}
        return None
