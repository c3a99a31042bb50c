"""The simulator by itself: keys, paths, and parameters in all spellings that the vendor takes."""

from __future__ import annotations

from urllib.parse import parse_qsl

import aiohttp
import pytest

PLAIN = "name=Plain&room_type=meeting&permanent_room=1&access_type=1"
OPEN = f"{PLAIN}&registration%5Benabled%5D=1"
ANN = "registration[1]=Ann&registration[2]=Lee&registration[3]=ann@example.com"
ROOM = "/v1/conferences/2632001"


# ------------------------------------------------------------------------------- keys and paths


@pytest.mark.parametrize(
    "path", ["/v1/ping", "/v1/conferences", "/v1/no-such-thing", "/no-version", "/v1/conferences/1"]
)
@pytest.mark.parametrize("key", [None, "", "eu0", "EU" + "0" * 40])
async def test_key_is_checked_first(sandbox, path, key) -> None:
    headers = {} if key is None else {"X-Api-Key": key}
    url = f"{sandbox.origin}/clickmeeting{path}"
    async with aiohttp.request("GET", url, headers=headers) as reply:
        assert reply.status == 401
        assert await reply.json() == {"code": 401, "name": "Unauthorized", "errors": []}


async def test_key_has_the_vendors_form(sandbox, served) -> None:
    key = served.simulator.key
    assert len(key) == 42
    assert key.startswith("eu")
    assert set(key[2:]) <= set("0123456789abcdef")
    url = f"{sandbox.origin}/clickmeeting/v1/ping"
    async with aiohttp.request("GET", url, headers={"x-API-kEy": key}) as reply:
        assert await reply.json() == {"ping": "pong"}


async def test_key_is_accepted_as_parameter(sandbox, served) -> None:
    """Older programs send it so."""
    url = f"{sandbox.origin}/clickmeeting/v1/ping?api_key="
    for key, status in ((served.simulator.key, 200), ("eu0", 401)):
        async with aiohttp.request("GET", url + key) as reply:
            assert reply.status == status


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/ping", 200),
        ("/v1/ping/", 200),
        ("/v1/ping.json", 200),
        ("/v1/conferences/2632001.json", 200),
        ("/v1/conferences/2632001/", 200),
        ("/v1/conferences/active.json?page=1", 200),
        ("/v1/conferences/active?page=1.json", 200),
        ("/v1/conferences/active/?page=1", 200),
        ("/v1/conferences/2632001/registrations", 200),
        ("/v1/conferences/2632001/registrations/active.json", 200),
        ("/v1/ping.xml", 404),
        ("/v1/conferences/Active", 404),
        ("/v1/conferences/archived", 404),
        ("/v1/conferences/2632001/sessions5342001/registrations/all.json", 404),
        ("/v1/conferences/2632001/registrations/confirmed", 404),
        ("/v1/conferences/2632009", 404),
        ("/v1/conferences/2632001/recordings/1", 404),
        ("/v1/conferences/%2e%2e/ping", 404),
        ("/v2/ping", 404),
        ("/v1", 404),
        ("/", 404),
    ],
)
async def test_paths_are_taken_as_clients_write_them(api, path, status) -> None:
    await api("POST", "/v1/conferences", OPEN)
    received, body = await api("GET", path)
    assert received == status
    if status == 404:
        assert (body["code"], body["name"]) == (404, "NOT_FOUND")
        assert [error["name"] for error in body["errors"]] == ["NOT_FOUND"]


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", ROOM), ("POST", "/v1/ping"), ("PUT", "/v1/conferences")]
)
async def test_undocumented_method_is_not_found(api, method, path) -> None:
    await api("POST", "/v1/conferences", PLAIN)
    assert (await api(method, path, "name=x"))[0] == 404


@pytest.mark.parametrize("strict", [False, True])
async def test_bodies_of_get_and_delete_are_ignored(api, served, world, strict) -> None:
    """The vendor's Python client sends the form `None` with each of them."""
    served.simulator.quirks["refuse_unknown"] = strict
    await api("POST", "/v1/conferences", PLAIN)
    assert (await api("GET", "/v1/conferences/active", "page=7"))[1] != []
    assert (await api("GET", ROOM, "None"))[0] == 200
    assert (await api("DELETE", ROOM, "None"))[0] == 200
    assert world.rooms == {}


