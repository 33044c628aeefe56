"""The kinds of notices (each has its words in notices/texts.py), how urgent each is, and where
one may lead.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from portal.access import Role

SETTINGS_PATH = "/notices/settings"
ENDPOINTS_PATH = "/notices/endpoints"
# A session that changes this shortly before it starts is told at once, day and night.
SHORTLY = timedelta(hours=24)


class NoticeKind(StrEnum):
    """What a notice is about."""

    BOOKING_MADE = "booking.made"
    BOOKING_CANCELLED = "booking.cancelled"
    BOOKING_MOVED = "booking.moved"
    BOOKING_ASKED = "booking.asked"
    BOOKING_DECLINED = "booking.declined"
    BOOKING_TOMORROW = "booking.tomorrow"
    BOOKING_SOON = "booking.soon"
    CALENDAR_UNREAD = "calendar.unread"
    FEEDBACK_LINKED = "feedback.linked"
    FEEDBACK_ANSWERED = "feedback.answered"
    FEEDBACK_SHIPPED = "feedback.shipped"
    FEEDBACK_DECLINED = "feedback.declined"
    SESSION_NOTE = "session.note"
    ROUND_OPENED = "round.opened"
    ROUND_DECIDED = "round.decided"
    ROUND_CANCELLED = "round.cancelled"
    REPORT_READY = "report.ready"
    ACTION_DONE = "action.done"
    ACTION_DUE = "action.due"
    REVIEW_DUE = "review.due"
    COURSE_ASSIGNED = "course.assigned"
    LESSON_MENDED = "lesson.mended"
    LESSON_KEPT = "lesson.kept"
    QUESTION_ANSWERED = "question.answered"
    CERTIFICATE_ISSUED = "certificate.issued"
    CERTIFICATE_REVOKED = "certificate.revoked"
    ENDPOINT_OFF = "endpoint.off"
    MEMBER_JOINED = "member.joined"
    OWNER_NAMED = "owner.named"
    OWNER_UNNAMED = "owner.unnamed"
    APPLICATION_RECEIVED = "application.received"
    APPLICATION_APPROVED = "application.approved"
    IDENTITY_USED_AGAIN = "identity.used_again"
    RESET_ASKED = "reset.asked"
    NEW_SIGN_IN = "sign_in.new"
    SIGN_IN_PAUSED = "sign_in.paused"
    PASSWORD_CHANGED = "sign_in.password"  # noqa: S105 – the name of a kind
    FACTOR_CHANGED = "sign_in.factor"


class Urgency(StrEnum):
    """How soon somebody should hear, outside the portal too."""

    URGENT = "urgent"  # at once, day and night; nobody can turn it off
    PROMPT = "prompt"  # at once, but not in quiet hours
    CALM = "calm"  # in the daily digest


class Wish(StrEnum):
    """How a person wants to be mailed about a kind."""

    NOW = "now"
    DIGEST = "digest"
    NEVER = "never"


# Each kind says how urgent it is. The order is the one of use: what asks for something first.
URGENCY: Mapping[NoticeKind, Urgency] = {
    NoticeKind.SIGN_IN_PAUSED: Urgency.URGENT,
    NoticeKind.NEW_SIGN_IN: Urgency.URGENT,
    NoticeKind.PASSWORD_CHANGED: Urgency.URGENT,
    NoticeKind.FACTOR_CHANGED: Urgency.URGENT,
    NoticeKind.BOOKING_CANCELLED: Urgency.PROMPT,
    NoticeKind.BOOKING_MOVED: Urgency.PROMPT,
    NoticeKind.BOOKING_ASKED: Urgency.PROMPT,
    NoticeKind.BOOKING_DECLINED: Urgency.PROMPT,
    NoticeKind.BOOKING_MADE: Urgency.PROMPT,
    NoticeKind.BOOKING_SOON: Urgency.PROMPT,
    NoticeKind.CALENDAR_UNREAD: Urgency.PROMPT,
    NoticeKind.BOOKING_TOMORROW: Urgency.PROMPT,
    NoticeKind.FEEDBACK_ANSWERED: Urgency.PROMPT,
    NoticeKind.ENDPOINT_OFF: Urgency.PROMPT,
    NoticeKind.RESET_ASKED: Urgency.PROMPT,
    NoticeKind.APPLICATION_RECEIVED: Urgency.PROMPT,
    NoticeKind.APPLICATION_APPROVED: Urgency.PROMPT,
    NoticeKind.IDENTITY_USED_AGAIN: Urgency.PROMPT,
    NoticeKind.OWNER_NAMED: Urgency.PROMPT,
    NoticeKind.OWNER_UNNAMED: Urgency.PROMPT,
    NoticeKind.COURSE_ASSIGNED: Urgency.PROMPT,
    NoticeKind.CERTIFICATE_REVOKED: Urgency.PROMPT,
    NoticeKind.ROUND_DECIDED: Urgency.PROMPT,
    NoticeKind.ROUND_CANCELLED: Urgency.PROMPT,
    NoticeKind.ROUND_OPENED: Urgency.CALM,
    NoticeKind.MEMBER_JOINED: Urgency.CALM,
    NoticeKind.SESSION_NOTE: Urgency.CALM,
    NoticeKind.REPORT_READY: Urgency.CALM,
    NoticeKind.ACTION_DUE: Urgency.CALM,
    NoticeKind.REVIEW_DUE: Urgency.CALM,
    NoticeKind.ACTION_DONE: Urgency.CALM,
    NoticeKind.FEEDBACK_SHIPPED: Urgency.CALM,
    NoticeKind.FEEDBACK_DECLINED: Urgency.CALM,
    NoticeKind.FEEDBACK_LINKED: Urgency.CALM,
    NoticeKind.LESSON_MENDED: Urgency.CALM,
    NoticeKind.LESSON_KEPT: Urgency.CALM,
    NoticeKind.QUESTION_ANSWERED: Urgency.CALM,
    NoticeKind.CERTIFICATE_ISSUED: Urgency.CALM,
}
# Who gets a kind at all; one that is not named here may reach anybody.
_ROLES: Mapping[NoticeKind, frozenset[Role]] = {
    NoticeKind.BOOKING_CANCELLED: frozenset({Role.DEALER, Role.CONSULTANT}),
    NoticeKind.BOOKING_MOVED: frozenset({Role.DEALER, Role.CONSULTANT}),
    NoticeKind.BOOKING_ASKED: frozenset({Role.DEALER, Role.CONSULTANT}),
    NoticeKind.BOOKING_DECLINED: frozenset({Role.DEALER, Role.CONSULTANT}),
    NoticeKind.BOOKING_MADE: frozenset({Role.DEALER, Role.CONSULTANT}),
    NoticeKind.BOOKING_SOON: frozenset({Role.DEALER, Role.CONSULTANT}),
    NoticeKind.CALENDAR_UNREAD: frozenset({Role.CONSULTANT}),
    NoticeKind.BOOKING_TOMORROW: frozenset({Role.DEALER, Role.CONSULTANT}),
    NoticeKind.FEEDBACK_ANSWERED: frozenset({Role.DEALER}),
    NoticeKind.SESSION_NOTE: frozenset({Role.DEALER}),
    NoticeKind.ROUND_OPENED: frozenset({Role.DEALER}),
    NoticeKind.ROUND_DECIDED: frozenset({Role.DEALER}),
    NoticeKind.ROUND_CANCELLED: frozenset({Role.DEALER}),
    NoticeKind.REPORT_READY: frozenset({Role.DEALER}),
    NoticeKind.ACTION_DUE: frozenset({Role.DEALER}),
    NoticeKind.REVIEW_DUE: frozenset({Role.DEALER}),
    NoticeKind.ACTION_DONE: frozenset({Role.DEALER}),
    NoticeKind.FEEDBACK_SHIPPED: frozenset({Role.DEALER}),
    NoticeKind.FEEDBACK_DECLINED: frozenset({Role.DEALER}),
    NoticeKind.FEEDBACK_LINKED: frozenset({Role.DEALER}),
    NoticeKind.COURSE_ASSIGNED: frozenset({Role.DEALER}),
    NoticeKind.LESSON_MENDED: frozenset({Role.DEALER, Role.CONSULTANT}),
    NoticeKind.LESSON_KEPT: frozenset({Role.DEALER, Role.CONSULTANT}),
    NoticeKind.QUESTION_ANSWERED: frozenset({Role.DEALER}),
    NoticeKind.CERTIFICATE_ISSUED: frozenset({Role.DEALER, Role.CONSULTANT}),
    NoticeKind.CERTIFICATE_REVOKED: frozenset({Role.DEALER, Role.CONSULTANT}),
    NoticeKind.RESET_ASKED: frozenset({Role.OPERATOR}),
    NoticeKind.APPLICATION_RECEIVED: frozenset({Role.OPERATOR}),
    NoticeKind.APPLICATION_APPROVED: frozenset({Role.DEALER}),
}
# What was known anyway can wait, and can be turned off, however soon the session starts.
REMINDERS = frozenset({NoticeKind.BOOKING_SOON, NoticeKind.BOOKING_TOMORROW})
# Kinds that go to who owns an organisation.
_FOR_OWNERS = frozenset({NoticeKind.ENDPOINT_OFF})
# Kinds that concern one person, whatever their role.
_FOR_ONE = frozenset(
    {
        NoticeKind.CALENDAR_UNREAD,
        NoticeKind.COURSE_ASSIGNED,
        NoticeKind.LESSON_MENDED,
        NoticeKind.LESSON_KEPT,
        NoticeKind.QUESTION_ANSWERED,
        NoticeKind.CERTIFICATE_ISSUED,
        NoticeKind.CERTIFICATE_REVOKED,
    }
)
_USUAL: Mapping[Urgency, Wish] = {
    Urgency.URGENT: Wish.NOW,
    Urgency.PROMPT: Wish.NOW,
    Urgency.CALM: Wish.DIGEST,
}


def kinds_for(role: Role, *, is_owner: bool = False) -> Sequence[NoticeKind]:
    """Return the kinds that somebody in this role gets, in the order of use."""
    own = [kind for kind in URGENCY if kind not in _ROLES or role in _ROLES[kind]]
    return [kind for kind in own if is_owner or kind not in _FOR_OWNERS]


def kinds_for_groups(role: Role) -> Sequence[NoticeKind]:
    """Return the kinds that an organisation of this role can have sent to a group or a machine.

    What concerns one person, or the endpoints themselves, does not go there.
    """
    return [kind for kind in kinds_for(role) if kind in _ROLES and kind not in _FOR_ONE]


def usual_wish(kind: NoticeKind) -> Wish:
    """Return how somebody is mailed about a kind who has said nothing."""
    return _USUAL[URGENCY[kind]]


def is_urgent(kind: NoticeKind, params: Mapping[str, Any], *, at: datetime) -> bool:
    """Tell whether this notice cannot wait: its kind is urgent, or it is about a session that
    starts within a day.
    """
    if URGENCY[kind] is Urgency.URGENT:
        return True
    starts_at = params.get("starts_at")
    if starts_at is None or kind in REMINDERS:
        return False
    return timedelta() < datetime.fromisoformat(starts_at) - at < SHORTLY


def is_stale(stale_from: datetime | None, *, at: datetime) -> bool:
    """Tell whether a notice is no longer worth telling outside the portal; None: it always is."""
    return stale_from is not None and at >= stale_from


class ForeignPath(ValueError):
    """A notice would lead out of the portal."""


def check_path(path: str) -> None:
    """Raise ForeignPath unless `path` is an address within the portal, like /feedback/abc."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        raise ForeignPath(path)


class Channel(StrEnum):
    """A way to tell somebody outside the portal."""

    MAIL = "mail"
    DIGEST = "digest"  # the mail that carries a day's notices
    WEBHOOK = "webhook"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"


# Channels that lead to an endpoint of an organisation.
ENDPOINTS = (Channel.WECOM, Channel.DINGTALK, Channel.FEISHU, Channel.WEBHOOK)


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"


class Skipped(StrEnum):
    """Why something was not sent on purpose."""

    NO_ADDRESS = "no_address"
    NOT_WANTED = "not_wanted"
    BOUNCED = "bounced"
    READ_BEFORE = "read_before"
    GONE = "gone"  # the receiver has left, or the notice is gone
    NOTHING_NEW = "nothing_new"  # a digest without anything unread
    SUPERSEDED = "superseded"  # a digest that the next day's takes over
    PAUSED = "paused"  # an endpoint that is off
    STALE = "stale"  # what it says is over, or was changed meanwhile
