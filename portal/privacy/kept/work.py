"""What somebody does for their shop or as a consultant: lessons, sessions, feedback, tickets."""

from portal.i18n import lazy_gettext as _l
from portal.privacy.kept.words import WHO, gone, pointer
from portal.privacy.rules import Deletion, Field, Table

_TO_LEARN = _l("接着上次学，安排复习")
_TO_MEET = _l("顾问准备和跟进")
_TO_MEND = _l("把问题交给供应商处理，改好后告诉店铺")
_FIXED = _l("店铺或供应商当时的原话，不能改写")


def _words(what: object) -> Field:
    """Return a text of the shop's that stays, without the name and contacts of who left."""
    return Field(what, Deletion.MASK)


TABLES = (
    Table(
        name="enrolment",
        what=_l("报名的课程"),
        purpose=_TO_LEARN,
        rows=Deletion.ERASE,
        person=("person_id",),
        organisation=("organisation_id",),
        exported=("id", "person_id", "slug", "enrolled_at"),
        fields={"person_id": gone(WHO)},
    ),
    Table(
        name="learning_event",
        what=_l("学习进度和答题"),
        purpose=_TO_LEARN,
        rows=Deletion.ERASE,
        parent=("enrolment_id", "enrolment"),
        exported=("enrolment_id", "lesson_id", "kind", "payload", "at"),
        fields={"payload": gone(_l("答案"))},
    ),
    Table(
        name="watch_position",
        what=_l("课程视频看到哪里"),
        purpose=_TO_LEARN,
        rows=Deletion.ERASE,
        parent=("enrolment_id", "enrolment"),
        exported=("enrolment_id", "lesson_id", "seconds", "at"),
        fields={},
    ),
    Table(
        name="lesson_report",
        what=_l("报告的课程错误"),
        purpose=_l("改正课程里写错或过时的地方"),
        rows=Deletion.KEEP,
        person=("person_id", "closed_by"),
        organisation=("organisation_id",),
        exported=("id", "person_id", "lesson_id", "text", "state", "reported_at", "closed_at"),
        fields={
            "person_id": Field(WHO, Deletion.BLANK),
            "closed_by": pointer(),
            "text": _words(_l("哪里写错或过时")),
        },
    ),
    Table(
        name="consultant",
        what=_l("顾问资料"),
        purpose=_l("让渠道商选顾问"),
        rows=Deletion.KEEP,
        person=("person_id",),
        exported=("specialty_zh", "specialty_en", "bio", "timezone", "meeting_place"),
        fields={
            "person_id": pointer(),
            "specialty_zh": Field(_l("擅长"), Deletion.BLANK, blank=""),
            "specialty_en": Field(_l("擅长（英文）"), Deletion.BLANK, blank=""),
            "bio": Field(_l("自我介绍"), Deletion.BLANK, blank=""),
            "meeting_place": Field(_l("会谈地点或链接"), Deletion.BLANK, blank=""),
        },
    ),
    Table(
        name="weekly_hours",
        what=_l("每周排班"),
        purpose=_TO_MEET,
        rows=Deletion.ERASE,
        parent=("consultant_id", "consultant"),
        exported=("weekday", "starts_minute", "ends_minute"),
        fields={},
    ),
    Table(
        name="time_off",
        what=_l("休息日"),
        purpose=_TO_MEET,
        rows=Deletion.ERASE,
        parent=("consultant_id", "consultant"),
        exported=("day", "reason"),
        fields={"reason": gone(_l("休息的原因"))},
    ),
    Table(
        name="booking",
        what=_l("预约"),
        purpose=_TO_MEET,
        rows=Deletion.KEEP,
        person=("person_id", "cancelled_by"),
        organisation=("dealer_id",),
        parent=("consultant_id", "consultant"),
        exported=(
            "id",
            "public_id",
            "state",
            "dealer_id",
            "person_id",
            "consultant_id",
            "starts_at",
            "ends_at",
            "topic",
            "created_at",
            "cancelled_by",
            "cancel_reason",
        ),
        fields={
            "person_id": pointer(),
            "cancelled_by": pointer(),
            "topic": _words(_l("想聊什么")),
            "cancel_reason": _words(_l("取消的原因")),
        },
    ),
    Table(
        name="session_note",
        what=_l("会谈记录"),
        purpose=_TO_MEET,
        rows=Deletion.KEEP,
        person=("author_id",),
        parent=("booking_id", "booking"),
        # A consultant's private notes tell of somebody else: nobody takes them away here.
        exported=("booking_id", "text", "author_id", "updated_at"),
        fields={
            "author_id": pointer(),
            "text": _words(_l("会谈要点")),
            "private_text": _words(_l("顾问自己的备注")),
        },
    ),
    Table(
        name="feedback",
        what=_l("反馈"),
        purpose=_TO_MEND,
        rows=Deletion.KEEP,
        person=("author_id",),
        organisation=("dealer_id",),
        exported=(
            "id",
            "public_id",
            "dealer_id",
            "author_id",
            "product_id",
            "text",
            "impact",
            "state",
            "lesson_id",
            "course_version",
            "submitted_at",
        ),
        fields={
            "author_id": Field(WHO, Deletion.BLANK),
            "text": _words(_l("反馈的原话")),
            "impact": _words(_l("对店里的影响")),
        },
    ),
    Table(
        name="feedback_event",
        what=_l("反馈的进展"),
        purpose=_TO_MEND,
        rows=Deletion.KEEP,
        person=("actor_person_id",),
        parent=("feedback_id", "feedback"),
        exported=("feedback_id", "kind", "text", "at"),
        fields={
            "actor_person_id": pointer(),
            "text": Field(_l("回复或说明"), Deletion.KEEP, why_kept=_FIXED),
        },
    ),
    Table(
        name="ask",
        what=_l("诉求"),
        purpose=_TO_MEND,
        rows=Deletion.KEEP,
        organisation=("dealer_id",),
        exported=("ticket_id", "feedback_id", "dealer_id", "asked_at"),
        fields={},
    ),
    Table(
        name="ticket",
        what=_l("改进工单"),
        purpose=_TO_MEND,
        rows=Deletion.KEEP,
        person=("owner_person_id",),
        organisation=("supplier_id",),
        exported=("id", "public_id", "product_id", "title", "description", "state", "opened_at"),
        fields={
            "owner_person_id": pointer(),
            "title": _words(_l("工单标题")),
            "description": _words(_l("工单说明")),
        },
    ),
    Table(
        name="ticket_event",
        what=_l("工单的进展"),
        purpose=_TO_MEND,
        rows=Deletion.KEEP,
        person=("actor_person_id",),
        parent=("ticket_id", "ticket"),
        exported=("ticket_id", "kind", "text", "pieces", "at"),
        fields={
            "actor_person_id": pointer(),
            "text": Field(_l("说明"), Deletion.KEEP, why_kept=_FIXED),
        },
    ),
    Table(
        name="release",
        what=_l("发布"),
        purpose=_TO_MEND,
        rows=Deletion.KEEP,
        organisation=("supplier_id",),
        exported=("id", "public_id", "title", "notes", "released_on", "announced_at"),
        fields={},
    ),
)
