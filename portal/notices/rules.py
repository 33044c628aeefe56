"""The kinds of notices (each has its words in notices/texts.py), and where one may lead."""

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
