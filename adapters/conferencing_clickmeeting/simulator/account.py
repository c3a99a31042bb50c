"""The account: ping, contacts, time zones, phone gateways, skins.

docs/vendors/clickmeeting.md#contacts, docs/vendors/clickmeeting.md#time-zones,
docs/vendors/clickmeeting.md#phone-gateways
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from conferencing.sandbox.kit import Fields, Refusal, Router
from conferencing.sandbox.simulator import Answer

from .state import ClickMeetingState

__all__ = ["SKINS", "is_time_zone", "route"]

route = Router()

SKINS: Final = {"5": "Business 2", "1": "Default", "12": "Education"}
GATEWAYS: Final = [
    {
        "code": "US",
        "location": "New York",
        "value": "+1 555 0100",
        "geo": {"lat": 40.7, "long": -74.0},
    },
    {
        "code": "PL",
        "location": "Gdansk",
        "value": "+48 555 0101",
        "geo": {"lat": 54.35, "long": 18.65},
    },
]
CONTACT: Final = ("email", "firstname", "lastname", "phone", "company", "country")
OLD_ZONES: Final = frozenset(
    [
        *("America/Godthab", "America/Nipigon", "America/Pangnirtung", "America/Rainy_River"),
        *("America/Thunder_Bay", "America/Yellowknife", "Asia/Choibalsan", "Asia/Rangoon"),
        *("Australia/Currie", "Europe/Kiev", "Europe/Uzhgorod", "Europe/Zaporozhye"),
        *("Pacific/Enderbury", "Pacific/Johnston"),
    ]
)
"""Zones of the recorded list that the tz database has renamed or joined since."""


@route("GET", "/v1/ping")
def ping(simulator: ClickMeetingState, fields: Fields) -> Answer:
    return Answer.json({"ping": "pong"})


@route("GET", "/v1/conferences/skins")
def list_skins(simulator: ClickMeetingState, fields: Fields) -> Answer:
    url = f"{simulator.root}/skins/"
    # The id is a string: docs/vendors/clickmeeting.md#oddity-26
    rows = [{"id": key, "name": name, "thumbnail_url": url + key} for key, name in SKINS.items()]
    return Answer.json(rows)


@route("POST", "/v1/contacts", *CONTACT)
def add_contact(simulator: ClickMeetingState, fields: Fields) -> Answer:
    fields.require("email", "firstname", "lastname")
    contact = {name: fields.text(name) or "" for name in CONTACT if name in fields}
    simulator.contacts[contact["email"]] = contact
    return Answer.json({"status": "OK"})


@route("GET", "/v1/time_zone_list")
def list_time_zones(simulator: ClickMeetingState, fields: Fields) -> Answer:
    zones = {zone for zones in _zones_by_country().values() for zone in zones}
    return Answer.json([*sorted(zones), "UTC"])


@route("GET", "/v1/time_zone_list/{country}")
def list_country_time_zones(simulator: ClickMeetingState, fields: Fields, country: str) -> Answer:
    zones = _zones_by_country().get(country.upper())
    if zones is None:
        raise Refusal(404)
    return Answer.json(zones)


@route("GET", "/v1/phone_gateways")
def list_phone_gateways(simulator: ClickMeetingState, fields: Fields) -> Answer:
    return Answer.json(GATEWAYS)


def is_time_zone(name: str) -> bool:
    """Return whether a room can have this time zone. Aliases such as `US/Eastern` are not taken."""
    in_table = any(name in zones for zones in _zones_by_country().values())
    return in_table or name == "UTC" or name in OLD_ZONES


@cache
def _zones_by_country() -> Mapping[str, list[str]]:
    """Return the zones of each country from `zone.tab` of the tz database.

    PHP's `DateTimeZone::listIdentifiers` is made from this file, and so are the recorded lists of
    all zones and of Russia's: docs/vendors/clickmeeting.md#time-zones
    """
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8")
    zones: defaultdict[str, list[str]] = defaultdict(list)
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            zones[country].append(zone)
    return {country: sorted(names) for country, names in zones.items()}
