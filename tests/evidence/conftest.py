import pytest
from sqlalchemy import select

from portal.db import db
from portal.evidence.models import EvidenceDetail, EvidenceEntry


@pytest.fixture
def entries(context):
    """Return the entries that are committed by now, oldest first."""

    def read() -> list[EvidenceEntry]:
        db.session.rollback()
        return list(db.session.scalars(select(EvidenceEntry).order_by(EvidenceEntry.seq)))

    return read


@pytest.fixture
def details(context):
    """Return what an entry tells of a person, or None."""

    def read(seq: int) -> EvidenceDetail | None:
        db.session.rollback()
        return db.session.get(EvidenceDetail, seq)

    return read
