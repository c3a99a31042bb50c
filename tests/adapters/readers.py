"""The functions of the adapters that read replies, each with a valid reply."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from attrs import frozen
from samples import read_samples

from conferencing import Person, Role, RoomKind, Session
from conferencing.http import Reply, oauth
from conferencing.http.provider import read_reply
from conferencing.model.drafts import RegistrationDraft, RoomDraft
from conferencing_clickmeeting.wire import people as cm_people
from conferencing_clickmeeting.wire import rooms as cm_rooms
from conferencing_clickmeeting.wire import sessions as cm_sessions
from conferencing_googlemeet.wire import recordings as gm_recordings
from conferencing_googlemeet.wire import rooms as gm_rooms
from conferencing_googlemeet.wire import sessions as gm_sessions
from conferencing_googlemeet.wire import spaces as gm_spaces
from conferencing_googlemeet.wire import subscriptions as gm_subscriptions
from conferencing_gotowebinar.wire import base as gw_base
from conferencing_gotowebinar.wire import people as gw_people
from conferencing_gotowebinar.wire import recordings as gw_recordings
from conferencing_gotowebinar.wire import rooms as gw_rooms
from conferencing_gotowebinar.wire import sessions as gw_sessions
from conferencing_meetrs.wire import base as mr_base
from conferencing_meetrs.wire import reports as mr_reports
from conferencing_meetrs.wire import rooms as mr_rooms
from conferencing_meetrs.wire import templates as mr_templates
from conferencing_teams.wire import base as tm_base
from conferencing_teams.wire import calendar as tm_calendar
from conferencing_teams.wire import meetings as tm_meetings
from conferencing_teams.wire import people as tm_people
from conferencing_teams.wire import recordings as tm_recordings
from conferencing_teams.wire import sessions as tm_sessions
from conferencing_teams.wire import subscriptions as tm_subscriptions
from conferencing_teams.wire import webinars as tm_webinars
from conferencing_vconnct.v4.wire import people as v4_people
from conferencing_vconnct.v4.wire import rooms as v4_rooms
from conferencing_vconnct.wire import base as v1_base
from conferencing_vconnct.wire import rooms as v1_rooms
from conferencing_vconnct.wire import sessions as v1_sessions
from conferencing_webex.wire import events as wx_events
from conferencing_webex.wire import people as wx_people
from conferencing_webex.wire import recordings as wx_recordings
from conferencing_webex.wire import rooms as wx_rooms
from conferencing_webex.wire import sessions as wx_sessions
from conferencing_zoom.wire import base as zm_base
from conferencing_zoom.wire import people as zm_people
from conferencing_zoom.wire import recordings as zm_recordings
from conferencing_zoom.wire import rooms as zm_rooms
from conferencing_zoom.wire import sessions as zm_sessions
from conferencing_zoom.wire import templates as zm_templates

__all__ = ["READERS", "Reader"]


DATE = "Thu, 01 Oct 2026 08:00:00 GMT"


@frozen(kw_only=True)
class Reader:
    """A function, a valid reply, and the places in it without which a reply is refused.

    `derived` are texts that stand for a value of the reply, and `composed` fields made of several.
    """

    name: str
    payload: Any
    function: Callable[[Reply], Any]
    required: tuple[str, ...]
    derived: tuple[str, ...] = ()
    composed: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.name

    def read(self, body: bytes) -> Any:
        return read_reply(Reply(200, {"date": DATE}, body), self.function)


def samples(provider: str) -> dict[str, Any]:
    """Return the vendor's samples; those of VConnct's v1 include their requests."""
    return {
        name: document["response"] if "method" in document else document
        for name, document in read_samples(provider).items()
    }


def reader(
    name: str,
    payload: Any,
    function: Callable[..., Any],
    required: str = "",
    *,
    derived: str = "",
    composed: str = "",
    is_value: bool = False,
    **arguments: Any,
) -> Reader:
    """Return a reader; with `is_value`, its result is not a model, and its fields have no names."""
    return Reader(
        name=name,
        payload=payload,
        function=partial(function, **arguments),
        required=tuple(required.split()),
        derived=tuple(derived.split()),
        composed=frozenset([*composed.split(), *([""] if is_value else [])]),
    )


CM, MR, VC = samples("clickmeeting"), samples("meetrs"), samples("vconnct")
TM, WX, ZM, GM = samples("teams"), samples("webex"), samples("zoom"), samples("googlemeet")
GW = samples("gotowebinar")
GW_PEOPLE = GW["registrants"] | {"data": GW["registrants"]["data"][:1]}
CM_ROOM = CM["room"] | {
    "password": "s3cret",
    "settings": {"recorder_autostart_enabled": 1, "encryption_enabled": True},
}
CM_RECORDING = CM["recordings"][0] | {"conference_id": 2632001}
CM_TOKENS = {"access_tokens": CM["tokens"]["access_tokens"][1:]}
MR_ROOM = MR["meeting"] | {
    "participants": [
        *MR["request_shared_passcode"]["participants"],
        {"role": "Guest", "accessRole": {"provider": "Guest"}},
    ],
    "schedulingInfo": {"duration": 60},
    "createdAt": "2020-07-22T11:57:00.408594Z",
}
V1_DEFAULTS = {"status": True, "data": dict.fromkeys(v1_base.SETTINGS, False)}
V1_ROWS = {"session": Session(id="r:s", room_id="r")}
NOW = {"now": datetime(2026, 9, 30, tzinfo=UTC)}
CM_IDS = {"room_id": "1", "session_id": "2"}
MEETING: dict[str, Any] = {"kind": RoomKind.MEETING}
WEBINAR: dict[str, Any] = {"kind": RoomKind.WEBINAR}
ZM_RUN = {**MEETING, "number": "81234567890"}
ZM_HOME = {"regional": True, "home": "https://api.zoom.us/v2"}
GM_FILES = {"owner": "me", "room_id": None, "drive": "https://www.googleapis.com"}
BO = RegistrationDraft(person=Person(first_name="Bo", last_name="Li", email="bo@example.com"))
BEA = RegistrationDraft(person=Person(first_name="Bea", email="bea@example.org"))
HOST = {"role": Role.HOST, "person": Person(name="n")}

TM_OWNER = {"owner": "u"}
TM_SOURCE = tm_recordings.Source("https://graph.microsoft.com/v1.0", "u", "m", "e~u~1")
TM_TIMES = "starts_at timezone recurrence"


def read_google_event(reply: Reply) -> Any:
    event = gm_rooms.read_event(reply)
    return gm_rooms.to_room(event, owner="me", calendar="primary", **NOW)


def read_google_subscriptions(reply: Reply) -> Any:
    return [
        each.build("https://x.example", None) for each in gm_subscriptions.read_subscriptions(reply)
    ]


# fmt: off
READERS = [
    reader("clickmeeting created_room", {"room": CM_ROOM}, cm_rooms.read_created_room,
           "room room.id room.name room.status", **NOW),
    reader("clickmeeting room", {"conference": CM_ROOM}, cm_rooms.read_room,
           "conference conference.id conference.name conference.status", **NOW),
    reader("clickmeeting rooms", [CM_ROOM], cm_rooms.read_rooms, "0.id 0.name 0.status", **NOW),
    reader("clickmeeting sessions", CM["session_list"], cm_sessions.read_sessions, "0.id", room_id="1"),
    reader("clickmeeting session", CM["session_detail"], cm_sessions.read_session, "start_date", **CM_IDS),
    reader("clickmeeting segments", CM["session_detail"], cm_sessions.read_segments),
    reader("clickmeeting attendance", CM["attendees"], cm_sessions.read_attendance, "0.uid", session_id="1:2"),
    reader("clickmeeting feedback", CM["attendees"], cm_sessions.read_feedback, "0.uid",
           session=Session(id="1:2", room_id="1")),
    reader("clickmeeting report", CM["report_ready"], cm_sessions.read_report, "status", **CM_IDS, language="en"),
    reader("clickmeeting recordings", [CM_RECORDING], cm_sessions.read_recordings, "0.id", room_id=None),
    reader("clickmeeting registration", CM["registered"], cm_people.read_registration, room_id="1", person=Person()),
    reader("clickmeeting participants", CM["registrations"], cm_people.read_participants, "0.id", room_id="1"),
    reader("clickmeeting tokens", CM_TOKENS, cm_people.read_access_tokens,
           "access_tokens access_tokens.0.token", room_id="1"),
    reader("clickmeeting personal_tokens", ["G986DW"], cm_people.read_personal_tokens, room_id="1", email="a@b.c"),
    reader("clickmeeting autologin", {"autologin_hash": "KEY__"}, cm_people.read_autologin_hash, "autologin_hash"),
    reader("clickmeeting time_zones", ["Europe/Warsaw", "UTC"], cm_rooms.read_time_zones),
    reader("gotowebinar room", GW["sequence"], gw_rooms.read_room, "webinarKey", composed="id", **NOW),
    reader("gotowebinar rooms", GW["webinars"], gw_rooms.read_rooms,
           "_embedded.webinars _embedded.webinars.0.webinarKey", **NOW),
    reader("gotowebinar live rooms", [GW["webinar"]], gw_rooms.read_live_rooms, "0.webinarKey", **NOW),
    reader("gotowebinar key", GW["created"], gw_rooms.read_key, "webinarKey", is_value=True),
    reader("gotowebinar definition", GW["webinar"], gw_rooms.read_definition, "webinarKey subject times",
           is_value=True),
    reader("gotowebinar host_link", GW["start_url"], gw_rooms.read_host_link, "startUrl"),
    reader("gotowebinar participant", GW["registrant"], gw_people.read_participant, "registrantKey", room_id="r"),
    reader("gotowebinar participants", GW_PEOPLE, gw_people.read_participants,
           "data data.0.registrantKey", room_id="r"),
    reader("gotowebinar registered", GW["registered"], gw_people.read_registered, "registrantKey", room_id="r", draft=BEA),
    reader("gotowebinar presenter_link", GW["panelists"], gw_people.read_presenter_link,
           person=Person(email="zoe@example.com")),
    reader("gotowebinar sessions", GW["sessions"], gw_sessions.read_sessions,
           "_embedded.sessionInfoResources _embedded.sessionInfoResources.0.sessionKey", room_id="r"),
    reader("gotowebinar attendance", GW["attendees"], gw_sessions.read_attendance, "0.registrantKey",
           composed="display_name", session_id="s"),
    reader("gotowebinar recordings", GW["recordings"], gw_recordings.read_recordings,
           "data data.0.recordingAssetKey", room_id="r"),
    reader("gotowebinar found_recordings", GW["found_recordings"], gw_recordings.read_found_recordings,
           "_embedded.recordingAssets _embedded.recordingAssets.0.recordingAssetKey"),
    reader("gotowebinar user", GW["user"], gw_base.read_user, "key"),
    reader("gotowebinar token", GW["token"], lambda reply: oauth.read_refreshed(reply).token, "access_token"),
    reader("meetrs room", MR_ROOM, mr_rooms.read_room, "code"),
    reader("meetrs rooms", [MR_ROOM], mr_rooms.read_rooms, "0.code"),
    reader("meetrs usage", MR["usage"], mr_reports.read_usage, "0.id"),
    reader("meetrs sessions", MR["usage"], mr_reports.read_sessions, "0.id"),
    reader("meetrs feedback", MR["feedbacks"], mr_reports.read_feedback, "0.id"),
    reader("meetrs template", MR["configurations"][0], mr_templates.read_template, "id"),
    reader("meetrs templates", MR["configurations"], mr_templates.read_templates, "0.id"),
    reader("meetrs tenants", MR["tenants"], mr_templates.read_tenants, "0.id 0.code"),
    reader("meetrs token", MR["token"], mr_base.read_token, "access_token expires_at"),
    reader("teams meeting", TM["meeting"], tm_meetings.read_room, "id", derived="m u", **TM_OWNER, **NOW),
    reader("teams event", TM["event"], tm_calendar.read_room, "id", derived="e u", composed=TM_TIMES, **TM_OWNER, **NOW),
    reader("teams events", TM["events"], tm_calendar.read_rooms, "value value.0.id", derived="e u",
           composed=TM_TIMES, **TM_OWNER, **NOW),
    reader("teams occurrences", TM["instances"], tm_calendar.read_occurrences, "value value.0.id",
           composed=TM_TIMES, timezone="America/Los_Angeles"),
    reader("teams webinar", TM["webinar"], tm_webinars.read_room, "id", derived="w", composed=TM_TIMES, **NOW),
    reader("teams webinars", TM["webinars"], tm_webinars.read_rooms, "value value.0.id", derived="w",
           composed=TM_TIMES, **NOW),
    reader("teams session_link", TM["sessions"], tm_webinars.read_session_link, "value", role=Role.ATTENDEE),
    reader("teams participant", TM["registration"], tm_people.read_participant, "id", room_id="r",
           composed="registered_at fields"),
    reader("teams participants", TM["registrations"], tm_people.read_participants, "value value.0.id", room_id="r",
           composed="registered_at fields"),
    reader("teams questions", TM["questions"], tm_people.read_questions, "value"),
    reader("teams report", TM["report"], tm_sessions.read_report, "id", room_id="r", base="r", derived="r"),
    reader("teams reports", TM["reports"], tm_sessions.read_reports, "value value.0.id", room_id="r", base="r",
           derived="r"),
    reader("teams records", TM["records"], tm_sessions.read_attendance, "value", session_id="s"),
    reader("teams recordings", TM["recordings"], lambda reply: [media.recording for media in
           tm_recordings.read_recordings(reply, TM_SOURCE)], "value value.0.id", composed="_url"),
    reader("teams recording", TM["recording"], lambda reply: tm_recordings.read_media(
           reply, "recordings", TM_SOURCE).recording, "id", composed="_url"),
    reader("teams transcripts", TM["transcripts"], lambda reply: [media.recording for media in
           tm_recordings.read_transcripts(reply, TM_SOURCE)], "value value.0.id", composed="_url"),
    reader("teams subscription", TM["subscription"], tm_subscriptions.read_subscription, "id resource",
           url="https://hooks.example/teams", room_id=None, composed="events"),
    reader("teams token", TM["token"], oauth.read_token, "access_token"),
    reader("teams refreshed", TM["refreshed"], lambda reply: oauth.read_refreshed(reply).token, "access_token"),
    reader("teams user", TM["user"], tm_base.read_user, "id"),
    reader("v1 room", VC["update_meeting"], v1_rooms.read_room, "data data.meeting_id"),
    reader("v1 created_room", VC["create_meeting"], v1_rooms.read_created_room, "data.meeting_id"),
    reader("v1 rooms", VC["list_meetings"], v1_rooms.read_rooms, "data"),
    reader("v1 settings", VC["list_setting"], v1_base.read_settings, "data data.0.setting data.0.value"),
    reader("v1 default_settings", V1_DEFAULTS, v1_base.read_default_settings, "data"),
    reader("v1 sessions", VC["list_sessions"], v1_sessions.read_sessions, "data", room_id="r"),
    reader("v1 link", VC["start_meeting"], v1_sessions.read_link, "data data.url", **HOST),
    reader("v1 attendance", VC["list_attendance"], v1_sessions.read_attendance, "data", session_id="r:s"),
    reader("v1 recordings", VC["get_record"], v1_sessions.read_recordings, **V1_ROWS),
    reader("v4 created_room", VC["v4_created"], v4_rooms.read_created_room, "room_id", draft=RoomDraft()),
    reader("v4 rooms", VC["v4_active_rooms"], v4_rooms.read_rooms, "rooms"),
    reader("v3 rooms", VC["v3_active_rooms"], v4_rooms.read_rooms),
    reader("v4 active_room", VC["v4_active_room"], v4_rooms.read_active_room, "result.room_info"),
    reader("v4 past_rooms", VC["v4_past_rooms"], v4_rooms.read_past_rooms, "rooms.rooms_list"),
    reader("v4 present", VC["v4_active_room"], v4_people.read_present, session_id="r"),
    reader("v4 attendance", VC["v4_analytics"], v4_people.read_attendance, "data", session_id="r"),
    reader("v4 link", VC["v4_link"], v4_people.read_link, **HOST, room_id="r"),
    reader("v4 recordings", VC["v4_record"], v4_people.read_recordings, room_id="r"),
    reader("webex room", WX["meeting"], wx_rooms.read_room, "id"),
    reader("webex recurring room", WX["webinar"], wx_rooms.read_room, "id", composed="recurrence"),
    reader("webex rooms", WX["meetings"], wx_rooms.read_rooms, "items items.0.id"),
    reader("webex occurrences", WX["occurrences"], wx_rooms.read_occurrences, "items items.0.id"),
    reader("webex link", WX["links"], wx_rooms.read_link, "joinLink", role=Role.ATTENDEE, person=Person(name="n")),
    reader("webex host_link", WX["links"], wx_rooms.read_link, "startLink", **HOST),
    reader("webex templates", WX["templates"], wx_rooms.read_templates, "items items.0.id"),
    reader("webex session_types", WX["session_types"], wx_rooms.read_webinar_type, "items items.0.id items.1.id",
           is_value=True),
    reader("webex participant", WX["registrant"], wx_people.read_participant, "id",
           composed="fields", room_id="r"),
    reader("webex participants", WX["registrants"], wx_people.read_participants, "items items.0.id",
           composed="fields", room_id="r"),
    reader("webex batch", WX["registrants"], wx_people.read_batch, "items items.0.id",
           composed="fields", room_id="r", drafts=[BO]),
    reader("webex invitees", WX["invitees"], wx_people.read_emails, "items"),
    reader("webex session", WX["run"], wx_sessions.read_session, "id"),
    reader("webex sessions", WX["runs"], wx_sessions.read_sessions, "items items.0.id"),
    reader("webex attendance", WX["participants"], wx_sessions.read_attendance, "items",
           session_id="s", usual=Role.ATTENDEE),
    reader("webex usage", WX["usage"], wx_sessions.read_usage, "items items.0.meetingId"),
    reader("webex recording", WX["recording"], wx_recordings.read_recording, "id"),
    reader("webex recordings", WX["recordings"], wx_recordings.read_recordings, "items items.0.id"),
    reader("webex transcripts", WX["transcripts"], wx_recordings.read_transcripts, "items items.0.id",
           composed="_url", base_url="https://webexapis.com/v1"),
    reader("webex hook", WX["hook"], wx_events.read_hook, "id", composed="events"),
    reader("webex hooks", WX["hooks"], wx_events.read_hooks, "items items.0.id", composed="events"),
    reader("webex token", WX["token"], lambda reply: oauth.read_refreshed(reply).token, "access_token"),
    reader("zoom room", ZM["meeting"], zm_rooms.read_room, "id", **MEETING, **NOW),
    reader("zoom recurring room", ZM["webinar"], zm_rooms.read_room, "id", composed="recurrence", **WEBINAR, **NOW),
    reader("zoom rooms", ZM["meetings"], zm_rooms.read_rooms, "meetings meetings.0.id", **MEETING, **NOW),
    reader("zoom host_link", ZM["meeting"], zm_rooms.read_host_link, "id start_url", person=Person(name="n"), **NOW),
    reader("zoom invite_link", ZM["invite_links"], zm_rooms.read_invite_link, "attendees attendees.0.join_url",
           person=Person(name="n"), expires_at=NOW["now"]),
    reader("zoom participant", ZM["registrant"], zm_people.read_participant, "id", room_id="r"),
    reader("zoom participants", ZM["registrants"], zm_people.read_participants,
           "registrants registrants.0.id", room_id="r"),
    reader("zoom registered", ZM["registered"], zm_people.read_registered, "registrant_id", room_id="r", draft=BEA),
    reader("zoom batch", ZM["batch"], zm_people.read_batch,
           "registrants registrants.0.registrant_id registrants.0.email", room_id="r", drafts=[BEA]),
    reader("zoom panelist_link", ZM["panelists"], zm_people.read_panelist_link, "panelists",
           person=Person(email="zoe@example.com")),
    reader("zoom runs", ZM["instances"], zm_sessions.read_runs, "meetings meetings.0.uuid", **ZM_RUN),
    reader("zoom run", ZM["past_meeting"], zm_sessions.read_run, "uuid", **ZM_RUN),
    reader("zoom attendance", ZM["report_participants"], zm_sessions.read_attendance, "participants",
           derived="join", session_id="s", host_id=None),
    reader("zoom past attendance", ZM["past_participants"], zm_sessions.read_attendance, "participants",
           derived="join", session_id="s", host_id="h"),
    reader("zoom usage", ZM["usage"], zm_sessions.read_usage,
           "meetings meetings.0.uuid meetings.0.id", derived="webinar"),
    reader("zoom recording", ZM["recording"], zm_recordings.read_recording, "uuid id", derived="webinar"),
    reader("zoom recordings", ZM["recordings"], zm_recordings.read_recordings,
           "meetings meetings.0.uuid meetings.0.id", derived="webinar"),
    reader("zoom transcript", ZM["transcript"], zm_recordings.read_transcript, "can_download"),
    reader("zoom template", ZM["template"], zm_templates.read_template, "id", **MEETING),
    reader("zoom templates", ZM["templates"], zm_templates.read_templates, "templates templates.0.id", **MEETING),
    reader("zoom token", ZM["token"], zm_base.read_token, "access_token", **ZM_HOME),
    reader("zoom refreshed", ZM["refreshed"], lambda reply: zm_base.read_refreshed(reply, **ZM_HOME).token, "access_token"),
    reader("zoom user", ZM["user"], zm_base.read_user, "id"),
    reader("google space", GM["space"], gm_spaces.read_space, "name", derived="space", owner="me"),
    reader("google space_row", GM["space"], lambda reply: gm_spaces.read_space_row(reply).name, "name"),
    reader("google event", GM["event"], read_google_event, "id", derived="event"),
    reader("google created event", GM["event"], lambda reply: gm_rooms.read_created_event(reply).row.id, "id"),
    reader("google rooms", GM["events"], gm_rooms.read_rooms, "items", derived="event",
           owner="me", calendar="primary", **NOW),
    reader("google instances", GM["instances"], gm_rooms.read_instances, "items"),
    reader("google session", GM["record"], gm_sessions.read_session, "name", derived="space", owner="me"),
    reader("google sessions", GM["records"], gm_sessions.read_sessions, "",
           derived="space", owner="me"),
    reader("google count", GM["count"], lambda reply: gm_sessions.read_count(reply) or None),
    reader("google participants", GM["participants"], gm_sessions.read_participants,
           "", session_id="s"),
    reader("google visits", GM["visits"], gm_sessions.read_segments,
           ""),
    reader("google recordings", GM["recordings"], gm_recordings.read_recordings,
           "", composed="_url", **GM_FILES, collection="recordings"),
    reader("google transcripts", GM["transcripts"], gm_recordings.read_recordings,
           "transcripts.0.name", composed="_url", **GM_FILES, collection="transcripts"),
    reader("google destination", GM["recording"], gm_recordings.read_destination, "name"),
    reader("google token", GM["token"], oauth.read_token, "access_token"),
    reader("google refreshed", GM["refreshed"], lambda reply: oauth.read_refreshed(reply).token, "access_token"),
    reader("google subscriptions", GM["subscriptions"], read_google_subscriptions,
           "subscriptions.0.name"),
    reader("v3 recordings", VC["v3_record"], v4_people.read_recordings, room_id="r"),
]
# fmt: on
