"""Local stand-ins of the vendors: for the first minute, for our tests, and for yours.

    async with Sandbox(["clickmeeting"]) as sandbox:
        async with conferencing.connect(sandbox.account("clickmeeting")) as conference: ...

Nothing is loaded until a name is touched.
"""

from conferencing.lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from conferencing.world import *

    from .faults import *
    from .server import *
    from .simulator import *
else:
    __getattr__ = lazy_names(__name__, "faults", "server", "simulator", "conferencing.world")
