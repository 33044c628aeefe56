"""The kinds of notices; each has its words in notices/texts.py."""

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
