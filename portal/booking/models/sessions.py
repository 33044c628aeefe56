"""Tables of bookings and session notes, and the guard against overlap.

A booking is what was agreed and keeps its identity; an allocation is the time that it blocks.
A time is also blocked for a while without a booking: while a form is filled, or as an offer.
That two live allocations of one consultant (or of one dealer) overlap is impossible in the
database: an exclusion constraint on PostgreSQL, triggers on SQLite. See docs/decisions/0015.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import ExecutableDDLElement

from portal.access import Role
from portal.booking.rules.sessions import Blocked
from portal.db import Base, UtcDateTime, one_of
from portal.ownership import owned

# Session and buffers together; it bounds how far back the SQLite triggers have to look.
LONGEST_BLOCK_MINUTES = 480


@owned(dealer="dealer_id", staff=[Role.CONSULTANT, Role.OPERATOR])
class Booking(Base):
    """A session that a dealer agreed with a consultant; its identity never changes."""

    __tablename__ = "booking"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)  # 128 random bits
    # The event's identity in the dealer's own calendar, and the count of its changes.
    uid: Mapped[str] = mapped_column(String(64), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(16))
    dealer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    consultant_id: Mapped[int] = mapped_column(ForeignKey("consultant.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    topic: Mapped[str] = mapped_column(Text)
    submission_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    cancel_reason: Mapped[str] = mapped_column(String(300), default="")
    # The lesson whose quiz the person was stuck in when booking, if that was why.
    lesson_id: Mapped[str | None] = mapped_column(String(160))
    # Until when its consultant has to say yes; None: agreed, nobody has to.
    answer_by: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # None: a plain session, as long as its consultant says.
    kind_id: Mapped[int | None] = mapped_column(ForeignKey("session_kind.id"))

    __table_args__ = (
        # A key belongs to the shop that made it: nobody can replay another shop's booking.
        UniqueConstraint("dealer_id", "submission_key"),
        CheckConstraint("state IN ('booked', 'cancelled', 'done', 'no_show')", name="state_known"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index(None, "dealer_id", "starts_at"),
        Index(None, "consultant_id", "starts_at"),
    )


@owned(dealer="dealer_id", staff=[Role.CONSULTANT, Role.OPERATOR])
class Allocation(Base):
    """A blocked time, buffers included, in minutes since 1970 (UTC), half-open.

    Confirmed for a booking; or for a while: held while a form is filled, offered to a shop, or
    held with its booking until the consultant answers. What ran out is released by the next who
    claims a time there (a constraint knows no clock), and counts as free from then on.
    """

    __tablename__ = "allocation"

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    consultant_id: Mapped[int] = mapped_column(ForeignKey("consultant.id"))
    dealer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    starts_minute: Mapped[int] = mapped_column(BigInteger)
    ends_minute: Mapped[int] = mapped_column(BigInteger)
    live: Mapped[bool]  # False: released, blocks nothing any more
    kind: Mapped[str] = mapped_column(
        String(16), default=Blocked.CONFIRMED.value, server_default=Blocked.CONFIRMED.value
    )
    expires_minute: Mapped[int | None] = mapped_column(BigInteger)  # since 1970; None: never

    __table_args__ = (
        CheckConstraint(one_of("kind", Blocked), name="kind_known"),
        CheckConstraint("(kind = 'confirmed') = (expires_minute IS NULL)", name="hold_expires"),
        CheckConstraint("kind <> 'confirmed' OR booking_id IS NOT NULL", name="booking_known"),
        CheckConstraint(
            "ends_minute > starts_minute "
            f"AND ends_minute - starts_minute <= {LONGEST_BLOCK_MINUTES}",
            name="block_length",
        ),
        # Plain, not partial: SQLite uses "WHERE live" only for queries that say exactly that.
        Index(None, "consultant_id", "starts_minute"),
        Index(None, "dealer_id", "starts_minute"),
    )


@owned(through="booking_id")
class SessionNote(Base):
    """What came out of a session: one part for the dealer, one for the consultants."""

    __tablename__ = "session_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), unique=True)
    text: Mapped[str] = mapped_column(Text)
    private_text: Mapped[str] = mapped_column(Text, default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)  # who saves must have seen the newest


_SIDES = ("consultant", "dealer")


def _exclusion(side: str) -> str:
    return (
        f"ALTER TABLE allocation ADD CONSTRAINT ex_allocation_{side} EXCLUDE USING gist "
        f"({side}_id WITH =, int8range(starts_minute, ends_minute) WITH &&) WHERE (live)"
    )


def _trigger(side: str, moment: str) -> str:
    overlapping = (
        f"other.{side}_id = NEW.{side}_id AND other.live = 1 AND other.id IS NOT NEW.id "
        "AND other.starts_minute < NEW.ends_minute AND other.ends_minute > NEW.starts_minute "
        f"AND other.starts_minute > NEW.starts_minute - {LONGEST_BLOCK_MINUTES}"
    )
    return (
        # Only this module's own constants are put in.
        f"CREATE TRIGGER ex_allocation_{side}_{moment.lower()} BEFORE {moment} ON allocation "  # noqa: S608 – see above
        "WHEN NEW.live = 1 AND EXISTS "
        f"(SELECT 1 FROM allocation AS other WHERE {overlapping}) "
        f"BEGIN SELECT RAISE(ABORT, 'ex_allocation_{side}'); END"
    )


# The guard's own words, by database, for create_all (below) and for the migration alike.
GUARD: Mapping[str, Sequence[str]] = {
    "postgresql": (
        "CREATE EXTENSION IF NOT EXISTS btree_gist",  # lets gist compare plain integers
        *(_exclusion(side) for side in _SIDES),
    ),
    "sqlite": tuple(_trigger(side, moment) for side in _SIDES for moment in ("INSERT", "UPDATE")),
}
GUARD_REMOVAL: Mapping[str, Sequence[str]] = {
    "postgresql": tuple(
        f"ALTER TABLE allocation DROP CONSTRAINT ex_allocation_{side}" for side in _SIDES
    ),
    "sqlite": tuple(
        f"DROP TRIGGER ex_allocation_{side}_{moment}"
        for side in _SIDES
        for moment in ("insert", "update")
    ),
}


def _attach(table: Table) -> None:
    for dialect, statements in GUARD.items():
        for statement in statements:
            ddl: ExecutableDDLElement = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's own
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))


_attach(Base.metadata.tables["allocation"])
