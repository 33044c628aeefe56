"""Writes of kept answers. The row stands in the same transaction as what the request does."""

import zlib
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.db import db
from portal.idempotency import rules
from portal.idempotency.models import KeptAnswer
from portal.idempotency.queries import Answer


class LostReservation(RuntimeError):
    """The request ended its transaction, so its effect stands without its key."""


def reserve(*, scope: str, key: str, fingerprint: str, person_id: int | None, at: datetime) -> bool:
    """Take the key for this transaction; return False when it was used before.

    While another transaction holds the key, this waits for its end: on PostgreSQL at the row,
    on SQLite the other holds the whole database.
    """
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    taken = db.session.execute(
        dialect.insert(KeptAnswer)
        .values(
            scope=scope,
            key=key,
            fingerprint=fingerprint,
            person_id=person_id,
            headers={},
            flashes=[],
            kept_at=at,
        )
        .on_conflict_do_nothing()
        .returning(KeptAnswer.key)
    ).scalar_one_or_none()
    return taken is not None


def keep(*, scope: str, key: str, answer: Answer) -> None:
    """Write down what the request was answered; raise LostReservation when the key is not held."""
    held = db.session.execute(
        update(KeptAnswer)
        .where(KeptAnswer.scope == scope, KeptAnswer.key == key)
        .values(
            status=answer.status,
            headers=dict(answer.headers),
            body=zlib.compress(answer.body) if answer.body else None,
            flashes=[list(each) for each in answer.flashes],
        )
        .returning(KeptAnswer.key)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if held is None:
        raise LostReservation(f"{scope} no longer holds its key")


def purge(*, at: datetime) -> None:
    """Forget the answers that were kept long enough."""
    db.session.execute(
        delete(KeptAnswer)
        .where(KeptAnswer.kept_at <= at - rules.KEPT)
        .execution_options(synchronize_session=False)
    )
