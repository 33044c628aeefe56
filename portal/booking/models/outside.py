"""Tables of what booking knows from outside it: busy time elsewhere, and who was reminded."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.booking.rules.reminders import Reminder
from portal.db import Base, UtcDateTime, one_of
from portal.ownership import owned


@owned(through="consultant_id")
class OutsideBusy(Base):
    """Time that a consultant's own calendar takes, in minutes since 1970 (UTC), half-open.

    Nothing else of that calendar is kept: no titles, no places, no people.
    """

    __tablename__ = "outside_busy"

    id: Mapped[int] = mapped_column(primary_key=True)
    consultant_id: Mapped[int] = mapped_column(ForeignKey("consultant.id", ondelete="CASCADE"))
    source_id: Mapped[int] = mapped_column(
        ForeignKey("calendar_source.id", ondelete="CASCADE"), index=True
    )
    starts_minute: Mapped[int] = mapped_column(BigInteger)
    ends_minute: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        CheckConstraint("ends_minute > starts_minute", name="ends_after_start"),
        Index(None, "consultant_id", "ends_minute"),
    )


@owned(through="booking_id")
class SessionReminder(Base):
    """Both sides were reminded of a session; one that is moved is reminded of anew."""

    __tablename__ = "session_reminder"

    booking_id: Mapped[int] = mapped_column(
        ForeignKey("booking.id", ondelete="CASCADE"), primary_key=True
    )
    reminder: Mapped[str] = mapped_column(String(8), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    reminded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (CheckConstraint(one_of("reminder", Reminder), name="reminder_known"),)
