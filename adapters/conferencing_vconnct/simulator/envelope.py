"""What all methods of v1 share: the license, the envelope, messages in Arabic or English."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl
from uuid import UUID

from conferencing.errors import Conflict, NotFound
from conferencing.sandbox.simulator import Answer, Call, Router

if TYPE_CHECKING:
    from . import VConnctSimulator

__all__ = ["MESSAGES", "Given", "Refused", "answer", "checked", "is_text", "is_uuid", "route"]

MESSAGES = {
    "created": ("The meeting has been added", "تمت إضافة الاجتماع"),
    "updated": ("The meeting has been changed", "تم تعديل بيانات الاجتماع"),
    "started": ("The meeting is running now", "الاجتماع قيد التشغيل الآن"),
    "joined": ("You may enter the meeting", "يمكنك دخول الاجتماع"),
    "deleted": ("Deleted", "تم الحذف"),
    "done": ("Done", "تم"),
    "license": ("The license key is not valid", "مفتاح الترخيص غير صالح"),
    "no_meeting": ("There is no such meeting", "لا يوجد اجتماع بهذا المعرف"),
    "no_session": ("There is no such session", "لا توجد جلسة بهذا المعرف"),
    "no_record": ("There is no recording", "لا يوجد تسجيل"),
    "no_path": ("There is no such method", "لا توجد هذه الخدمة"),
    "room_limit": ("No more meeting rooms are allowed", "تم بلوغ الحد الأقصى للغرف"),
    "full": ("The meeting is full", "الاجتماع ممتلئ"),
    "running": ("The meeting is running", "الاجتماع قيد التشغيل"),
    "not_running": ("The meeting is not running", "الاجتماع لا يعمل"),
    "password": ("The password is wrong", "كلمة المرور غير صحيحة"),
    "invalid": ("{} is not valid", "{} غير صالح"),
    "required": ("{} is required", "{} مطلوب"),
    "unknown": ("{} is not known", "{} غير معروف"),
    "ten": ("meeting_setting needs exactly the ten settings: {}", "يجب إرسال عشرة إعدادات: {}"),
    "start_or_join": ("either moderator_name, or fullname and role", "إما البدء أو الانضمام"),
}

route = Router()
Given = dict[str, Any]


class Refused(Exception):
    """Answer with a failure; each fault is a name in `MESSAGES` and what goes into it."""

    def __init__(self, status: int, *faults: tuple[str, str]) -> None:
        super().__init__(status)
        self.status = status
        self.faults = faults


def answer(simulator: VConnctSimulator, call: Call) -> Answer:
    """Answer a call of v1: the license first, then the path, then what was given."""
    english = call.headers.get("accept-language", "").lower().startswith("en")
    try:
        status, data, message = _done(simulator, call)
    except Refused as refused:
        return _failed(refused.status, [_said(*fault, english=english) for fault in refused.faults])
    except (NotFound, Conflict):
        return _failed(404, [_said("no_meeting", "", english=english)])
    text = _said(message, "", english=english)
    return Answer.json(
        {
            "status": True,
            "status_code": status,
            "message": "success",
            "data": data,
            "success_message": text,
        },
        status,
    )


def _done(simulator: VConnctSimulator, call: Call) -> tuple[int, Any, str]:
    if not _licensed(simulator, call):
        raise Refused(401, ("license", ""))
    found = route.find(call.method, call.path)
    if found is None:
        raise Refused(404, ("no_path", ""))
    done: tuple[int, Any, str] = found[0](simulator, _given(call))
    return done


def _failed(status: int, texts: list[str]) -> Answer:
    body = {"status": False, "status_code": status, "message": "error", "error_messages": texts}
    return Answer.json(body, status)


def _said(name: str, what: str, *, english: bool) -> str:
    return MESSAGES[name][0 if english else 1].format(what)


def _licensed(simulator: VConnctSimulator, call: Call) -> bool:
    right = call.headers.get("license") == simulator.license
    return right and simulator.world.now < simulator.license_expires


def _given(call: Call) -> Given:
    """Return the query and, for POST and PUT, the JSON body."""
    given: Given = dict(parse_qsl(call.query, keep_blank_values=True))
    if call.method not in {"POST", "PUT"}:
        return given
    try:
        body: object = json.loads(call.body or b"{}")
    except ValueError:
        raise Refused(400, ("invalid", "JSON")) from None
    if not isinstance(body, dict):
        raise Refused(400, ("invalid", "JSON"))
    return given | cast("dict[str, Any]", body)


def checked(given: Given, known: Mapping[str, Callable[[Any], bool]], *required: str) -> None:
    """Refuse with one fault per missing, unknown or invalid field."""
    faults = [("required", name) for name in required if given.get(name) in (None, "")]
    faults += [("unknown", name) for name in given if name not in known]
    faults += [
        ("invalid", name)
        for name, is_valid in known.items()
        if given.get(name) not in (None, "") and not is_valid(given[name])
    ]
    if faults:
        raise Refused(400, *faults)


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_uuid(value: Any) -> bool:
    try:
        return isinstance(value, str) and str(UUID(value)) == value.lower()
    except ValueError:
        return False
