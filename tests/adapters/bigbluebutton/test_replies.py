"""Replies as servers of several ages send them, and what no server should send."""

from __future__ import annotations

import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import conferencing
from conferencing import (
    FileKind,
    MalformedResponse,
    NotFound,
    ProviderUnavailable,
    RecordingStatus,
    Role,
    connect,
)
from conferencing.http import Reply
from conferencing.http.provider import read_reply
from conferencing.testing import FakeClock, FaultServer, Step, endless, read, reply, send
from conferencing_bigbluebutton.wire import base, hooks, recordings, rooms, sessions
from conferencing_bigbluebutton.wire.people import to_role
from conferencing_bigbluebutton.wire.xml import MAX_ELEMENTS, parse_xml

SAMPLES = Path(__file__).parent / "samples"
FAILURES: dict[str, list[Any]] = json.loads((SAMPLES / "failures.json").read_text("utf-8"))
NOW = datetime(2026, 10, 1, 8, tzinfo=UTC)
INTERNAL = "183f0bf3a0982a127bdb8161e0c44eb696b3e75c-1531240585189"


@pytest.mark.parametrize("name", FAILURES)
def test_failure_is_read_by_its_key(name: str) -> None:
    body, status, kind, code = FAILURES[name]
    error = base.ERRORS.error(Reply(status, {}, body.encode()), NOW)
    assert isinstance(error, getattr(conferencing, kind))
    assert (error.code, error.status) == (code, status)


@pytest.mark.parametrize(
    "name",
    [
        "create.xml", "create_again.xml", "create_bare.xml", "meeting_info.xml", "meetings.xml",
        "no_meetings.xml", "recordings.xml", "no_recordings.xml", "hook.xml", "hooks.xml", "tracks.json",
    ],
)  # fmt: skip
def test_success_is_no_failure(name: str, sample: Any) -> None:
    assert base.ERRORS.error(sample(name), NOW) is None


def test_text_of_a_failure_inside_a_success_is_none() -> None:
    fake = b"<response><returncode>FAILED</returncode>"
    body = b"<response><returncode>SUCCESS</returncode><meetingName><![CDATA["
    reply_ = Reply(200, {}, body + fake + b"]]></meetingName></response>")
    assert base.ERRORS.error(reply_, NOW) is None
    assert base.read_response(reply_)["meetingName"] == fake.decode()


def test_created_meeting_is_read(sample: Any) -> None:
    for name in ("create.xml", "create_again.xml"):
        run = rooms.read_created(sample(name), meeting="m", name="n")
        assert run.create_time == 1531155809613
        assert run.session_id == "m:8043c845a77b6a3f1a2b6d4d7a6b0d7c7f4a0e11-1531155809613"
        assert (run.attendee_password, run.moderator_password) == ("ap", "mp")


def test_creation_that_says_nothing_is_no_error(sample: Any) -> None:
    run = rooms.read_created(sample("create_bare.xml"), meeting="m", name="n")
    assert (run.meeting, run.session_id, run.create_time) == ("m", None, None)


def test_meeting_is_read_with_its_people(sample: Any) -> None:
    meeting = rooms.read_meeting(sample("meeting_info.xml"))
    room = rooms.to_room(None, meeting, NOW)
    assert (room.id, room.name, room.status, room.capacity) == (
        "Demo Meeting", "Demo & Meeting", "live", 20,
    )  # fmt: skip
    assert meeting.native["metadata"] == {"bbb-origin": "Moodle", "empty": ""}
    assert str(meeting.native["moderatorPW"]) == "***"
    stu, zoe = sessions.read_attendees(sample("meeting_info.xml"))
    assert (stu.id, stu.name, stu.role) == ("w_2wzzszfaptsp", "stu", "VIEWER")
    assert (zoe.id, zoe.name, zoe.role) == ("zoe@example.com", "Zoë Hart", "MODERATOR")


