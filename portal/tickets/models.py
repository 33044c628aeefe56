"""Tables of tickets, of who asks for them, and of releases."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Role
from portal.db import Base, UtcDateTime, keep_fixed, one_of
from portal.ownership import owned
from portal.tickets.rules import EventKind, State


@owned(supplier="supplier_id", staff=[Role.OPERATOR])
class Ticket(Base):
    """A supplier's improvement work on one product."""

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)  # 128 random bits
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    product_id: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")  # for the supplier's own people
    state: Mapped[str] = mapped_column(String(12), default=State.OPEN.value)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    owner_person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL")
    )
    submission_key: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("supplier_id", "submission_key"),
        ForeignKeyConstraint(["product_id", "supplier_id"], ["product.id", "product.supplier_id"]),
        CheckConstraint(one_of("state", State), name="state_known"),
        UniqueConstraint("id", "supplier_id"),  # for asks and releases
        Index(None, "supplier_id", "state", "opened_at"),
    )


@owned(dealer="dealer_id", supplier="supplier_id", staff=[Role.OPERATOR])
class Ask(Base):
    """A dealer stands behind a ticket, with one piece of feedback."""

    __tablename__ = "ask"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int]
    feedback_id: Mapped[int]
    dealer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)  # when the feedback was submitted

    __table_args__ = (
        # However many clerks link it at once, a piece of feedback is in one ticket.
        Index("uq_ask_feedback", "feedback_id", unique=True),
        # A ticket takes in feedback of its own supplier only, from the dealer who gave it.
        ForeignKeyConstraint(["ticket_id", "supplier_id"], ["ticket.id", "ticket.supplier_id"]),
        ForeignKeyConstraint(
            ["feedback_id", "supplier_id"], ["feedback.id", "feedback.supplier_id"]
        ),
        ForeignKeyConstraint(["feedback_id", "dealer_id"], ["feedback.id", "feedback.dealer_id"]),
        Index(None, "ticket_id", "dealer_id"),
    )


@owned(through="ticket_id")
class TicketEvent(Base):
    """Something that happened to a ticket; rows are only appended."""

    __tablename__ = "ticket_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text, default="")
    pieces: Mapped[int] = mapped_column(default=0)  # how much feedback came in with it
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL")
    )

    __table_args__ = (CheckConstraint(one_of("kind", EventKind), name="kind_known"),)


@owned(supplier="supplier_id", staff=[Role.OPERATOR])
class Release(Base):
    """What a supplier shipped, as it was announced."""

    __tablename__ = "release"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    title: Mapped[str] = mapped_column(String(120))
    notes: Mapped[str] = mapped_column(Text)  # Markdown
    released_on: Mapped[date]
    announced_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submission_key: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("supplier_id", "submission_key"),
        UniqueConstraint("id", "supplier_id"),
        Index(None, "supplier_id", "released_on"),
    )


@owned(supplier="supplier_id", staff=[Role.OPERATOR])
class ReleaseTicket(Base):
    """A ticket that a release settles."""

    __tablename__ = "release_ticket"

    release_id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(primary_key=True, index=True)
    supplier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))

    __table_args__ = (
        ForeignKeyConstraint(["release_id", "supplier_id"], ["release.id", "release.supplier_id"]),
        ForeignKeyConstraint(["ticket_id", "supplier_id"], ["ticket.id", "ticket.supplier_id"]),
    )


# Who acted is left out: a person who is forgotten disappears from the events.
keep_fixed(TicketEvent.__table__, columns=("id", "ticket_id", "kind", "text", "pieces", "at"))
