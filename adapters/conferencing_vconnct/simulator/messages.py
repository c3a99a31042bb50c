"""The messages of v1, in English and in Arabic, which is the default of the vendor."""

from __future__ import annotations

from typing import Final

__all__ = ["message"]

MESSAGES: Final = {
    "created": ("The meeting has been added", "تمت إضافة الاجتماع"),
    "updated": ("The meeting has been changed", "تم تعديل بيانات الاجتماع"),
    "started": ("The meeting is running now", "الاجتماع قيد التشغيل الآن"),
    "joined": ("You may enter the meeting", "يمكنك دخول الاجتماع"),
    "deleted": ("Deleted", "تم الحذف"),
    "done": ("Done", "تم"),
    "license": ("The license key is not valid", "مفتاح الترخيص غير صالح"),
    "not_found": ("There is no such meeting", "لا يوجد اجتماع بهذا المعرف"),
    "no_session": ("There is no such session", "لا توجد جلسة بهذا المعرف"),
    "no_record": ("There is no recording", "لا يوجد تسجيل"),
    "no_path": ("There is no such method", "لا توجد هذه الخدمة"),
    "room_limit": ("No more meeting rooms are allowed", "تم بلوغ الحد الأقصى للغرف"),
    "full": ("The meeting is full", "الاجتماع ممتلئ"),
    "running": ("The meeting is running", "الاجتماع قيد التشغيل"),
    "not_running": ("The meeting is not running", "الاجتماع لا يعمل"),
    "conflict": ("The meeting is not running", "الاجتماع لا يعمل"),
    "password": ("The password is wrong", "كلمة المرور غير صحيحة"),
    "invalid": ("{} is not valid", "{} غير صالح"),
    "required": ("{} is required", "{} مطلوب"),
    "unknown": ("{} is not known", "{} غير معروف"),
    "ten": ("meeting_setting needs exactly the ten settings: {}", "يجب إرسال عشرة إعدادات: {}"),
    "start_or_join": ("either moderator_name, or fullname and role", "إما البدء أو الانضمام"),
}


def message(code: str, field: str = "", *, language: str) -> str:
    """Return a message in the language of an `Accept-Language` header."""
    is_english = language.lower().startswith("en")
    return MESSAGES[code][0 if is_english else 1].format(field)
