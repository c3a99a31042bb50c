"""Where the warehouse is: pipelines for DuckDB and PostgreSQL, and what keeps them apart."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from conferencing.errors import ConfigurationError, Conflict
from conferencing.locks import FileInUse, FileLock

from .source import import_dlt

__all__ = ["open_pipeline"]

POSTGRES: Final = ("postgresql", "postgres")


def open_pipeline(
    to: str | os.PathLike[str],
    *,
    dataset: str = "conferencing",
    name: str = "conferencing",
    folder: str | os.PathLike[str] | None = None,
) -> Any:
    """Return a dlt pipeline that fills a DuckDB file or a PostgreSQL database.

    `to` is the path of a file, or an address `postgresql://user:password@host:5432/database`, in which
    the password may be left out.
    `dataset` is the schema in it that holds the tables. Pipelines that fill one dataset at the same
    time need different names; one `name` belongs to one set of accounts, because it keeps how far
    they have been read. `folder` is where dlt keeps its files; by default, a folder of its own for
    each dataset below dlt's usual one. Raises `ConfigurationError` for a name that cannot be used.
    """
    dlt = import_dlt()
    target = os.fspath(to)
    scheme, separator, _ = target.partition("://")
    if separator and scheme not in POSTGRES:
        raise ConfigurationError(
            f"a warehouse is the path of a DuckDB file or a postgresql:// address, not {scheme}://",
            field="to",
        )
    if separator:
        destination = dlt.destinations.postgres(credentials=_check_address(target))
    else:
        destination = dlt.destinations.duckdb(credentials=_check_file(Path(target), dataset))
    pipeline = dlt.pipeline(
        name,
        destination=destination,
        dataset_name=dataset,
        pipelines_dir=os.fspath(folder or _find_folder(dlt, target, dataset)),
    )
    separate_staging(pipeline)
    return pipeline


def separate_staging(pipeline: Any) -> None:
    """Give a pipeline a staging dataset of its own.

    Pipelines that fill one dataset share its staging dataset by default, and truncate what the others
    have put there: rows are lost without an error (https://github.com/dlt-hub/dlt/issues/4297).
    """
    layout = f"%s_staging_{pipeline.pipeline_name}"
    pipeline.destination.config_params["staging_dataset_name_layout"] = layout


@contextmanager
def hold_pipeline(pipeline: Any) -> Generator[None]:
    """Let one harvest of this pipeline run at a time. Raises `Conflict` if another one runs."""
    path = Path(pipeline.pipelines_dir, f"{pipeline.pipeline_name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    busy = Conflict(
        f"another harvest of the pipeline {pipeline.pipeline_name!r} is running; wait for it, or"
        " harvest other accounts under another name",
        retryable=True,
    )
    with ExitStack() as stack:
        try:
            stack.enter_context(FileLock(path, "the lock of the pipeline"))
        except FileInUse:
            raise busy from None
        if _is_postgres(pipeline):  # the other one may run on another machine
            client = stack.enter_context(pipeline.sql_client())
            number = _hash(f"{pipeline.dataset_name}/{pipeline.pipeline_name}")
            if not client.execute_sql("SELECT pg_try_advisory_lock(%s)", number)[0][0]:
                raise busy
        yield


def make_tables(pipeline: Any) -> None:
    """Create missing tables and columns, one pipeline after another.

    PostgreSQL fails if two sessions create the same schema or table at the same moment.
    """
    with ExitStack() as stack:
        if _is_postgres(pipeline):
            client = stack.enter_context(pipeline.sql_client())
            client.execute_sql("SELECT pg_advisory_lock(%s)", _hash(pipeline.dataset_name))
        pipeline.sync_schema()


def _check_file(path: Path, dataset: str) -> str:
    """Return the path. Raises `ConfigurationError` for a name that DuckDB cannot tell apart."""
    if path.stem.casefold() == dataset.casefold():
        raise ConfigurationError(
            f"{path}: DuckDB cannot tell the file from the dataset, because both are named"
            f" {dataset!r}; name the file otherwise, such as warehouse.duckdb",
            field="to",
        )
    if not path.parent.is_dir():
        raise ConfigurationError(f"there is no folder {str(path.parent)!r}", field="to")
    return str(path.resolve())


def _check_address(address: str) -> str:
    """Return the address, with an empty password if it has none, which dlt insists on.

    PostgreSQL then takes the password from a `.pgpass` file, or needs none.
    """
    place = urlsplit(address)
    if not place.username or not place.path.strip("/"):
        raise ConfigurationError(
            "the address of the warehouse needs a user and a database:"
            " postgresql://user@host:5432/database",
            field="to",
        )
    if place.password is not None:
        return address
    return address.replace("@", ":@", 1)


def _find_folder(dlt: Any, target: str, dataset: str) -> Path:
    """Return a folder of dlt for this dataset alone.

    In a shared one, a pipeline would go on where another dataset has arrived, and leave out rows.
    """
    address = urlsplit(target) if "://" in target else None
    place = (
        f"{address.hostname}:{address.port}{address.path}" if address else Path(target).resolve()
    )
    digest = sha256(f"{place} {dataset}".encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return Path(dlt.common.pipeline.get_dlt_pipelines_dir(), f"conferencing-{digest}")


def _is_postgres(pipeline: Any) -> bool:
    return bool(pipeline.destination.destination_type.endswith(".postgres"))


def _hash(text: str) -> int:
    """Return a number for an advisory lock of PostgreSQL: 64 bits with a sign."""
    digest = sha256(f"conferencing {text}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
