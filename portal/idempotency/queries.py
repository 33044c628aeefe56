"""Reads of kept answers."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from portal.db import db
from portal.idempotency.models import KeptAnswer


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    flashes: Sequence[tuple[str, str]]  # category, message


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a key that was used; `answer` None: it was done, the rest is not known."""

    fingerprint: str
    answer: Answer | None


def kept(*, scope: str, key: str) -> Kept | None:
    """Return what was done with the key, or None when nothing was."""
    columns = KeptAnswer.__table__.c
    row = db.session.execute(
        select(
            columns.fingerprint, columns.status, columns.headers, columns.body, columns.flashes
        ).where(columns.scope == scope, columns.key == key)
    ).one_or_none()
    if row is None:
        return None
    if row.status is None:
        return Kept(fingerprint=row.fingerprint, answer=None)
    return Kept(
        fingerprint=row.fingerprint,
        answer=Answer(
            status=row.status,
            headers=row.headers,
            body=zlib.decompress(row.body) if row.body else b"",
            flashes=[(category, message) for category, message in row.flashes],
        ),
    )