# ------------------------------------------------------------------------------- parameters in


@pytest.mark.parametrize("word", ["1", "0", "true", "false", "True"])
@pytest.mark.parametrize(
    "name",
    ["permanent_room", "lobby_enabled", "registration[enabled]", "settings[encryption_enabled]"],
)
async def test_flags_are_digits_or_words(api, name, word) -> None:
    body = f"{PLAIN}&{name}={word}"
    status, reply = await api("POST", "/v1/conferences", body)
    assert status == 201
    room = reply["room"]
    read = {
        "permanent_room": room["permanent_room"],
        "lobby_enabled": room["lobby_enabled"],
        "registration[enabled]": room["registration_enabled"],
        "settings[encryption_enabled]": room["settings"].get("encryption_enabled"),
    }[name]
    assert bool(read) is (word.lower() in {"1", "true"})


@pytest.mark.parametrize("where", ["query", "body", "multipart"])
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_parameters_are_in_query_form_or_parts(api, world, where, method) -> None:
    await api("POST", "/v1/conferences", PLAIN)
    path = "/v1/conferences" if method == "POST" else ROOM
    form = f"{PLAIN}&name=Za%C5%BC%C3%B3%C5%82%C4%87&settings%5Bphonegateway_enabled%5D=1"
    if where == "query":
        status, _ = await api(method, f"{path}?{form}")
    elif where == "body":
        status, _ = await api(method, path, form)
    else:
        status, _ = await api(method, path, *parts(form))
    assert status == (201 if method == "POST" else 200)
    room = list(world.rooms.values())[-1]
    assert room.name == "Zażółć"
    assert world.notes[room.id]["settings"]["phonegateway_enabled"] is True


async def test_form_wins_over_query(api, world) -> None:
    await api("POST", f"/v1/conferences?{PLAIN}", "name=From the form")
    assert world.room("2632001").name == "From the form"


@pytest.mark.parametrize(
    ("body", "people"),
    [
        ("attendees[0][email]=a@b.c&attendees[1][email]=d@e.f", ["a@b.c", "d@e.f"]),
        ("attendees[][email]=a@b.c&attendees[][email]=d@e.f", ["a@b.c", "d@e.f"]),
        ("attendees%5B7%5D%5Bemail%5D=a%40b.c&attendees%5B%5D%5Bemail%5D=d%40e.f", ["a@b.c", "d@e.f"]),
        ("attendees[0][email]=a@b.c&attendees[0][firstname]=A&attendees[0][lastname]=B", ["a@b.c"]),
        ("attendees[x][email]=a@b.c", ["a@b.c"]),
    ],
)  # fmt: skip
async def test_invitees_are_read_in_each_spelling(api, world, body, people) -> None:
    await api("POST", "/v1/conferences", PLAIN)
    path = f"{ROOM}/invitation/email/en"
    assert await api("POST", path, body) == (200, {"status": "OK"})
    assert [mail.to for mail in world.outbox] == people


@pytest.mark.parametrize(
    "body",
    [
        "attendees[][email]=a@b.c&attendees[][firstname]=A",
        "attendees[0]=a@b.c",
        "attendees=a@b.c",
        "attendees[0][email]=",
        "attendees[0][email]=a@b.c&role=host",
        "attendees[0][email]=a@b.c&template=fancy",
        "",
    ],
)
async def test_invalid_invitees_are_refused(api, world, body) -> None:
    """With empty brackets, each field starts a new person, and the second has no address."""
    await api("POST", "/v1/conferences", PLAIN)
    assert (await api("POST", f"{ROOM}/invitation/email/en", body))[0] == 422
    assert world.outbox == []


