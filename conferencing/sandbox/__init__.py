"""Local simulators of vendors, for a first try and for tests.

    async with Sandbox(["clickmeeting"]) as sandbox:
        async with conferencing.connect(sandbox.account("clickmeeting")) as conference: ...

`conferencing.sandbox.kit` has what simulators are built from. A module is loaded when one of its
names is first used.
"""

from conferencing.lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from conferencing.world import *

    from .faults import *
    from .served import *
    from .server import *
    from .simulator import *
    from .webhooks import *
else:
    __getattr__, __dir__ = lazy_names(
        __name__, "faults", "served", "server", "simulator", "webhooks", "conferencing.world"
    )
