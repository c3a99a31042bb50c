"""Recordings and transcripts: two lists of each meeting, or of each organizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from conferencing.errors import NotAvailable, NotFound, PermissionDenied
from conferencing.http import GET, Reply, Request
from conferencing.model import Recording

from .client import GraphProvider, MeetingPath
from .wire import recordings
from .wire.recordings import Media, Source, add_transcripts, list_during

__all__ = ["list_during", "list_of_meeting", "list_of_owner"]

ALL: Final = "/users/{{owner}}/onlineMeetings/{function}(meetingOrganizerUserId='{{owner}}')"


async def list_of_meeting(
    graph: GraphProvider, path: MeetingPath, source: Source
) -> list[Recording]:
    """Return the recordings of a meeting, each with its transcript."""
    return await _combine(
        graph,
        (path.add(GET("/recordings")), partial(recordings.read_recordings, source=source)),
        (path.add(GET("/transcripts")), partial(recordings.read_transcripts, source=source)),
    )


async def list_of_owner(graph: GraphProvider, source: Source) -> list[Recording]:
    """Return the recordings of all meetings of an organizer, each with its transcript."""
    videos = GET(ALL.format(function="getAllRecordings"), owner=source.owner)
    texts = GET(ALL.format(function="getAllTranscripts"), owner=source.owner)
    return await _combine(
        graph,
        (videos, partial(recordings.read_recordings, source=source)),
        (texts, partial(recordings.read_transcripts, source=source)),
    )


List = tuple[Request, Callable[[Reply], Sequence[Media]]]


async def _combine(graph: GraphProvider, videos: List, texts: List) -> list[Recording]:
    """Return recordings with transcripts; without them, where the account may not read those."""
    listed = await _collect(graph, videos)
    try:
        transcripts = await _collect(graph, texts)
    except (NotFound, NotAvailable, PermissionDenied):
        # Transcripts need a permission of their own, and a tenant may switch them off
        # (docs/vendors/teams.md#errors).
        transcripts = []
    return add_transcripts(listed, transcripts)


async def _collect(graph: GraphProvider, listing: List) -> list[Media]:
    request, read = listing
    return [media async for page in graph.list_pages(request, read) for media in page]
