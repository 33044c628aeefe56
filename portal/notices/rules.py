"""The kinds of notices (each has its words in notices/texts.py), how urgent each is, and where
one may lead.
"""

from enum import StrEnum


class NoticeKind(StrEnum):
    """What a notice is about."""

    BOOKING_MADE = "booking.made"
    BOOKING_CANCELLED = "booking.cancelled"
    FEEDBACK_LINKED = "feedback.linked"
    FEEDBACK_ANSWERED = "feedback.answered"
    FEEDBACK_SHIPPED = "feedback.shipped"
    FEEDBACK_DECLINED = "feedback.declined"
    SESSION_NOTE = "session.note"
    REPORT_READY = "report.ready"


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
    NOT_SET_UP = "not_set_up"