@pytest.mark.parametrize(
    "form",
    [
        "registration[1]=Ann&registration[2]=Lee&registration[3]=a@b.c",
        "registration[]=&registration[]=Ann&registration[]=Lee&registration[]=a@b.c",
        "registration%5B3%5D=a%40b.c&registration%5B2%5D=Lee&registration%5B1%5D=Ann",
    ],
    ids=["numbers", "leading blank", "any order"],
)
async def test_registration_is_read_by_position(api, world, form) -> None:
    await api("POST", "/v1/conferences", OPEN)
    status, body = await api("POST", f"{ROOM}/registration", form)
    assert (status, body["status"], body["exist"]) == (200, "OK", 0)
    (ann,) = world.participants["2632001"]
    assert (ann.first_name, ann.last_name, ann.email) == ("Ann", "Lee", "a@b.c")


@pytest.mark.parametrize("spelling", ["tokens[]={}", "tokens[0]={}", "tokens%5B%5D={}"])
async def test_tokens_are_revoked_in_each_spelling(api, world, spelling) -> None:
    await api("POST", "/v1/conferences", PLAIN.replace("access_type=1", "access_type=3"))
    _, created = await api("POST", f"{ROOM}/tokens", "how_many=2")
    codes = [row["token"] for row in created["access_tokens"]]
    status, body = await api("DELETE", f"{ROOM}/tokens", spelling.format(codes[0]))
    assert (status, body["status"]) == (200, "deleted")
    assert [token.code.reveal() for token in world.tokens["2632001"]] == [codes[1]]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", ROOM, "starts_at=2026-10-02+10:00:00"),
        ("PUT", ROOM, "duration=1:00"),
        ("POST", "/v1/conferences", PLAIN.replace("access_type=1", "access_type=2")),
        ("POST", "/v1/conferences", PLAIN.replace("access_type=1", "access_type=4")),
        ("POST", "/v1/conferences", PLAIN.replace("meeting", "party")),
        ("POST", "/v1/conferences", PLAIN.replace("name=Plain", "name=+")),
        ("POST", "/v1/conferences", f"{PLAIN}&timezone=Europe/Warszawa"),
        ("POST", "/v1/conferences", f"{PLAIN}&skin_id=99"),
        ("POST", "/v1/conferences", f"{PLAIN}&lobby_enabled=yes"),
        ("POST", "/v1/conferences", "room_type=meeting&permanent_room=0&access_type=1&name=x&duration=1h"),
        ("POST", "/v1/conferences", "name=x&room_type=meeting&access_type=1"),
        ("POST", f"{ROOM}/registration", "registration[1]=A&registration[2]=B&registration[3]=a@b.c"),
        ("POST", f"{ROOM}/tokens", "how_many=1"),
        ("POST", f"{ROOM}/room/autologin_hash", "email=a@b.c&nickname=A&role=chief"),
        ("POST", f"{ROOM}/room/autologin_hash", "email=a@b.c&nickname=A"),
    ],
)  # fmt: skip
async def test_invalid_parameters_change_nothing(api, world, method, path, body) -> None:
    await api("POST", "/v1/conferences", PLAIN)
    before = dict(world.rooms)
    status, reply = await api(method, path, body)
    assert (status, reply["code"], reply["name"]) == (422, 422, "Unprocessable Entity")
    assert reply["errors"]
    assert all(set(error) == {"name", "message"} for error in reply["errors"])
    assert world.rooms == before


UNKNOWN = [
    ("GET", "/v1/conferences/active?status=upcoming", None),
    ("GET", "/v1/conferences/active?per_page=10", None),
    ("GET", "/v1/conferences?status=active", None),
    ("POST", "/v1/conferences", f"{PLAIN}&description=x"),
    ("POST", "/v1/conferences", f"{PLAIN}&ends_at=2026-10-01+10:00:00"),
    ("POST", "/v1/conferences", f"{PLAIN}&status=active"),
    ("POST", "/v1/conferences", f"{PLAIN}&settings[chat]=1"),
    ("POST", "/v1/conferences", f"{OPEN}&registration[form]=1"),
    ("PUT", ROOM, "custom_room_url_name=x"),
    ("POST", f"{ROOM}/registration", f"{ANN}&lang=pl"),
    ("POST", f"{ROOM}/registration", f"{ANN}&enabled=1"),
    ("POST", f"{ROOM}/registration", f"{ANN}&confirmation_email[from]=x"),
]


