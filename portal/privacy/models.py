"""Tables of copies of data that were asked for, and of accounts that are to be deleted."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Role
from portal.db import Base, UtcDateTime, one_of
from portal.ownership import owned
from portal.privacy.rules import ExportState


@owned(person="asked_by")
class DataExport(Base):
    """A copy of a person's or an organisation's data, for whoever asked for it and nobody else."""

    __tablename__ = "data_export"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)  # 128 random bits
    # Whose data: one of the two.
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), index=True
    )
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    state: Mapped[str] = mapped_column(String(12), default=ExportState.WAITING.value)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(one_of("state", ExportState), name="state_known"),
        CheckConstraint(
            "(person_id IS NULL) <> (organisation_id IS NULL)", name="of_one_or_the_other"
        ),
        Index(None, "state", "expires_at"),
    )


@owned(person="person_id", staff=[Role.OPERATOR])
class AccountDeletion(Base):
    """A person wants the account deleted; until `due_at` they may change their mind."""

    __tablename__ = "account_deletion"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index(
            "uq_account_deletion_open",
            "person_id",
            unique=True,
            sqlite_where=text("cancelled_at IS NULL AND done_at IS NULL"),
            postgresql_where=text("cancelled_at IS NULL AND done_at IS NULL"),
        ),
    )
