"""Bringing many people into a room from a spreadsheet: none lost, none doubled.

    result = await conference.register_many(room, "people.csv", journal="people.journal")

Nothing is loaded until a name is touched.
"""

from conferencing.lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .journal import *
    from .result import *
    from .roster import *
else:
    __getattr__ = lazy_names(__name__, "journal", "result", "roster")
