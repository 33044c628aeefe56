"""Failures to sign in, counted where every process sees them, and the pauses that follow.

An attempt is counted before the password is looked at and taken back when it was right, so that
a thousand guesses at once get no further than five. A success takes back only itself: the
failures before it fade with time, and nobody's own good sign-in buys a guesser new tries.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal.accounts.sign_in import rules
from portal.accounts.sign_in.models import Attempts
from portal.db import db

# What an attempt was counted under, and the pause that it began there itself.
Reservation = Mapping[str, datetime | None]


class Paused(Exception):
    """Too many failures: nobody may try again before `until`, whatever they would show."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"paused until {until.isoformat()}")
        self.until = until


def reserve(*, keys: Sequence[str], at: datetime) -> Reservation:
    """Count an attempt under each key before it is made; raise Paused during a pause of one.

    A refused attempt is not counted: whoever keeps trying does not make the pause longer.
    """
    with db.session.begin_nested():  # refused under one key, it is counted under none
        return {key: _count(key, at=at) for key in sorted(keys)}


def _count(key: str, *, at: datetime) -> datetime | None:
    patience = rules.patience_of(key)
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    row = Attempts.__table__.c
    counted = db.session.scalar(
        dialect.insert(Attempts)
        .values(key=key, failures=1, last_at=at)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "failures": case(
                    (row.last_at < at - patience.forgotten_after, 1), else_=row.failures + 1
                ),
                "last_at": at,
                "paused_until": None,
            },
            where=(row.paused_until.is_(None)) | (row.paused_until <= at),
        )
        .returning(Attempts.failures)
    )
    if counted is None:
        until = db.session.scalar(select(Attempts.paused_until).where(Attempts.key == key))
        raise Paused(until or at)
    pause = patience.pause_after(counted)
    if pause is None:
        return None
    until = at + pause
    db.session.execute(update(Attempts).where(Attempts.key == key).values(paused_until=until))
    return until


def take_back(reservation: Reservation) -> None:
    """Uncount an attempt that was right, and end the pauses that it began itself, no others."""
    for key, until in sorted(reservation.items()):
        mine = Attempts.paused_until == until if until else Attempts.paused_until.is_(None)
        db.session.execute(
            update(Attempts)
            .where(Attempts.key == key, Attempts.failures > 0)
            .values(
                failures=Attempts.failures - 1,
                paused_until=case((mine, None), else_=Attempts.paused_until),
            )
        )


def forgive(*, keys: Sequence[str]) -> None:
    """Forget the failures under these keys, as after a reset by link."""
    db.session.execute(delete(Attempts).where(Attempts.key.in_(keys)))


def forget_old(*, at: datetime) -> int:
    """Delete what no longer counts under any key; return how many rows went."""
    gone = db.session.execute(
        delete(Attempts).where(Attempts.last_at < at - rules.ACCOUNT.forgotten_after)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a delete has one
