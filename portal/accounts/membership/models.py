"""Tables of one-time links, of applications, and of requests for a new password."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.membership.rules import Outcome, Purpose
from portal.db import Base, UtcDateTime, one_of
from portal.ownership import owned, unowned


@unowned("opened by whoever holds it, mostly before anybody signs in")
class OneTimeLink(Base):
    """An address that opens something once, for whoever holds it. Its token is kept nowhere."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256, in hex
    purpose: Mapped[str] = mapped_column(String(12))
    # An invitation's: where, as what.
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[str | None] = mapped_column(String(16))
    is_owner: Mapped[bool] = mapped_column(default=False)
    # Whose password or mail address it is about.
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    # Who is invited, or which mail address is confirmed; as stored.
    identity: Mapped[str | None] = mapped_column(String(255))
    # None: the person's own wish, sent to their own mail address.
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(one_of("purpose", Purpose), name="purpose_known"),
        CheckConstraint(
            "purpose <> 'invite' OR (organisation_id IS NOT NULL AND role IS NOT NULL"
            " AND identity IS NOT NULL)",
            name="invites_somebody_somewhere",
        ),
        CheckConstraint("purpose = 'invite' OR person_id IS NOT NULL", name="is_somebodys"),
        CheckConstraint("purpose <> 'confirm' OR identity IS NOT NULL", name="confirms_something"),
    )


@unowned("made by a visitor, and read by operators only")
class Application(Base):
    """A shop that asked to be let in; its organisation is pending until an operator decides."""

    __tablename__ = "application"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    outcome: Mapped[str | None] = mapped_column(String(12))  # None: waits
    reason: Mapped[str | None] = mapped_column(String(500))  # of a refusal
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (
        CheckConstraint(f"outcome IS NULL OR {one_of('outcome', Outcome)}", name="outcome_known"),
        CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name="decided_or_waiting"),
    )


@unowned("made by a visitor, and read by operators only")
class ResetRequest(Base):
    """Somebody without a mail address asked for a new password; an operator helps."""

    __tablename__ = "reset_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    __table_args__ = (
        # Asking again while one waits is one request.
        Index(
            "uq_reset_request_waiting",
            "person_id",
            unique=True,
            sqlite_where=text("handled_at IS NULL"),
            postgresql_where=text("handled_at IS NULL"),
        ),
    )


@owned(person="person_id")
class PhoneCode(Base):
    """A code was sent to a number; the code itself follows from the row and is kept nowhere."""

    __tablename__ = "phone_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    phone: Mapped[str] = mapped_column(String(32), index=True)
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # When it was typed in, or a newer one took its place.
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
