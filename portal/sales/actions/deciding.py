"""The operator's decision about a judged file: import it, or throw it away."""

from datetime import datetime

from sqlalchemy import select, update

from portal.db import db
from portal.outbox import actions as outbox
from portal.sales import rules
from portal.sales.models import OrderImport
from portal.sales.rules import IllegalMove, State

IMPORT = "orders.import"
REMOVE_UPLOAD = "orders.remove_upload"


class NoSuchImport(LookupError):
    """There is no import with this id."""


def confirm(*, public_id: str, by_person_id: int, at: datetime) -> OrderImport:
    """Let the file be imported by a job, posted in this transaction; once, however often asked.

    Raises NoSuchImport, and IllegalMove when the file was refused or discarded.
    """
    order_import, moved = _move(public_id, State.CONFIRMED)
    if moved:
        order_import.confirmed_by = by_person_id
        order_import.reason, order_import.reason_params = None, {}
    elif order_import.state == State.IMPORTED:
        return order_import
    elif order_import.state != State.CONFIRMED:
        raise IllegalMove(current=State(order_import.state), target=State.CONFIRMED)
    # Posting again returns the job there is, and starts one over that was given up.
    job = outbox.post(
        kind=IMPORT,
        key=f"{IMPORT}:{public_id}",
        args={"import_id": order_import.id},
        at=at,
        caused_by=by_person_id,
    )
    order_import.job_id = job.id
    db.session.flush()
    return order_import


def discard(*, public_id: str, at: datetime) -> OrderImport:
    """Throw the upload away, its row in the list stays; a second time changes nothing.

    Raises NoSuchImport, and IllegalMove when the file is being imported or was.
    """
    order_import, moved = _move(public_id, State.DISCARDED)
    if moved:
        remove_upload(order_import, at=at)
        order_import.finished_at = at
        db.session.flush()
    elif order_import.state != State.DISCARDED:
        raise IllegalMove(current=State(order_import.state), target=State.DISCARDED)
    return order_import


def expire(*, import_id: int, at: datetime) -> None:
    """Discard an import that nobody confirmed; any other is left as it is."""
    order_import = db.session.get(OrderImport, import_id)
    if order_import is not None and order_import.state in rules.sources_of(State.DISCARDED):
        discard(public_id=order_import.public_id, at=at)


def remove_upload(order_import: OrderImport, *, at: datetime) -> None:
    """Let the uploaded file be removed once this transaction has committed."""
    if order_import.stored is not None:
        outbox.post(kind=REMOVE_UPLOAD, args={"stored": order_import.stored}, at=at)
        order_import.stored = None


def _move(public_id: str, target: State) -> tuple[OrderImport, bool]:
    """Return the import and whether this very call moved it: of two at once, one does."""
    allowed = [state.value for state in rules.sources_of(target)]
    moved = db.session.execute(
        update(OrderImport)
        .where(OrderImport.public_id == public_id, OrderImport.state.in_(allowed))
        .values(state=target.value)
        .returning(OrderImport.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    order_import = db.session.scalar(
        select(OrderImport)
        .where(OrderImport.public_id == public_id)
        .execution_options(populate_existing=True)
    )
    if order_import is None:
        raise NoSuchImport(public_id)
    return order_import, moved is not None
