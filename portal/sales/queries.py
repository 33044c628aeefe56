"""Reads about order imports, for operators: lists, one import in full, the facts in force."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from portal.accounts import queries as accounts
from portal.db import db
from portal.outbox import queries as outbox
from portal.outbox.queries import JobRow
from portal.paging import Page, Paged
from portal.sales import places
from portal.sales.models import OrderImport, RejectedRow
from portal.sales.rules import State
from reports.facts.store import FactsDamaged, NoFacts, open_current

_ALIVE = (State.CHECKED, State.CONFIRMED, State.IMPORTED)


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One line of the list."""

    public_id: str
    filename: str
    mapping: str | None
    state: State
    reason: str | None
    reason_params: Mapping[str, str]
    rows_read: int
    rejected: int
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class MonthRow:
    """What a file holds in one month; money in minor units, refunds as a positive amount."""

    month: date
    sale_rows: int
    gmv_minor: int
    refund_rows: int
    refund_minor: int
    net_gmv_minor: int
    not_goods_rows: int


@dataclass(frozen=True, slots=True)
class Twin:
    """Another import of the very same file."""

    public_id: str
    filename: str
    state: State
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class ImportDetail:
    """One import in full."""

    row: ImportRow
    size_bytes: int
    encoding: str | None
    currency: str
    names_refunds: bool
    sales: int
    refunds: int
    not_goods: int
    unpaid: int
    reasons: Mapping[str, int]
    formula_cells: int
    months: Sequence[MonthRow]
    columns: Sequence[str]
    dealers: int
    orders_new: int
    orders_replaced: int
    orders_unchanged: int
    orders_removed: int
    first_on: date | None
    last_on: date | None
    facts_before: str | None
    facts_version: str | None
    finished_at: datetime | None
    job: JobRow | None  # while it is confirmed and not imported yet
    twins: Sequence[Twin]


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A row that was not taken; `excerpt` in the order of the import's columns."""

    row_number: int
    code: str
    params: Mapping[str, str]
    field: str
    value: str
    excerpt: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FactsStanding:
    """The order facts in force; without a version there are none, `damaged`: not readable."""

    version: str | None
    first_on: date | None
    until: date | None
    lines: int
    files: int
    damaged: bool


def facts_standing() -> FactsStanding:
    """Return which facts count now and until which day they reach."""
    try:
        snapshot = open_current(places.facts_dir())
    except (NoFacts, FactsDamaged) as error:
        damaged = isinstance(error, FactsDamaged)
        return FactsStanding(
            version=None, first_on=None, until=None, lines=0, files=0, damaged=damaged
        )
    return FactsStanding(
        version=snapshot.version,
        first_on=snapshot.manifest.facts_from,
        until=snapshot.facts_until,
        lines=sum(snapshot.counts.values()),
        files=len(snapshot.manifest.files),
        damaged=False,
    )


def counts_by_state() -> Mapping[State, int]:
    """Return how many imports there are in each state, 0 where none."""
    found = db.session.execute(select(OrderImport.state, func.count()).group_by(OrderImport.state))
    return dict.fromkeys(State, 0) | {State(state): count for state, count in found}


def imports(*, page: Page) -> Paged[ImportRow]:
    """Return every import, newest first, refused and discarded ones included."""
    total = db.session.scalar(select(func.count()).select_from(OrderImport)) or 0
    found = db.session.scalars(
        select(OrderImport)
        .order_by(OrderImport.uploaded_at.desc(), OrderImport.id.desc())
        .limit(page.size)
        .offset(page.offset)
    ).all()
    people = accounts.persons({each.uploaded_by for each in found})
    rows = [_row(each, people[each.uploaded_by].name) for each in found]
    return Paged(rows=rows, total=total, page=page)


def _row(found: OrderImport, uploaded_by: str) -> ImportRow:
    return ImportRow(
        public_id=found.public_id,
        filename=found.filename,
        mapping=found.mapping,
        state=State(found.state),
        reason=found.reason,
        reason_params=found.reason_params,
        rows_read=found.rows_read,
        rejected=found.rejected,
        uploaded_by=uploaded_by,
        uploaded_at=found.uploaded_at,
    )


def _found(public_id: str) -> OrderImport | None:
    return db.session.scalar(select(OrderImport).where(OrderImport.public_id == public_id))


