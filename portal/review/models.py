"""Tables of review cards: what was answered, and who was reminded on which day.

What is due is in no table: it follows from events and answers (courses.review).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Role
from portal.db import Base, UtcDateTime, keep_fixed
from portal.ownership import owned


@owned(through="enrolment_id", readers=[Role.AUTHOR])
class ReviewAnswer(Base):
    """A learner answered a question once more; `key` makes a repeated request count once."""

    __tablename__ = "review_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"))
    lesson_id: Mapped[str] = mapped_column(String(160))
    question_key: Mapped[str] = mapped_column(String(80))
    question_hash: Mapped[str] = mapped_column(String(64))
    interval_days: Mapped[int]
    score_bps: Mapped[int]
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)  # form fields as answered
    key: Mapped[str] = mapped_column(String(64))
    answered_on: Mapped[date]  # local
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("enrolment_id", "key"),
        CheckConstraint("interval_days IN (1, 7, 30)", name="interval_known"),
        CheckConstraint("score_bps BETWEEN 0 AND 10000", name="score_in_range"),
    )


@owned(person="person_id")
class ReviewReminder(Base):
    """A person was reminded on a local day: at most once, whatever else happens."""

    __tablename__ = "review_reminder"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    reminded_on: Mapped[date] = mapped_column(primary_key=True)


keep_fixed(
    ReviewAnswer.__table__,
    columns=(
        "id",
        "enrolment_id",
        "lesson_id",
        "question_key",
        "question_hash",
        "interval_days",
        "score_bps",
        "fields",
        "key",
        "answered_on",
        "at",
    ),
)
