"""Parts of files, as downloads that go on ask for them."""

from __future__ import annotations

import re
from http import HTTPStatus

from attrs import evolve

from conferencing.sandbox.simulator import Answer

__all__ = ["cut_range"]


def cut_range(whole: Answer, wanted: str, if_range: str | None) -> Answer:
    """Return the part of a file that a `Range` header asks for (RFC 9110, section 14)."""
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted)
    if match is None or if_range not in {None, whole.headers["ETag"]}:
        return whole
    size = len(whole.body)
    start, end = int(match[1]), min(int(match[2] or size - 1), size - 1)
    if start > end:
        cut = evolve(whole, status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, body=b"")
        return cut.with_headers({"Content-Range": f"bytes */{size}"})
    part = evolve(whole, status=HTTPStatus.PARTIAL_CONTENT, body=whole.body[start : end + 1])
    return part.with_headers({"Content-Range": f"bytes {start}-{end}/{size}"})
