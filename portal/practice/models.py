"""The table of action items: what a shop took on, and the evidence that closed it."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Role
from portal.db import Base, UtcDateTime, keep_fixed, one_of
from portal.ownership import owned
from portal.practice.rules import ClosedBy, Source, State

_OPEN = sql("state = 'open' AND lesson_id IS NOT NULL")


@owned(dealer="organisation_id", staff=[Role.CONSULTANT], readers=[Role.OPERATOR])
class ActionItem(Base):
    """Something that a shop took on to do by a day, as it was worded and checked on that day."""

    __tablename__ = "action_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)  # 128 random bits
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who took it on
    source: Mapped[str] = mapped_column(String(12))
    lesson_id: Mapped[str | None] = mapped_column(String(160))
    course_version_id: Mapped[int | None] = mapped_column(ForeignKey("course_version.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    code: Mapped[str] = mapped_column(String(80))
    texts: Mapped[dict[str, str]] = mapped_column(JSON)  # by language tag, as it was
    # What closes it by the order facts, as it was; without a measure the shop closes it.
    measure: Mapped[str | None] = mapped_column(String(24))
    at_least: Mapped[int | None] = mapped_column(BigInteger)
    at_most: Mapped[int | None] = mapped_column(BigInteger)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_on: Mapped[date]  # local; the first day that counts
    due_on: Mapped[date]  # local; the last day that counts

    state: Mapped[str] = mapped_column(String(8), default=State.OPEN.value)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(8))
    closed_by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str | None] = mapped_column(Text)  # the shop's own sentence
    picture: Mapped[str | None] = mapped_column(String(120))  # its path below the uploads folder

    # What the facts said last (see rules.Reading); frozen once the item is done.
    figure: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    lacking: Mapped[str | None] = mapped_column(String(16))
    facts_version: Mapped[str | None] = mapped_column(String(32))
    facts_until: Mapped[date | None]
    reminded_on: Mapped[date | None]  # local

    __table_args__ = (
        CheckConstraint(one_of("state", State), name="state_known"),
        CheckConstraint(one_of("source", Source), name="source_known"),
        CheckConstraint(one_of("closed_by", ClosedBy), name="closed_by_known"),
        CheckConstraint(
            "(source = 'lesson' AND lesson_id IS NOT NULL AND course_version_id IS NOT NULL)"
            " OR (source = 'session' AND booking_id IS NOT NULL AND lesson_id IS NULL)",
            name="source_named",
        ),
        CheckConstraint(
            "(measure IS NULL AND at_least IS NULL AND at_most IS NULL)"
            " OR (measure IS NOT NULL AND (at_least IS NULL) <> (at_most IS NULL))",
            name="one_bound",
        ),
        CheckConstraint("due_on >= taken_on", name="days_in_order"),
        # What closed it is there, and nothing did where it is not done.
        CheckConstraint(
            "(state = 'done') = (closed_by IS NOT NULL)"
            " AND (state = 'done') = (closed_at IS NOT NULL)",
            name="done_is_closed",
        ),
        CheckConstraint(
            "closed_by IS NULL"
            " OR (closed_by = 'facts' AND measure IS NOT NULL AND figure IS NOT NULL"
            " AND facts_version IS NOT NULL)"
            " OR (closed_by = 'picture' AND picture IS NOT NULL)"
            " OR (closed_by = 'words' AND note IS NOT NULL)",
            name="closed_by_evidence",
        ),
        # Owner and clerk at once, or twice in a row: a shop has one such thing to do at a time.
        Index(
            "uq_action_item_open",
            "organisation_id",
            "lesson_id",
            "code",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
        Index(None, "organisation_id", "state", "due_on"),
        Index(None, "state", "due_on"),
    )


# Who took it on is left out: a person who is forgotten disappears from the items.
keep_fixed(
    ActionItem.__table__,
    columns=(
        "id",
        "public_id",
        "organisation_id",
        "source",
        "lesson_id",
        "course_version_id",
        "booking_id",
        "code",
        "texts",
        "measure",
        "at_least",
        "at_most",
        "taken_at",
        "taken_on",
        "due_on",
    ),
)
