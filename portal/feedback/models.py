"""Tables of feedback and of what happened to it."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Role
from portal.db import Base, UtcDateTime, keep_fixed, one_of
from portal.feedback.rules import EventKind, State
from portal.ownership import owned


@owned(dealer="dealer_id", supplier="supplier_id", staff=[Role.OPERATOR])
class Feedback(Base):
    """A dealer's own words about a product; what must not be stored was hidden on entry."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)  # 128 random bits
    dealer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    # None: the person asked to be forgotten; the shop's words stay.
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    # None: the dealer was not sure which product; the alliance finds out.
    product_id: Mapped[int | None]
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    text: Mapped[str] = mapped_column(Text)
    impact: Mapped[str | None] = mapped_column(Text)  # what it costs the shop
    state: Mapped[str] = mapped_column(String(12), default=State.NEW.value)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submission_key: Mapped[str] = mapped_column(String(64))
    # Where it was written from, if from a lesson: its id, and the course's version then.
    lesson_id: Mapped[str | None] = mapped_column(String(160))
    course_version: Mapped[str | None] = mapped_column(String(80))

    __table_args__ = (
        # A key belongs to the shop that made it: nobody can replay another shop's feedback.
        UniqueConstraint("dealer_id", "submission_key"),
        # A product's feedback goes to the product's supplier and to nobody else.
        ForeignKeyConstraint(["product_id", "supplier_id"], ["product.id", "product.supplier_id"]),
        CheckConstraint(
            "(product_id IS NULL AND supplier_id IS NULL) "
            "OR (product_id IS NOT NULL AND supplier_id IS NOT NULL)",
            name="product_with_supplier",
        ),
        CheckConstraint(one_of("state", State), name="state_known"),
        # For asks: neither the dealer nor the supplier of an ask can differ from the feedback's.
        UniqueConstraint("id", "dealer_id"),
        UniqueConstraint("id", "supplier_id"),
        Index(None, "dealer_id", "submitted_at"),
        Index(None, "supplier_id", "state", "submitted_at"),
        Index(None, "product_id"),
    )


@owned(through="feedback_id")
class FeedbackEvent(Base):
    """Something that happened to a piece of feedback; rows are only appended."""

    __tablename__ = "feedback_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[int] = mapped_column(
        ForeignKey("feedback.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL")
    )

    __table_args__ = (
        CheckConstraint(one_of("kind", EventKind), name="kind_known"),
        # Whatever is posted twice: a dealer is told once that it shipped.
        Index(
            "uq_feedback_event_shipped",
            "feedback_id",
            unique=True,
            postgresql_where=sql("kind = 'shipped'"),
            sqlite_where=sql("kind = 'shipped'"),
        ),
    )


# Who acted is left out: a person who is forgotten disappears from the events.
keep_fixed(FeedbackEvent.__table__, columns=("id", "feedback_id", "kind", "text", "at"))
