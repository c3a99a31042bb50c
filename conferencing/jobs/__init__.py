"""Register very many people as jobs of a task queue: none is lost and none is registered twice.

    journal = open_journal("postgresql://…")
    for batch in batches({("main", room.id): "people.csv"}):
        result = await run_batch(conference, batch, journal)

`conferencing.jobs.procrastinate` and `conferencing.jobs.taskiq` bind task queues. A name is loaded
when it is first used.
"""

from conferencing.lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .accounts import *
    from .batch import *
    from .journal import *
    from .records import *
    from .register import *
    from .work import *
else:
    __getattr__, __dir__ = lazy_names(
        __name__, "accounts", "batch", "journal", "records", "register", "work"
    )
