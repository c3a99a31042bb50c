"""Events that vendors push: verified, in neutral terms, handed over once.

    receiver = conference.webhooks.receiver(handle, store="sqlite:events.db")
    app.router.add_post("/webhooks", aiohttp_handler(receiver))

A module is loaded when one of its names is first used.
"""

from conferencing.lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .attendance import *
    from .claims import *
    from .events import *
    from .neutral import *
    from .reader import *
    from .receiver import *
    from .request import *
    from .stores import *
    from .verification import *
    from .web import *
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        "events",
        "request",
        "verification",
        "attendance",
        "neutral",
        "claims",
        "reader",
        "stores",
        "receiver",
        "web",
    )
