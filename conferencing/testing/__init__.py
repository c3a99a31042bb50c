"""What proves an adapter right, and what plays a bad network; ships in the wheel.

    from conferencing.testing import ProviderSuite

    class TestAcme(ProviderSuite):
        provider = "acme"

That is a third party's whole test file: see `ProviderSuite`. Nothing is loaded until a name is
touched, and pytest only by what runs in it.
"""

from conferencing.lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .clock import *
    from .proxy import *
    from .served import *
    from .server import *
    from .suite import *
else:
    __getattr__ = lazy_names(__name__, "clock", "proxy", "served", "server", "suite")