def test_single_meeting_is_a_list(sample: Any) -> None:
    (meeting,) = rooms.read_meetings(sample("meetings.xml"))
    room = rooms.to_room(None, meeting, NOW)
    assert (room.status, room.capacity) == ("open", None)  # 0 is not a limit; nobody is in it yet
    assert rooms.read_meetings(sample("no_meetings.xml")) == []


def test_meeting_that_cannot_be_read_costs_no_other() -> None:
    good = "<meeting><meetingID>m</meetingID><internalMeetingID>i</internalMeetingID></meeting>"
    odd = "<meeting><meetingID>n</meetingID></meeting>"
    body = f"<response><returncode>SUCCESS</returncode><meetings>{odd}{good}</meetings></response>"
    page: Any = read_reply(Reply(200, {}, body.encode()), rooms.read_meetings)
    assert [meeting.id for meeting in page] == ["m"]
    assert "internalMeetingID" in page.problems[0]


def test_recordings_are_read_with_their_forms(sample: Any) -> None:
    ready, processing, hidden = recordings.read_recordings(sample("recordings.xml"))
    assert (ready.status, ready.duration) == (
        RecordingStatus.READY, timedelta(seconds=89, milliseconds=332),
    )  # fmt: skip
    assert [(file.kind, file.name, file.size) for file in ready.files] == [
        (FileKind.AUDIO, "podcast", 1104), (FileKind.UNKNOWN, "presentation", None),
    ]  # fmt: skip
    assert ready.files[1].url.endswith("?meetingId=ffbfc4cc")
    assert ready.session_id == f"{ready.room_id}:{ready.id}"
    assert (processing.status, processing.files, processing.duration) == (
        RecordingStatus.PROCESSING, (), None,
    )  # fmt: skip
    assert (hidden.status, hidden.files[0].kind) == (RecordingStatus.READY, FileKind.VIDEO)
    assert recordings.read_recordings(sample("no_recordings.xml")) == []


def test_text_tracks_are_captions(sample: Any) -> None:
    english, brazilian = recordings.read_tracks(sample("tracks.json"))
    assert (english.kind, english.name, english.media_type) == (
        FileKind.CAPTIONS, "English", "text/vtt",
    )  # fmt: skip
    assert brazilian.url.endswith("pt-BR.vtt")


def test_hooks_of_both_ages_are_read(sample: Any) -> None:
    assert hooks.read_hook(sample("hook.xml"), url="u", meeting=None).id == "1"
    first, second = hooks.read_hooks(sample("hooks.xml"))
    assert first.callbackURL == "http://postcatcher.in/catchers/abc?a=1&b=2"
    assert str(second.hookID) == "2"


def test_roles_are_read_in_any_case() -> None:
    assert [to_role(word) for word in ("moderator", "VIEWER", "COHOST", None)] == [
        Role.HOST, Role.ATTENDEE, Role.UNKNOWN, Role.UNKNOWN,
    ]  # fmt: skip


# -------------------------------------------------------------------------------- hostile replies

BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">
<!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">
]><response><returncode>SUCCESS</returncode><running>&lol3;</running></response>"""
FILE = """<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]>
<response><returncode>SUCCESS</returncode><running>&f;</running></response>"""
HOSTILE = {
    "nothing": b"",
    "text": b"nothing of ours",
    "JSON": b'{"returncode": "SUCCESS"}',
    "a web page": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "a page in XML": b"<html><response>SUCCESS</response></html>",
    "another root": b"<reply><returncode>SUCCESS</returncode></reply>",
    "a root without elements": b"<response>SUCCESS</response>",
    "no code": b"<response><running>true</running></response>",
    "another code": b"<response><returncode>MAYBE</returncode></response>",
    "cut": b"<response><returncode>SUCCESS</returncode><running>tr",
    "unbalanced": b"<response><returncode>SUCCESS</returncode></respons>",
    "two documents": b"<response><returncode>SUCCESS</returncode></response><response/>",
    "bytes that are not UTF-8": b"<response><returncode>SUCCESS\xff</returncode></response>",
    "an unknown encoding": b'<?xml version="1.0" encoding="zzz"?><response/>',
    "an entity bomb": BOMB.encode(),
    "a file as entity": FILE.encode(),
    "an unknown entity": b"<response><returncode>&success;</returncode></response>",
    "deep": b"<response>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</response>",
    "many elements": b"<response>" + b"<a/>" * (MAX_ELEMENTS + 1) + b"</response>",
    "many ends": b"<" * (2 * MAX_ELEMENTS + 1),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_reply_is_malformed(name: str) -> None:
    with pytest.raises(MalformedResponse) as caught:
        read_reply(Reply(200, {}, HOSTILE[name]), base.read_response)
    assert caught.value.path is not None
    assert len(str(caught.value)) < 2000
    assert "lollol" not in str(caught.value.facts)


def test_byte_order_mark_and_utf16_are_xml() -> None:
    text = "<response><returncode>SUCCESS</returncode><name>Łódź</name></response>"
    for body in (b"\xef\xbb\xbf" + text.encode(), text.encode("utf-16")):
        assert parse_xml(body)["name"] == "Łódź"


def test_large_reply_of_this_vendor_is_read() -> None:
    row = (
        "<attendee><userID>{}</userID><fullName>P</fullName><role>VIEWER</role>"
        "<isPresenter>false</isPresenter><isListeningOnly>false</isListeningOnly>"
        "<hasJoinedVoice>false</hasJoinedVoice><hasVideo>false</hasVideo>"
        "<clientType>HTML5</clientType></attendee>"
    )
    people = "".join(row.format(number) for number in range(5_000))
    body = f"<response><returncode>SUCCESS</returncode><attendees>{people}</attendees></response>"
    assert len(sessions.read_attendees(Reply(200, {}, body.encode()))) == 5_000


ATTENDEE = b"<attendee><userID>w_abcdefghijkl</userID><fullName>P</fullName></attendee>"
HEAD = b"<response><returncode>SUCCESS</returncode><attendees>"


async def ask(clock: FakeClock, *steps: Step) -> Any:
    """Ask a server for a meeting, which answers by these steps, and return the error."""
    async with FaultServer([read, *steps]) as server:
        account = {
            "provider": "bigbluebutton", "base_url": f"{server.url}/bigbluebutton/", "secret": "s",
            "room_store": "memory", "retries": 0,
        }  # fmt: skip
        async with connect(account, clock=clock) as conference:
            with pytest.raises(conferencing.ProviderError) as caught:
                await conference.get_room("m")
        assert server.requests[0].path == "/bigbluebutton/api/getMeetingInfo"
    return caught.value


async def test_million_attendees_are_refused_in_little_memory(clock: FakeClock) -> None:
    head = b"HTTP/1.1 200 X\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n" + HEAD
    tracemalloc.start()
    try:
        error = await ask(clock, send(head), endless(ATTENDEE * 1000))
        peak = tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
    assert isinstance(error, MalformedResponse)
    assert peak < 48  # MiB: several times the largest reply that is taken


async def test_hundred_thousand_attendees_are_refused(clock: FakeClock) -> None:
    body = HEAD + ATTENDEE * 100_000 + b"</attendees></response>"  # within the limit of bytes
    error = await ask(clock, send(reply(body)))
    assert isinstance(error, MalformedResponse)
    assert "elements" in error.message


@pytest.mark.parametrize(
    ("status", "kind"), [(404, NotFound), (500, ProviderUnavailable), (502, ProviderUnavailable)]
)
async def test_web_page_with_a_status_is_typed(status: int, kind: Any, clock: FakeClock) -> None:
    page = b"<!DOCTYPE html><html><title>Tomcat</title></html>"
    error = await ask(clock, send(reply(page, status, {"Content-Type": "text/html"})))
    assert isinstance(error, kind)
    assert (error.status, error.code) == (status, None)
