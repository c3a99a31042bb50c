"""What simulators are built from, so that a simulator holds its vendor's rules and nothing else.

    Router       the table of routes; `@route("GET", "/rooms/{room}")` adds a function to it
    Fields       typed reading of parameters: `text`, `number`, `flag`, `choice`, `time`, …
    Refusal      the one exception that a route raises; `Simulator.refuse` writes the vendor's body
    Quirks       behaviours that a test turns on and off; `ReplyShape` says what of a reply varies
    page_by_…    pages by number, by offset and by cursor; `link_header` for RFC 8288
    TokenEndpoint  an OAuth 2.0 token endpoint: client credentials, refresh tokens, JWT bearer
    cut_range    the part of a file that a `Range` header asks for
    read_…       parameters from a query or a JSON body

A route is a plain function that takes the simulator, the `Fields` and the parts of its path, and
returns an `Answer`. It raises `Refusal`; `NotFound`, `Conflict` and `InvalidRequest` of the world
are turned into one by `Simulator.handle`.
"""

from conferencing.lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .fields import *
    from .oauth import *
    from .paging import *
    from .quirks import *
    from .ranges import *
    from .refusals import *
    from .routes import *
else:
    __getattr__, __dir__ = lazy_names(
        __name__, "fields", "oauth", "paging", "quirks", "ranges", "refusals", "routes"
    )
