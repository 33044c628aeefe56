"""Tables of order imports and of the rows that were not taken."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Role
from portal.db import Base, UtcDateTime
from portal.ownership import owned
from portal.sales.rules import State

_STATES = ", ".join(f"'{state.value}'" for state in State)


@owned(staff=[Role.OPERATOR])
class OrderImport(Base):
    """One uploaded order file: what it is, what its rows turned out to be, what became of it."""

    __tablename__ = "order_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)  # 128 random bits
    filename: Mapped[str] = mapped_column(String(120))  # for people; never a path
    # Where the upload lies below the uploads folder; None once it is removed.
    stored: Mapped[str | None] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    mapping: Mapped[str | None] = mapped_column(String(40))  # None: not recognised
    encoding: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12))
    # Why it was refused or failed: a code of reports.facts.reasons or of sales/texts.py.
    reason: Mapped[str | None] = mapped_column(String(40))
    reason_params: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)

    rows_read: Mapped[int] = mapped_column(default=0)
    sales: Mapped[int] = mapped_column(default=0)
    refunds: Mapped[int] = mapped_column(default=0)
    not_goods: Mapped[int] = mapped_column(default=0)
    unpaid: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    formula_cells: Mapped[int] = mapped_column(default=0)
    # [{"month": "2026-10", "kind": "sale", "rows": 3, "amount_minor": 1200}, …]
    totals: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    # The file's columns that an excerpt of a row may show, in the mapping's order.
    columns: Mapped[list[str]] = mapped_column(JSON, default=list)
    reasons: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # code -> rejected rows
    currency: Mapped[str | None] = mapped_column(String(3))
    names_refunds: Mapped[bool] = mapped_column(default=True)  # can the export tell of refunds
    dealers: Mapped[int] = mapped_column(default=0)
    orders_new: Mapped[int] = mapped_column(default=0)
    orders_replaced: Mapped[int] = mapped_column(default=0)
    orders_unchanged: Mapped[int] = mapped_column(default=0)
    orders_removed: Mapped[int] = mapped_column(default=0)  # found unpaid now
    first_on: Mapped[date | None]
    last_on: Mapped[date | None]
    facts_before: Mapped[str | None] = mapped_column(String(32))  # version; "" for none yet
    facts_version: Mapped[str | None] = mapped_column(String(32))  # after the import

    uploaded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="state_known"),
        CheckConstraint(
            "rows_read = sales + refunds + not_goods + unpaid + rejected", name="rows_add_up"
        ),
        Index(None, "uploaded_at"),
    )


@owned(staff=[Role.OPERATOR])
class RejectedRow(Base):
    """A row of an order file that was not taken, with its reason; no dropped column is kept."""

    __tablename__ = "rejected_row"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("order_import.id", ondelete="CASCADE"))
    row_number: Mapped[int]  # as a spreadsheet counts, the header being row 1
    code: Mapped[str] = mapped_column(String(40))
    field: Mapped[str] = mapped_column(Text)  # the file's own column; "" for the row as a whole
    value: Mapped[str] = mapped_column(Text)
    params: Mapped[dict[str, str]] = mapped_column(JSON)
    excerpt: Mapped[dict[str, str]] = mapped_column(JSON)

    __table_args__ = (UniqueConstraint("import_id", "row_number"),)
