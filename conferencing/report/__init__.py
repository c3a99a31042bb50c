"""Attendance reports: who attended and who did not, as values and as files.

    report = await collect_report(conference, room)
    write_report(report, "report.html")  # .pdf .csv .xlsx .json .parquet

A module is loaded when one of its names is first used.
"""

from conferencing.lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .build import *
    from .collect import *
    from .language import *
    from .tables import *
    from .values import *
    from .write import *
else:
    __getattr__, __dir__ = lazy_names(
        __name__, "build", "collect", "language", "tables", "values", "write"
    )
