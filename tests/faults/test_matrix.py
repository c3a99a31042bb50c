"""Every operation of every adapter under every fault; cut, mutated and odd replies; hostile ids."""

from __future__ import annotations

import pytest
import suites

pytestmark = pytest.mark.exhaustive


class TestClickMeeting(suites.ClickMeeting): ...


class TestVConnct(suites.VConnct): ...


class TestVConnctV4(suites.VConnctV4): ...


class TestVConnctV3Shapes(suites.VConnctV3Shapes): ...


class TestMeetRS(suites.MeetRS): ...


class TestBigBlueButton(suites.BigBlueButton): ...