@pytest.mark.parametrize(("method", "path", "body"), UNKNOWN)
async def test_unknown_parameters_are_ignored(api, method, path, body) -> None:
    """Live programs send some of these."""
    await api("POST", "/v1/conferences", OPEN)
    assert (await api(method, path, body))[0] in {200, 201}


@pytest.mark.parametrize(("method", "path", "body"), UNKNOWN)
async def test_refuse_unknown_names_the_parameter(
    api, served, world, *, method, path, body
) -> None:
    await api("POST", "/v1/conferences", OPEN)
    before = dict(world.rooms)
    served.simulator.quirks["refuse_unknown"] = True
    status, reply = await api(method, path, body)
    assert (status, reply["errors"][0]["message"]) == (422, "is not known")
    assert (world.rooms, world.participants["2632001"]) == (before, [])


async def test_lists_instead_of_strings_are_refused(api) -> None:
    await api("POST", "/v1/conferences", OPEN)
    calls = [
        ("GET", "/v1/conferences/active?page[]=1", None),
        ("POST", "/v1/conferences", PLAIN.replace("name=", "name[]=")),
        ("POST", "/v1/conferences", f"{PLAIN}&custom_room_url_name[]=x"),
        ("POST", "/v1/conferences", f"{PLAIN.replace('room=1', 'room=0')}&starts_at[]=x"),
        ("POST", "/v1/conferences", f"{PLAIN.replace('room=1', 'room=0')}&duration[]=1"),
        ("POST", "/v1/contacts", "email[]=a@b.c&firstname=A&lastname=B"),
        ("POST", f"{ROOM}/room/autologin_hash", "email=a@b.c&nickname=A&role[]=host"),
    ]
    statuses = {
        f"{method} {path} {body}": (await api(method, path, body))[0]
        for method, path, body in calls
    }
    assert set(statuses.values()) == {422}, statuses


@pytest.mark.parametrize("zone", ["US/Eastern", "Africa/Asmera", "America/Buenos_Aires", "EST"])
async def test_zone_aliases_are_refused(api, zone) -> None:
    assert (await api("POST", "/v1/conferences", f"{PLAIN}&timezone={zone}"))[0] == 422


@pytest.mark.parametrize("zone", ["Europe/Warsaw", "Europe/Kyiv", "Europe/Kiev", "UTC"])
async def test_listed_zones_are_accepted(api, zone) -> None:
    assert (await api("POST", "/v1/conferences", f"{PLAIN}&timezone={zone}"))[0] == 201


async def test_upload_with_a_comma_and_a_folder_is_kept(api) -> None:
    """The vendor's own client writes the content type so, and PHP keeps the last part of a path."""
    disposition = 'form-data; name="uploaded"; filename="/some/dir/a.png"'
    body = f"--XX\r\nContent-Disposition: {disposition}\r\n\r\nx\r\n--XX--\r\n"
    status, row = await api("POST", "/v1/file-library", body, "multipart/form-data, boundary=XX")
    assert (status, row["name"], row["document_type"]) == (201, "a.png", "image")


@pytest.mark.parametrize(
    ("country", "zones"), [("PL", ["Europe/Warsaw"]), ("pl", ["Europe/Warsaw"]), ("RU", None)]
)
async def test_zones_are_listed_by_country(api, country, zones) -> None:
    status, listed = await api("GET", f"/v1/time_zone_list/{country}")
    assert status == 200
    assert {"Asia/Vladivostok", "Europe/Moscow"} <= {*listed} if zones is None else listed == zones
    _, every = await api("GET", "/v1/time_zone_list")
    assert {*listed} < {*every}
    assert (every[0], every[-1]) == ("Africa/Abidjan", "UTC")
    assert (await api("GET", "/v1/time_zone_list/XX"))[0] == 404


# --------------------------------------------------------------------------------------- helpers


def parts(form: str) -> tuple[bytes, str]:
    """Return a form as multipart, and its content type."""
    lines = [
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parse_qsl(form)
    ]
    return ("".join(lines) + "--cut--\r\n").encode(), "multipart/form-data; boundary=cut"
