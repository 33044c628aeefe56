"""An order file arrives: kept, judged in a dry run, written down with every problem. Or refused."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO

from sqlalchemy import delete, insert

from portal.catalog import queries as catalog
from portal.db import db, unit_of_work
from portal.idempotency import guard as idempotency
from portal.outbox import actions as outbox
from portal.sales import filing, places, rules, texts
from portal.sales.examining import Examined, examined
from portal.sales.models import OrderImport, RejectedRow
from portal.sales.rules import State
from reports.facts.buyers import WeakBuyerKey
from reports.facts.classify import RowClass
from reports.facts.ingest import Rejection
from reports.facts.reasons import FileRefused
from reports.facts.store import BuyerKeyChanged, FactsDamaged

EXPIRE = "orders.expire"
OBSTACLES: Mapping[type[Exception], str] = {
    BuyerKeyChanged: texts.BUYER_KEY_CHANGED,
    WeakBuyerKey: texts.WEAK_BUYER_KEY,
    FactsDamaged: texts.FACTS_DAMAGED,
}
"""What keeps a sound file from being imported, and the reason's code in sales/texts.py."""

_BATCH = 1000


@contextmanager
def own_transaction() -> Iterator[Mapping[str, str]]:
    """Let a request receive a file in a transaction of its own, committed whatever it answers.

    Yields the catalogue's categories by product name, read before.

    Judging a file takes seconds, in which the request must not hold the database; and a refused
    file is answered with an error but stays in the list.
    """
    categories = catalog.category_by_product()
    db.session.rollback()
    with unit_of_work():
        yield categories


def receive(
    *,
    stream: IO[bytes],
    filename: str,
    mapping: str | None,
    uploaded_by: int,
    at: datetime,
    categories: Mapping[str, str] | None = None,
) -> OrderImport:
    """Keep an upload, judge every row, and write down what was found; nothing is imported yet.

    `mapping` is a shipped mapping's name, None to recognise the file by its header;
    `uploaded_by` a person; `categories` are by product name, None for those of the catalogue.
    A file that cannot be read as orders is removed at once: the import is then
    REFUSED, with `reason`.
    """
    stored = filing.keep(stream, folder=places.uploads_dir())
    order_import = OrderImport(
        public_id=secrets.token_hex(16),
        filename=rules.shown_name(filename),
        stored=stored.name,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        mapping=mapping,
        uploaded_by=uploaded_by,
        uploaded_at=at,
        reason_params={},
    )
    try:
        known = catalog.category_by_product() if categories is None else categories
        _judge(order_import, mapping=mapping, categories=known, at=at)
        # The file was judged outside the transaction that held the request's key.
        idempotency.claim()
    except BaseException:
        filing.remove(stored.name, folder=places.uploads_dir())
        raise
    return order_import


def _judge(
    order_import: OrderImport,
    *,
    mapping: str | None,
    categories: Mapping[str, str],
    at: datetime,
) -> None:
    try:
        with _judged(str(order_import.stored), mapping=mapping, categories=categories) as found:
            _accept(order_import, found, at=at)
    except FileRefused as refused:
        _refuse(order_import, code=refused.code, params=refused.params)
    except tuple(OBSTACLES) as obstacle:
        _refuse(order_import, code=OBSTACLES[type(obstacle)])


def receive_path(*, path: Path, mapping: str | None, uploaded_by: int, at: datetime) -> OrderImport:
    """Receive a file that lies on this machine's disk, as `receive` does; the file stays there."""
    with path.open("rb") as stream:
        return receive(
            stream=stream, filename=path.name, mapping=mapping, uploaded_by=uploaded_by, at=at
        )


@contextmanager
def _judged(name: str, *, mapping: str | None, categories: Mapping[str, str]) -> Iterator[Examined]:
    with examined(
        filing.path_of(name, folder=places.uploads_dir()),
        mapping=mapping,
        buyer_key=places.buyer_key(create=False),
        facts_root=places.facts_dir(),
        categories=categories,
    ) as found:
        yield found


def _accept(order_import: OrderImport, found: Examined, *, at: datetime) -> None:
    order_import.state = State.CHECKED
    describe(order_import, found)
    db.session.add(order_import)
    db.session.flush()
    keep_rejections(order_import.id, found.rejections())
    outbox.post(kind=EXPIRE, args={"import_id": order_import.id}, at=at + rules.KEPT_UNCONFIRMED)


def _refuse(order_import: OrderImport, *, code: str, params: dict[str, str] | None = None) -> None:
    filing.remove(str(order_import.stored), folder=places.uploads_dir())
    order_import.state, order_import.stored = State.REFUSED, None
    order_import.reason, order_import.reason_params = code, params or {}
    db.session.add(order_import)
    db.session.flush()


def describe(order_import: OrderImport, found: Examined) -> None:
    """Write down what the dry run found."""
    checked, merged = found.checked, found.merged
    order_import.mapping = checked.mapping.source
    order_import.encoding = checked.encoding
    order_import.currency = checked.mapping.currency
    order_import.names_refunds = checked.mapping.names_refunds
    order_import.rows_read = checked.rows_read
    order_import.sales = found.counts[RowClass.SALE]
    order_import.refunds = found.counts[RowClass.REFUND]
    order_import.not_goods = found.counts[RowClass.NOT_GOODS]
    order_import.unpaid = found.counts[RowClass.UNPAID]
    order_import.rejected = found.counts[RowClass.REJECTED]
    order_import.reasons = dict(found.reasons)
    order_import.formula_cells = checked.formula_cells
    order_import.totals = [
        {"month": t.month, "kind": t.kind, "rows": t.rows, "amount_minor": t.amount_minor}
        for t in checked.totals
    ]
    order_import.columns = list(checked.excerpt_columns)
    order_import.dealers = checked.dealers
    order_import.first_on, order_import.last_on = checked.first_on, checked.last_on
    order_import.orders_new = merged.orders_new
    order_import.orders_replaced = merged.orders_replaced
    order_import.orders_unchanged = merged.orders_unchanged
    order_import.orders_removed = merged.orders_removed


def keep_rejections(import_id: int, rejections: Iterable[Rejection]) -> None:
    """Write down the rejected rows of an import in place of those known before."""
    db.session.execute(delete(RejectedRow).where(RejectedRow.import_id == import_id))
    rows = (_row(import_id, each) for each in rejections)
    while batch := list(islice(rows, _BATCH)):
        db.session.execute(insert(RejectedRow), batch)


def _row(import_id: int, rejection: Rejection) -> dict[str, object]:
    return {
        "import_id": import_id,
        "row_number": rejection.row,
        "code": rejection.code,
        "field": rejection.field,
        "value": rejection.value,
        "params": dict(rejection.params),
        "excerpt": dict(rejection.excerpt),
    }
