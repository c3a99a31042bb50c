"""The conformance suite for adapters, and fakes for tests: a clock, a sandbox, a fault server.

    from conferencing.testing import ProviderSuite

    class TestAcme(ProviderSuite):
        provider = "acme"

That is the whole test file of a third party: see `ProviderSuite`. Names load at first use, and
pytest only where it runs.
"""

from conferencing.lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .clock import *
    from .operations import *
    from .scenario import *
    from .served import *
    from .server import *
    from .suite import *
else:
    __getattr__, __dir__ = lazy_names(
        __name__, "clock", "operations", "scenario", "served", "server", "suite"
    )
