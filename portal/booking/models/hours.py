"""Tables of consultants and when they receive: hours, leave, journeys, holidays, kinds."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Role
from portal.booking.rules.offers import LEVELS, PlaceMode
from portal.db import Base, one_of
from portal.ownership import owned


@owned(person="person_id", staff=[Role.OPERATOR], readers=[Role.DEALER, Role.CONSULTANT])
class Consultant(Base):
    """A person of the alliance whom dealers may book."""

    __tablename__ = "consultant"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    specialty_zh: Mapped[str] = mapped_column(String(60))
    specialty_en: Mapped[str] = mapped_column(String(120))
    bio: Mapped[str] = mapped_column(String(600), default="")
    timezone: Mapped[str] = mapped_column(String(64))  # IANA name; the weekly hours are local to it
    session_minutes: Mapped[int] = mapped_column(default=45)
    buffer_minutes: Mapped[int] = mapped_column(default=15)  # kept free after each session
    notice_minutes: Mapped[int] = mapped_column(default=120)
    horizon_days: Mapped[int] = mapped_column(default=21)
    meeting_place: Mapped[str] = mapped_column(String(300), default="")
    # Dealers ask, and the consultant says yes before it counts as agreed.
    confirms_requests: Mapped[bool] = mapped_column(default=False, server_default=false())
    buffer_before_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    interval_minutes: Mapped[int | None]  # from start to start; None: as long as a block
    day_cap: Mapped[int | None]  # sessions a local day; None: as many as fit
    week_cap: Mapped[int | None]  # sessions from Monday to Sunday
    follows_holidays: Mapped[bool] = mapped_column(default=True, server_default=true())
    # Local dates, inclusive, whose hours an allocation round gives away: nobody else books them.
    withheld_from: Mapped[date | None]
    withheld_until: Mapped[date | None]

    __table_args__ = (
        # Together with the longest session they stay within LONGEST_BLOCK_MINUTES.
        CheckConstraint(
            "buffer_before_minutes >= 0 AND buffer_before_minutes + buffer_minutes <= 240",
            name="buffers_sane",
        ),
        CheckConstraint(
            "(withheld_from IS NULL) = (withheld_until IS NULL)", name="withheld_has_both_ends"
        ),
        CheckConstraint("interval_minutes BETWEEN 5 AND 480", name="interval_minutes_sane"),
        CheckConstraint("day_cap BETWEEN 1 AND 50", name="day_cap_sane"),
        CheckConstraint("week_cap BETWEEN 1 AND 200", name="week_cap_sane"),
        CheckConstraint("session_minutes BETWEEN 15 AND 240", name="session_minutes_sane"),
        CheckConstraint("buffer_minutes BETWEEN 0 AND 240", name="buffer_minutes_sane"),
        CheckConstraint("notice_minutes BETWEEN 0 AND 20160", name="notice_minutes_sane"),
        CheckConstraint("horizon_days BETWEEN 1 AND 90", name="horizon_days_sane"),
    )


@owned(through="consultant_id", readers=[Role.DEALER, Role.CONSULTANT])
class WeeklyHours(Base):
    """One window in which a consultant receives dealers, every week, in local wall-clock time."""

    __tablename__ = "weekly_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    consultant_id: Mapped[int] = mapped_column(ForeignKey("consultant.id", ondelete="CASCADE"))
    weekday: Mapped[int]  # 0 is Monday
    starts_minute: Mapped[int]  # minutes after local midnight
    ends_minute: Mapped[int]  # up to 1440, the next midnight

    __table_args__ = (
        UniqueConstraint("consultant_id", "weekday", "starts_minute"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_known"),
        CheckConstraint(
            "starts_minute >= 0 AND ends_minute > starts_minute AND ends_minute <= 1440",
            name="within_a_day",
        ),
    )


@owned(through="consultant_id", readers=[Role.DEALER, Role.CONSULTANT])
class TimeOff(Base):
    """A whole local day, or several on end, on which a consultant receives nobody."""

    __tablename__ = "time_off"

    id: Mapped[int] = mapped_column(primary_key=True)
    consultant_id: Mapped[int] = mapped_column(ForeignKey("consultant.id", ondelete="CASCADE"))
    day: Mapped[date]  # the first
    reason: Mapped[str] = mapped_column(String(120), default="")
    last_day: Mapped[date | None]  # inclusive; None: `day` alone

    __table_args__ = (
        UniqueConstraint("consultant_id", "day"),
        CheckConstraint("last_day > day", name="last_day_after_first"),
    )


@owned(through="consultant_id", readers=[Role.DEALER, Role.CONSULTANT])
class DateHours(Base):
    """One window on one date; a date with windows of its own has none of its weekday's."""

    __tablename__ = "date_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    consultant_id: Mapped[int] = mapped_column(ForeignKey("consultant.id", ondelete="CASCADE"))
    day: Mapped[date]
    starts_minute: Mapped[int]  # minutes after local midnight
    ends_minute: Mapped[int]  # up to 1440, the next midnight

    __table_args__ = (
        UniqueConstraint("consultant_id", "day", "starts_minute"),
        CheckConstraint(
            "starts_minute >= 0 AND ends_minute > starts_minute AND ends_minute <= 1440",
            name="within_a_day",
        ),
    )


