"""Load rooms, sessions, attendance and registrations of many accounts into a database, by dlt.

    harvest("warehouse.duckdb", ["main", "school"], pseudonym_key=key)

A name is loaded when it is first used. `docs/warehouse.md` describes the tables.
"""

from conferencing.lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .destinations import *
    from .harvesting import *
    from .people import *
    from .source import *
else:
    __getattr__, __dir__ = lazy_names(__name__, "destinations", "harvesting", "people", "source")
