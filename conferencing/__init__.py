"""One Python API for every meeting and webinar platform.

    async with conferencing.connect("main") as conference:
        room = await conference.create_room("Launch", kind="webinar")

A name is loaded when it is first used. Each public name is listed once, in the `__all__` of the
module that defines it.
"""

from .lazy import lazy_names

TYPE_CHECKING = False  # importing `typing` for it would take longer than all the rest
if TYPE_CHECKING:
    from . import sync as sync
    from .accounts.config import *
    from .accounts.context import *
    from .capabilities import *
    from .client.listing import *
    from .client.reconcile import *
    from .conference import *
    from .errors import *
    from .model import *
    from .provider import *
    from .serialization import *
    from .version import *
if not TYPE_CHECKING:  # a type checker that saw this would accept any name
    __getattr__, __dir__ = lazy_names(
        __name__,
        "errors",
        "model",
        "capabilities",
        "accounts.context",
        "accounts.config",
        "provider",
        "client.listing",
        "client.reconcile",
        "conference",
        "serialization",
        "version",
        submodules=("sync",),
    )
