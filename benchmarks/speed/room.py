"""The one room that the scripts about single calls fetch: ClickMeeting's reply, and where it is."""

__all__ = ["ROOM", "ROOM_PATH", "bodies"]

ROOM = "7823001"
ROOM_PATH = f"/conferences/{ROOM}"


def bodies() -> dict[str, bytes]:
    """Return the replies by path."""
    return {"/ping": b'{"ping":"pong"}', ROOM_PATH: BODY}


BODY = (
    b'{"conference":{"id":7823001,"room_type":"webinar","room_pin":121851000,"name":"Launch",'
    b'"name_url":"launch","access_type":1,"lobby_enabled":1,"lobby_description":"Welcome",'
    b'"registration_enabled":1,"status":"active","timezone":"Europe/Warsaw",'
    b'"timezone_offset":7200,"starts_at":"2026-10-01T10:00:00+02:00",'
    b'"ends_at":"2026-10-01T11:00:00+02:00","permanent_room":0,"ccc":"2026-10-01 08:00:00",'
    b'"created_at":"2026-09-01T10:00:00+02:00","updated_at":"2026-09-02T10:00:00+02:00",'
    b'"room_url":"https://example.clickmeeting.com/launch",'
    b'"embed_room_url":"https://embed.clickmeeting.com/embed_conference.html?r=16531165",'
    b'"settings":{"show_on_personal_page":1,"recorder_autostart_enabled":0}}}'
)
