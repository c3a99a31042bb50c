"""The simulated server: rules that the adapter does not meet by itself."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote, urlencode

import pytest

from conferencing import Conference, Conflict, Person, Room, RoomSettings, connect
from conferencing.sandbox import Answer, Call, JoinTarget
from conferencing_bigbluebutton.simulator import BigBlueButtonSimulator
from conferencing_bigbluebutton.simulator.checksums import make_checksum
from conferencing_bigbluebutton.wire.xml import parse_xml

MINUTE = timedelta(minutes=1)


@pytest.fixture
def server() -> BigBlueButtonSimulator:
    return BigBlueButtonSimulator()


def ask(server: BigBlueButtonSimulator, name: str, /, **query: str) -> Answer:
    raw = urlencode(
        {key.replace("__", "-"): value for key, value in query.items()}, quote_via=quote
    )
    checksum = make_checksum(f"{name}{raw}", server.secret)
    return server.handle(
        Call(method="GET", path=f"/api/{name}", query=f"{raw}&checksum={checksum}".lstrip("&"))
    )


def read(server: BigBlueButtonSimulator, name: str, /, **query: str) -> Any:
    answer = ask(server, name, **query)
    assert answer.status == 200
    assert answer.media_type.startswith("text/xml")
    return parse_xml(answer.body)


def create(server: BigBlueButtonSimulator, **query: str) -> Any:
    return read(server, "create", **{"name": "Demo", "meetingID": "Demo Meeting", **query})


def test_internal_id_is_hash_and_time(server: BigBlueButtonSimulator) -> None:
    reply = create(server)
    digest = "183f0bf3a0982a127bdb8161e0c44eb696b3e75c"
    assert reply["internalMeetingID"] == f"{digest}-{reply['createTime']}"
    test = create(server, meetingID="Test")["internalMeetingID"]
    assert test.startswith("640ab2ba")


def test_creation_is_idempotent_and_guards_passwords(server: BigBlueButtonSimulator) -> None:
    first = create(server, moderatorPW="mp")
    again = create(server, name="Renamed")
    assert again["messageKey"] == "duplicateWarning"
    assert again["createTime"] == first["createTime"]
    assert len(first["attendeePW"]) == 8
    assert create(server, moderatorPW="other")["messageKey"] == "idNotUnique"
    assert read(server, "getMeetingInfo", meetingID="Demo Meeting")["meetingName"] == "Demo"


def test_metadata_loses_its_case(server: BigBlueButtonSimulator) -> None:
    create(server, meta_Origin="Moodle")
    info = read(server, "getMeetingInfo", meetingID="Demo Meeting")
    assert info["metadata"] == {"origin": "Moodle"}


@pytest.mark.parametrize(
    "query",
    [
        {"name": ""}, {"name": "x" * 65}, {"meetingID": "a"}, {"meetingID": "a,b"}, {"record": "yes"},
        {"maxParticipants": "many"}, {"guestPolicy": "MAYBE"}, {"moderatorPW": "x"},
    ],
)  # fmt: skip
def test_wrong_value_is_a_validation_error(
    server: BigBlueButtonSimulator, query: dict[str, str]
) -> None:
    assert create(server, **query)["messageKey"] == "validationError"


def test_other_refusals_of_creations(server: BigBlueButtonSimulator) -> None:
    create(server, voiceBridge="70757")
    assert create(server, meetingID="Other", voiceBridge="70757")["messageKey"] == (
        "nonUniqueVoiceBridge"
    )
    assert create(server, isBreakout="true")["messageKey"] == "parentMeetingIdMissing"


def test_meeting_runs_with_somebody_inside(server: BigBlueButtonSimulator) -> None:
    running = {"meetingID": "Demo Meeting"}
    assert read(server, "isMeetingRunning", **running)["running"] == "false"
    create(server)
    assert read(server, "isMeetingRunning", **running)["running"] == "false"
    server.world.enter("Demo Meeting", "Ann")
    assert read(server, "isMeetingRunning", **running)["running"] == "true"
    assert read(server, "getSessions")["sessions"]["meeting"]["userName"] == "Ann"


@pytest.mark.parametrize(
    ("query", "minutes"),
    [({}, 5), ({"meetingExpireIfNoUserJoinedInMinutes": "9"}, 9), ({"duration": "2"}, 2)],
)
def test_unused_meeting_expires(
    server: BigBlueButtonSimulator, query: dict[str, str], minutes: int
) -> None:
    create(server, **query)
    server.world.advance(minutes * MINUTE - timedelta(seconds=1))
    assert read(server, "getMeetings")["meetings"]
    server.world.advance(timedelta(seconds=1))
    assert read(server, "getMeetings")["messageKey"] == "noMeetings"
    assert read(server, "getSessions")["messageKey"] == "noSessions"


def test_empty_meeting_expires(server: BigBlueButtonSimulator) -> None:
    create(server)
    visit = server.world.enter("Demo Meeting", "Ann")
    server.world.advance(30 * MINUTE)
    server.world.leave(visit.id)
    left = server.world.now
    server.world.advance(20 * MINUTE)
    assert read(server, "getMeetingInfo", meetingID="Demo Meeting")["messageKey"] == "notFound"
    (session,) = server.world.sessions.values()
    assert session.ended_at == left + MINUTE


def join(server: BigBlueButtonSimulator, **query: str) -> Answer:
    return ask(server, "join", **{"meetingID": "Demo Meeting", "fullName": "Ann", **query})


def target_of(server: BigBlueButtonSimulator, answer: Answer) -> JoinTarget:
    token = answer.headers["Location"].partition("?")[0].rpartition("/")[2]
    return server.join_target([token], {})


def error_of(answer: Answer) -> str:
    assert answer.status == 302
    errors = json.loads(unquote(answer.headers["Location"].partition("errors=")[2]))
    return str(errors[0]["key"])


def test_role_wins_over_password(server: BigBlueButtonSimulator) -> None:
    reply = create(server, moderatorPW="mp")
    roles = {
        "host": {"role": "moderator", "password": "x"},
        "attendee": {"role": "", "password": reply["attendeePW"]},
    }
    for role, query in roles.items():
        assert target_of(server, join(server, **query)).entry_options[0].role == role
    assert target_of(server, join(server, password="mp")).entry_options[0].role == "host"
    wrong = parse_xml(join(server, password="zzz").body)
    assert wrong["messageKey"] == "Params required"


def test_failed_join_goes_back_with_errors(server: BigBlueButtonSimulator) -> None:
    assert error_of(join(server, role="VIEWER")) == "notFound"
    reply = create(server)
    assert error_of(join(server, role="VIEWER", createTime="5")) == "mismatchCreateTimeParam"
    assert error_of(join(server, fullName="")) == "validationError"
    back = join(server, role="VIEWER", createTime="5", logoutURL="https://a.example/?x=1")
    assert back.headers["Location"].startswith("https://a.example/?x=1&errors=")
    answer = join(server, role="VIEWER", createTime=reply["createTime"], redirect="false")
    assert parse_xml(answer.body)["messageKey"] == "successfullyJoined"
    refused = join(server, role="VIEWER", createTime="5", redirect="false")
    assert parse_xml(refused.body)["messageKey"] == "mismatchCreateTimeParam"


def test_guests_wait_or_are_denied(server: BigBlueButtonSimulator) -> None:
    create(server, guestPolicy="ASK_MODERATOR")
    answer = join(server, role="VIEWER", guest="true", redirect="false")
    assert parse_xml(answer.body)["messageKey"] == "guestWait"
    target = target_of(server, join(server, role="VIEWER", guest="true", userID="a"))
    visit = server.enter(target, target.entry_options[0], "Ann", "a")
    assert visit.waits
    info = read(server, "getMeetingInfo", meetingID="Demo Meeting")
    assert info["participantCount"] == "0"
    create(server, meetingID="Closed", guestPolicy="ALWAYS_DENY")
    denied = join(server, meetingID="Closed", role="VIEWER", guest="true")
    assert error_of(denied) == "guestDeniedAccess"


def test_full_meeting_counts_people_and_not_devices(server: BigBlueButtonSimulator) -> None:
    create(server, maxParticipants="1")
    target = target_of(server, join(server, role="VIEWER", userID="a"))
    option = target.entry_options[0]
    for _ in range(2):
        server.enter(target, option, "Ann", "a")
    assert error_of(join(server, role="VIEWER", userID="b")) == "maxParticipantsReached"
    with pytest.raises(Conflict, match="full"):
        server.enter(target, option, "Ben", "b")


def test_unknown_paths_are_web_pages(server: BigBlueButtonSimulator) -> None:
    assert ask(server, "nothing").status == 404
    assert ask(server, "../secret").status == 404
    version = server.handle(Call(method="GET", path="/api"))
    assert parse_xml(version.body)["bbbVersion"] == "3.0.19"
    server.quirks["no_webhooks"] = True
    assert ask(server, "hooks/list").status == 404


def test_odd_checksum_of_a_hook_is_500(server: BigBlueButtonSimulator) -> None:
    call = Call(method="GET", path="/api/hooks/list", query="checksum=abc")
    assert server.handle(call).status == 500


def test_one_address_has_one_hook(server: BigBlueButtonSimulator) -> None:
    url = "http://127.0.0.1:1/e"
    first = read(server, "hooks/create", callbackURL=url, meetingID="a")
    again = read(server, "hooks/create", callbackURL=url, meetingID="b")
    assert (again["hookID"], again["messageKey"]) == (first["hookID"], "duplicateWarning")
    assert read(server, "hooks/list", meetingID="b")["hooks"] == ""
    assert read(server, "hooks/create")["messageKey"] == "missingParamCallbackURL"
    assert read(server, "hooks/destroy")["messageKey"] == "missingParamHookID"
    assert read(server, "hooks/destroy", hookID=first["hookID"])["removed"] == "true"
    assert read(server, "hooks/destroy", hookID="x")["messageKey"] == "destroyMissingHook"


async def test_silent_hook_is_dropped(server: BigBlueButtonSimulator) -> None:
    read(server, "hooks/create", callbackURL="http://127.0.0.1:9/e")
    create(server)
    for _ in range(20):
        await server.sender.deliver()
        server.world.advance(MINUTE)
    assert len(server.sender.attempts) == 13
    assert read(server, "hooks/list")["hooks"] == ""


async def test_end_callbacks_are_fetched(server: BigBlueButtonSimulator) -> None:
    url = "http://127.0.0.1:9/end?a=1"
    create(server, meta_endCallbackUrl=url, meetingEndedURL="http://127.0.0.1:9/over")
    server.world.end_session("Demo Meeting")
    first, second = await server.sender.deliver()
    assert first.url == f"{url}&recordingmarks=false"
    assert second.url == "http://127.0.0.1:9/over?recordingmarks=false"
    assert first.body == b""


def test_recordings_have_states(server: BigBlueButtonSimulator) -> None:
    server.processing = 10 * MINUTE
    create(server, record="true", autoStartRecording="true", meta_Topic="x")
    server.world.enter("Demo Meeting", "Ann")
    server.world.advance(MINUTE)
    server.world.end_session("Demo Meeting")
    assert read(server, "getRecordings")["messageKey"] == "noRecordings"
    row = read(server, "getRecordings", state="any")["recordings"]["recording"]
    assert (row["state"], row["playback"]) == ("processing", "")
    server.world.advance(10 * MINUTE)
    row = read(server, "getRecordings", recordID="183f0bf3")["recordings"]["recording"]
    assert (row["state"], row["metadata"]) == ("published", {"topic": "x"})
    assert read(server, "publishRecordings", recordID=row["recordID"], publish="false")
    row = read(server, "getRecordings", state="unpublished")["recordings"]["recording"]
    assert row["published"] == "false"
    read(server, "updateRecordings", recordID=row["recordID"], meta_topic="", meta_lang="pl")
    row = read(server, "getRecordings", meta_lang="pl")["recordings"]["recording"]
    assert row["metadata"] == {"lang": "pl"}
    assert read(server, "getRecordings", meetingID="other")["recordings"] == ""
    assert read(server, "deleteRecordings", recordID="x")["messageKey"] == "notFound"
    assert read(server, "deleteRecordings", recordID=row["recordID"])["deleted"] == "true"


def test_recording_needs_a_mark(server: BigBlueButtonSimulator) -> None:
    create(server, record="true")
    server.world.end_session("Demo Meeting")
    assert not server.world.recordings


async def test_captions_are_listed_with_a_session(conference: Conference, room: Room) -> None:
    await conference.update_room(room, settings=RoomSettings(recording=True, auto_recording=True))
    link = await conference.start_session(room, Person(name="Zoë"))
    await conference.end_session(link.session_id or "")
    session = await conference.get_session(link.session_id or "")
    (recording,) = await conference.recordings(session).collect()
    provider: Any = conference.provider
    text = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n"
    await provider.upload_captions(recording, text, language="pl", label="Polski")
    (recording,) = await conference.recordings(session).collect()
    captions = recording.files[-1]
    assert (captions.kind, captions.name) == ("captions", "Polski")
    content = [piece async for piece in provider.read_file(captions)]
    assert b"".join(content) == text


@pytest.mark.parametrize(
    "quirk",
    ["cdata", "extra_fields", "missing_fields", "lower_case_codes", "old_keys", "failure_statuses", "no_paging"],
)  # fmt: skip
async def test_program_runs_at_odd_servers(
    quirk: str, account: dict[str, Any], simulator: Any
) -> None:
    simulator.quirks[quirk] = True
    async with connect(account) as conference:
        room = await conference.create_room("Course & more")
        link = await conference.start_session(room, Person(name="Zoë"))
        simulator.world.enter(room.id, "Ann ]]> <b>", "ann@example.com")
        (session,) = await conference.sessions(room).collect()
        (ann,) = await conference.attendance(session).collect()
        assert (ann.email, ann.display_name) == ("ann@example.com", "Ann ]]> <b>")
        await conference.end_session(link.session_id or "")
        assert (await conference.get_room(room.id)).status == "open"
        assert await conference.recordings(room).collect() == []


async def test_broken_failure_is_read(account: dict[str, Any], simulator: Any) -> None:
    simulator.quirks["broken_failures"] = True
    async with connect(account) as conference:
        room = await conference.create_room("Course", native={"voiceBridge": "70757"})
        await conference.start_session(room, Person(name="Zoë"))
        other = await conference.create_room("Other", native={"voiceBridge": "70757"})
        with pytest.raises(Conflict) as caught:
            await conference.start_session(other, Person(name="Zoë"))
    assert caught.value.code == "nonUniqueVoiceBridge"


def test_strict_server_refuses_what_is_unknown(server: BigBlueButtonSimulator) -> None:
    server.quirks["refuse_unknown"] = True
    assert create(server, zzz="1")["returncode"] == "FAILED"
    assert create(server, meta_zzz="1")["returncode"] == "SUCCESS"
