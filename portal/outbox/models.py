"""The tables of the job ledger."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Base, UtcDateTime
from portal.ownership import unowned

# What a job does is recorded, the ledger's own bookkeeping about it is not (portal/evidence).
EVIDENCE = {"evidence": "requests only"}


@unowned("work of the portal itself, posted by everybody and shown to operators only")
class Job(Base):
    """Work to do once, at least; the work itself is idempotent."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    # Two causes of the same work share one job while it has not begun.
    key: Mapped[str | None] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    args: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    attempt: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    run_after: Mapped[datetime] = mapped_column(UtcDateTime)
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    # Who may watch it besides operators; None: the portal itself, or a command.
    caused_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of the latest try
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # A dead job that an operator gave up, and why; all three or none.
    given_up_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    given_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    given_up_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'dead')", name="state_known"),
        Index(None, "state", "run_after"),
        Index(None, "state", "finished_at"),
        {"info": EVIDENCE},
    )


@unowned("a process of the portal itself")
class Worker(Base):
    """A process that takes jobs, as long as it is heard of."""

    __tablename__ = "worker"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = ({"info": EVIDENCE},)
