"""The table of builds: each run over all dealers' reports, and what came of it."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Role
from portal.db import Base, UtcDateTime
from portal.ownership import owned
from portal.reporting.rules import BuildState

_STATES = ", ".join(f"'{state.value}'" for state in BuildState)
_OPEN = text(f"state = '{BuildState.RUNNING.value}'")


@owned(staff=[Role.OPERATOR])
class ReportBuild(Base):
    """One run over all dealers' reports."""

    __tablename__ = "report_build"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)  # 128 random bits
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))  # why it failed as a whole
    started_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: a command
    facts_version: Mapped[str | None] = mapped_column(String(32))
    # The site's build that was served before; "" for none. What is told to whom compares with it.
    site_before: Mapped[str | None] = mapped_column(String(32))
    site_build: Mapped[str | None] = mapped_column(String(32))
    dealers: Mapped[int] = mapped_column(default=0)
    built: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    failed: Mapped[list[list[str]]] = mapped_column(JSON, default=list)  # [[reference, reason], …]
    pdf_missing_reason: Mapped[str | None] = mapped_column(Text)
    duration_ms: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state_known"),
        # Two operators press the button at once: one build starts, both watch it.
        Index(
            "uq_report_build_running",
            "state",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(None, "created_at"),
    )
