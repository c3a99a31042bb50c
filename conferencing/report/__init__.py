"""The attendance report: who was there and who was not, as facts, and as files that people open.

    report = await collect_report(conference, room)
    write_report(report, "report.html")  # .pdf .csv .xlsx .json .parquet

Nothing is loaded until a name is touched.
"""

from conferencing.lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .collect import *
    from .facts import *
    from .values import *
    from .write import *
else:
    __getattr__ = lazy_names(__name__, "collect", "facts", "values", "write")