def detail(*, public_id: str) -> ImportDetail | None:
    """Return one import in full, or None."""
    found = _found(public_id)
    if found is None:
        return None
    return ImportDetail(
        row=_row(found, accounts.persons([found.uploaded_by])[found.uploaded_by].name),
        size_bytes=found.size_bytes,
        encoding=found.encoding,
        currency=found.currency or "CNY",
        names_refunds=found.names_refunds,
        sales=found.sales,
        refunds=found.refunds,
        not_goods=found.not_goods,
        unpaid=found.unpaid,
        reasons=found.reasons,
        formula_cells=found.formula_cells,
        months=_months(found.totals),
        columns=found.columns,
        dealers=found.dealers,
        orders_new=found.orders_new,
        orders_replaced=found.orders_replaced,
        orders_unchanged=found.orders_unchanged,
        orders_removed=found.orders_removed,
        first_on=found.first_on,
        last_on=found.last_on,
        facts_before=found.facts_before,
        facts_version=found.facts_version,
        finished_at=found.finished_at,
        job=_job(found),
        twins=_twins(found),
    )


def _months(totals: Sequence[Mapping[str, Any]]) -> list[MonthRow]:
    by_month: dict[str, dict[str, tuple[int, int]]] = {}
    for total in totals:
        kinds = by_month.setdefault(total["month"], {})
        kinds[total["kind"]] = (total["rows"], total["amount_minor"])
    none = (0, 0)
    return [
        MonthRow(
            month=date.fromisoformat(f"{month}-01"),
            sale_rows=kinds.get("sale", none)[0],
            gmv_minor=kinds.get("sale", none)[1],
            refund_rows=kinds.get("refund", none)[0],
            # Refunds are stored as negative amounts and shown as what was paid back.
            refund_minor=-kinds.get("refund", none)[1],
            net_gmv_minor=kinds.get("sale", none)[1] + kinds.get("refund", none)[1],
            not_goods_rows=kinds.get("not_goods", none)[0],
        )
        for month, kinds in sorted(by_month.items(), reverse=True)
    ]


def job_of(*, public_id: str) -> JobRow | None:
    """Return the job of a confirmed import; None when it is in another state, or not there."""
    found = _found(public_id)
    return None if found is None else _job(found)


def _job(found: OrderImport) -> JobRow | None:
    if found.state != State.CONFIRMED or found.job_id is None:
        return None
    return outbox.job(found.job_id)


def _twins(found: OrderImport) -> list[Twin]:
    """Return what else is known of the very same file, where that matters for a decision."""
    if found.state not in (State.CHECKED, State.FAILED):
        return []
    others = db.session.scalars(
        select(OrderImport)
        .where(
            OrderImport.sha256 == found.sha256,
            OrderImport.id != found.id,
            OrderImport.state.in_(_ALIVE),
        )
        .order_by(OrderImport.uploaded_at.desc(), OrderImport.id.desc())
        .limit(3)
    )
    return [
        Twin(
            public_id=each.public_id,
            filename=each.filename,
            state=State(each.state),
            uploaded_at=each.uploaded_at,
        )
        for each in others
    ]


def rejected_rows(*, public_id: str, page: Page) -> Paged[RejectedLine]:
    """Return the rows of an import that were not taken, in the file's order."""
    of_import = RejectedRow.import_id == (
        select(OrderImport.id).where(OrderImport.public_id == public_id).scalar_subquery()
    )
    total = db.session.scalar(select(func.count()).select_from(RejectedRow).where(of_import)) or 0
    found = db.session.scalars(
        select(RejectedRow)
        .where(of_import)
        .order_by(RejectedRow.row_number)
        .limit(page.size)
        .offset(page.offset)
    )
    return Paged(rows=[_line(each) for each in found], total=total, page=page)


def all_rejected_rows(*, public_id: str) -> Iterator[RejectedLine]:
    """Yield every row of an import that was not taken, in the file's order."""
    found = db.session.scalars(
        select(RejectedRow)
        .join(OrderImport, OrderImport.id == RejectedRow.import_id)
        .where(OrderImport.public_id == public_id)
        .order_by(RejectedRow.row_number)
        .execution_options(yield_per=1000)
    )
    for each in found:
        yield _line(each)


def _line(found: RejectedRow) -> RejectedLine:
    return RejectedLine(
        row_number=found.row_number,
        code=found.code,
        params=found.params,
        field=found.field,
        value=found.value,
        excerpt=found.excerpt,
    )
