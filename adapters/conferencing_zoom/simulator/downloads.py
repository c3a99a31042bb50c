"""Downloads, whose URLs lie outside of the API: docs/vendors/zoom.md#downloads"""

from __future__ import annotations

import hmac
import re
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit

from conferencing.sandbox.kit import Refusal, cut_range
from conferencing.sandbox.simulator import Answer, Call

from .state import ZoomState
from .tokens import ZoomTokens

__all__ = ["answer_file"]

SIGNED_FOR: Final = timedelta(minutes=5)
REFUSED: Final = "<!doctype html><title>Error - Zoom</title><p>Forbidden. Please sign in."
OK, FOUND = 200, 302


def answer_file(simulator: ZoomState, tokens: ZoomTokens, call: Call) -> Answer | None:
    """Answer a download, or the signed URL that it leads to; None for any other path.

    What is refused is an HTML page with 200: docs/vendors/zoom.md#oddity-14
    """
    match = re.fullmatch(r"/rec/(download|file)/([0-9a-f-]+)", call.path)
    if match is None:
        return None
    kind, file_id = match.groups()
    if kind == "file":
        return _answer_signed(simulator, call, file_id)
    if file_id not in _list_kept_files(simulator) or not _is_allowed(simulator, tokens, call):
        return Answer.html(REFUSED)
    return Answer(status=FOUND).with_headers({"Location": _sign(simulator, file_id)})


def _list_kept_files(simulator: ZoomState) -> set[str]:
    """Return the files of recordings that are not in the trash."""
    world = simulator.world
    return {key for name in world.recordings for key in world.file_ids.get(name, (name,))}


def _is_allowed(simulator: ZoomState, tokens: ZoomTokens, call: Call) -> bool:
    """Return whether a call has an access token, or a token for downloads, in its header."""
    authorization = call.headers.get("authorization", "")
    expires = simulator.download_tokens.get(authorization.partition(" ")[2])
    if expires is not None and expires > simulator.world.now:
        return True
    try:
        tokens.read_caller(authorization)
    except Refusal:
        return False
    return True


def _signature(simulator: ZoomState, text: str) -> str:
    return hmac.digest(simulator.secret_token.encode(), text.encode(), "sha256").hex()


def _sign(simulator: ZoomState, file_id: str) -> str:
    """Return the signed URL of a file, on another host with the quirk `other_file_host`."""
    origin = simulator.root
    if simulator.quirks["other_file_host"]:
        parts = urlsplit(simulator.root)
        origin = f"{parts.scheme}://localhost:{parts.port}{parts.path}"
    expires = str(int((simulator.world.now + SIGNED_FOR).timestamp()))
    signature = _signature(simulator, f"{file_id}/{expires}")
    return f"{origin}/rec/file/{quote(file_id)}?Expires={expires}&Signature={signature}"


def _answer_signed(simulator: ZoomState, call: Call, file_id: str) -> Answer:
    query = dict(parse_qsl(call.query))
    expires = query.get("Expires", "")
    signed = hmac.compare_digest(
        _signature(simulator, f"{file_id}/{expires}").encode(),
        query.get("Signature", "").encode(),
    )
    ended = not expires.isdecimal() or int(expires) < simulator.world.now.timestamp()
    if not signed or ended or file_id not in simulator.world.files:
        return Answer.html("<h1>403 Forbidden</h1>", 403)
    content = simulator.world.files[file_id]
    media_type = _media_type(content)
    name = f"recording.{media_type.rpartition('/')[2]}"
    whole = Answer(body=content, media_type=media_type).with_headers({
        "Accept-Ranges": "bytes",
        "ETag": f'"{simulator.make_key(file_id, 16)}"',
        "Content-Disposition": f'attachment; filename="{name}"',
    })  # fmt: skip
    return cut_range(whole, call.headers.get("range", ""), call.headers.get("if-range"))


def _media_type(content: bytes) -> str:
    if content.startswith(b"WEBVTT"):
        return "text/vtt"
    return "video/mp4" if content[4:8] == b"ftyp" else "text/plain"