@owned(through="consultant_id", readers=[Role.DEALER, Role.CONSULTANT])
class Journey(Base):
    """Local dates on which a consultant's hours go by the clock of another zone."""

    __tablename__ = "journey"

    id: Mapped[int] = mapped_column(primary_key=True)
    consultant_id: Mapped[int] = mapped_column(
        ForeignKey("consultant.id", ondelete="CASCADE"), index=True
    )
    first_day: Mapped[date]
    last_day: Mapped[date]  # inclusive
    zone: Mapped[str] = mapped_column(String(64))  # IANA name

    __table_args__ = (CheckConstraint("last_day >= first_day", name="last_day_not_before_first"),)


@owned(staff=[Role.OPERATOR], readers=[Role.DEALER, Role.CONSULTANT])
class Holiday(Base):
    """A day of the alliance's calendar that is not what its weekday says: off, or worked."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(primary_key=True)
    # A make-up day works as this weekday, 0 is Monday; None: nobody works.
    works_as: Mapped[int | None]
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80), default="")

    __table_args__ = (CheckConstraint("works_as BETWEEN 0 AND 6", name="works_as_known"),)


@owned(staff=[Role.OPERATOR], readers=[Role.DEALER, Role.CONSULTANT])
class SessionKind(Base):
    """A kind of session: how long, where, for whom, and how often a dealer may have one.

    A booking without a kind is the plain session, as long as its consultant says.
    """

    __tablename__ = "session_kind"

    id: Mapped[int] = mapped_column(primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(80))
    minutes: Mapped[int]
    place_mode: Mapped[str] = mapped_column(String(16), default=PlaceMode.CONSULTANT.value)
    level_from: Mapped[int] = mapped_column(default=LEVELS[0])  # dealers of these levels, inclusive
    level_to: Mapped[int] = mapped_column(default=LEVELS[-1])
    quota: Mapped[int | None]  # sessions a dealer may have in any 30 days
    is_open: Mapped[bool] = mapped_column(default=True)  # closed: kept for what was booked with it

    __table_args__ = (
        CheckConstraint("minutes BETWEEN 15 AND 240", name="minutes_sane"),
        CheckConstraint(one_of("place_mode", PlaceMode), name="place_mode_known"),
        CheckConstraint("level_from <= level_to", name="levels_in_order"),
        CheckConstraint("quota BETWEEN 1 AND 100", name="quota_sane"),
    )


@owned(through="consultant_id", staff=[Role.OPERATOR], readers=[Role.DEALER, Role.CONSULTANT])
class ConsultantKind(Base):
    """That a consultant offers a kind of session; who offers any offers no plain ones."""

    __tablename__ = "consultant_kind"

    id: Mapped[int] = mapped_column(primary_key=True)
    consultant_id: Mapped[int] = mapped_column(ForeignKey("consultant.id", ondelete="CASCADE"))
    kind_id: Mapped[int] = mapped_column(ForeignKey("session_kind.id", ondelete="CASCADE"))

    __table_args__ = (UniqueConstraint("consultant_id", "kind_id"),)
