"""A confirmed file goes into the facts. Run by a job, at least once: a second run changes nothing.

The facts have a version of their own, switched in one step (reports.facts.store). A run that was
killed after that step finds on its second try that the facts hold the file already.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import select

from portal.catalog import queries as catalog
from portal.db import db, unit_of_work
from portal.sales import filing, places, rules, texts
from portal.sales.actions import deciding, receiving
from portal.sales.examining import Examined, examined
from portal.sales.models import OrderImport
from portal.sales.rules import State
from reports.facts import versions
from reports.facts.classify import RowClass
from reports.facts.reasons import FileRefused
from reports.facts.store import Applied, apply


class Progress(Protocol):
    """Tells how far the import is."""

    def __call__(self, done: int, total: int) -> None:
        """Record `done` of `total` rows."""


@dataclass(frozen=True, slots=True)
class _Task:
    import_id: int
    path: Path
    mapping: str | None
    rows: int
    categories: Mapping[str, str]


class UploadGone(Exception):
    """The uploaded file is no longer on the disk."""


_OBSTACLES: Mapping[type[Exception], str] = {
    **receiving.OBSTACLES,
    UploadGone: texts.FILE_GONE,
}


def silent(done: int, total: int) -> None:
    """Tell nobody how far the import is."""


def import_now(*, import_id: int, now: Callable[[], datetime], progress: Progress = silent) -> None:
    """Take a confirmed file into the facts and write down the outcome, in transactions of its own.

    An import that is not confirmed (any more) is left alone. A file that cannot be imported
    becomes FAILED with its reason; anything unexpected is raised, so that the job is tried again.
    """
    task = _begin(import_id)
    if task is None:
        return
    try:
        _carry_out(task, now=now, progress=progress)
    except FileRefused as refused:
        _fail(task, code=refused.code, params=refused.params, at=now())
    except tuple(_OBSTACLES) as obstacle:
        _fail(task, code=_OBSTACLES[type(obstacle)], params={}, at=now())


def remove_upload(*, stored: str) -> None:
    """Remove an uploaded file; one that is gone already is no error."""
    filing.remove(stored, folder=places.uploads_dir())


def sweep_uploads(*, at: datetime) -> int:
    """Remove uploads that no import knows and that are a day old; return how many went."""
    folder = places.uploads_dir()
    stored = db.session.scalars(select(OrderImport.stored).where(OrderImport.stored.is_not(None)))
    known = {str(name) for name in stored}
    strays = filing.strays(folder, known=known, before=at - rules.UNDER_WAY)
    for name in strays:
        filing.remove(name, folder=folder)
    return len(strays)


def _begin(import_id: int) -> _Task | None:
    """Return what is to be done, after writing down from which facts it starts; None if nothing."""
    with unit_of_work():
        order_import = db.session.get(OrderImport, import_id)
        if order_import is None or order_import.state != State.CONFIRMED:
            return None
        if order_import.facts_before is None:
            order_import.facts_before = versions.current_version(places.facts_dir()) or ""
        return _Task(
            import_id=import_id,
            path=filing.path_of(str(order_import.stored), folder=places.uploads_dir()),
            mapping=order_import.mapping,
            rows=order_import.rows_read,
            categories=catalog.category_by_product(),
        )


def _carry_out(task: _Task, *, now: Callable[[], datetime], progress: Progress) -> None:
    if not task.path.exists():
        raise UploadGone(task.path.name)
    facts_root = places.facts_dir()
    with examined(
        task.path,
        mapping=task.mapping,
        buyer_key=places.buyer_key(create=True),
        facts_root=facts_root,
        categories=task.categories,
        progress=lambda rows: progress(rows, task.rows),
    ) as found:
        progress(task.rows, task.rows)
        applied = apply(facts_root, found.checked)
        with unit_of_work():
            _record(task.import_id, found, applied, at=now())


def _record(import_id: int, found: Examined, applied: Applied, *, at: datetime) -> None:
    order_import = _still_confirmed(import_id)
    if order_import is None:
        return  # another worker was quicker; the facts are the same
    if applied.rejected != order_import.reasons:
        # Other facts came in between the dry run and now, in another currency perhaps.
        receiving.keep_rejections(import_id, found.rejections())
    _count(order_import, applied)
    order_import.state = State.IMPORTED
    order_import.facts_version, order_import.finished_at = applied.version, at
    deciding.remove_upload(order_import, at=at)
    db.session.flush()


def _count(order_import: OrderImport, applied: Applied) -> None:
    counts = applied.counts
    order_import.sales = counts[RowClass.SALE]
    order_import.refunds = counts[RowClass.REFUND]
    order_import.not_goods = counts[RowClass.NOT_GOODS]
    order_import.unpaid = counts[RowClass.UNPAID]
    order_import.rejected = counts[RowClass.REJECTED]
    order_import.reasons = dict(applied.rejected)
    # A run before this one was killed after its switch: its orders are no longer new to this
    # one, but they are what this import brought, as the dry run foretold.
    earlier_run_did_it = not applied.changed and applied.version != order_import.facts_before
    if not earlier_run_did_it:
        order_import.orders_new = applied.orders_new
        order_import.orders_replaced = applied.orders_replaced
        order_import.orders_unchanged = applied.orders_unchanged
        order_import.orders_removed = applied.orders_removed


def _fail(task: _Task, *, code: str, params: Mapping[str, str], at: datetime) -> None:
    with unit_of_work():
        order_import = _still_confirmed(task.import_id)
        if order_import is not None:
            order_import.state = State.FAILED
            order_import.reason, order_import.reason_params = code, dict(params)
            order_import.finished_at = at


def _still_confirmed(import_id: int) -> OrderImport | None:
    return db.session.scalar(
        select(OrderImport)
        .where(OrderImport.id == import_id, OrderImport.state == State.CONFIRMED)
        .with_for_update()
    )
