"""Register many people from a spreadsheet: none is lost and none is registered twice.

    result = await conference.register_many(room, "people.csv", journal="people.journal")

A name is loaded when it is first used.
"""

from conferencing.lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .journal import *
    from .result import *
    from .roster import *
else:
    __getattr__, __dir__ = lazy_names(__name__, "journal", "result", "roster")
