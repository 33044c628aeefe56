"""The delivery ledger: one row per thing told to one receiver over one channel, and its fate.

The row is written in the causing transaction together with its job. Its key is unique, so that
whatever is posted twice is sent once.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.db import db
from portal.notices.models import Delivery, Notice
from portal.notices.outcomes import Outcome, Verdict, pause_after
from portal.notices.rules import Channel, DeliveryState, Skipped
from portal.outbox import actions as outbox

SEND = "notices.send"
KEPT = timedelta(days=90)
WORDS_KEPT = timedelta(days=7)  # of a letter that could not be sent, for "send again"


def enter(
    *,
    key: str,
    channel: Channel,
    at: datetime,
    due_at: datetime | None = None,
    skipped: Skipped | None = None,
    **columns: Any,
) -> int | None:
    """Write down a delivery; return its id, or None when this key is in the ledger already.

    With `due_at` it will be sent then; with `skipped` never; with neither it waits to be carried
    by another one (a digest).
    """
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    delivery_id: int | None = db.session.scalar(
        dialect.insert(Delivery)
        .values(
            key=key,
            channel=channel.value,
            state=(DeliveryState.SKIPPED if skipped else DeliveryState.WAITING).value,
            reason=skipped.value if skipped else None,
            due_at=due_at,
            attempt=0,
            created_at=at,
            finished_at=at if skipped else None,
            **columns,
        )
        .on_conflict_do_nothing(index_elements=[Delivery.key])
        .returning(Delivery.id)
    )
    if delivery_id is not None and due_at is not None and not skipped:
        post_try(delivery_id=delivery_id, attempt=1, at=due_at)
    return delivery_id


def post_try(*, delivery_id: int, attempt: int, at: datetime) -> None:
    """Ask a worker to try this delivery at `at`."""
    outbox.post(
        kind=SEND,
        args={"delivery_id": delivery_id, "attempt": attempt},
        key=f"{SEND}:{delivery_id}:{attempt}",
        at=at,
    )


def skip(delivery: Delivery, why: Skipped, *, at: datetime) -> None:
    """Record that this is not sent after all."""
    delivery.state, delivery.reason = DeliveryState.SKIPPED.value, why.value
    delivery.finished_at, delivery.content = at, None
    db.session.flush()


def record(*, delivery_id: int, outcome: Outcome, at: datetime) -> Delivery | None:
    """Record a try; a failed one that may work later gets its next try, unless it is given up.

    Returns the delivery, or None when another worker has finished it meanwhile.
    """
    delivery = db.session.scalar(
        select(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state == DeliveryState.WAITING.value)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if delivery is None:
        return None
    delivery.attempt += 1
    delivery.answer = outcome.answer
    pause = pause_after(delivery.attempt) if outcome.verdict is Verdict.LATER else None
    if pause is not None:
        delivery.due_at = at + pause
        post_try(delivery_id=delivery.id, attempt=delivery.attempt + 1, at=at + pause)
    else:
        done = DeliveryState.SENT if outcome.verdict is Verdict.SENT else DeliveryState.FAILED
        delivery.state, delivery.finished_at = done.value, at
        _forget_words(delivery)
    db.session.flush()
    return delivery


def _forget_words(delivery: Delivery) -> None:
    # A letter's own words may hold a one-time link: nobody needs them once it is out.
    if delivery.state == DeliveryState.SENT.value:
        delivery.content = None


def try_again(delivery: Delivery, *, at: datetime) -> None:
    """Start a failed delivery over."""
    delivery.state, delivery.reason = DeliveryState.WAITING.value, None
    delivery.attempt, delivery.due_at, delivery.finished_at = 0, at, None
    db.session.flush()
    post_try(delivery_id=delivery.id, attempt=1, at=at)


def purge(*, at: datetime) -> int:
    """Delete deliveries that were over long ago; return how many.

    The words of a letter that never went out are forgotten sooner: they may hold a link. So are
    the calendar files beside notices: every mail that brings them has gone out, or never will.
    """
    db.session.execute(
        update(Notice)
        .where(Notice.created_at < at - WORDS_KEPT, Notice.invitation.is_not(None))
        .values(invitation=None)
    )
    db.session.execute(
        update(Delivery)
        .where(Delivery.finished_at < at - WORDS_KEPT, Delivery.content.is_not(None))
        .values(content=None)
    )
    gone = db.session.execute(
        delete(Delivery).where(Delivery.finished_at < at - KEPT).returning(Delivery.id)
    )
    return len(gone.all())
