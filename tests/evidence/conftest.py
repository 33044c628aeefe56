import pytest
from conftest import NOW, without_triggers
from sqlalchemy import select, text

from portal.db import db, unit_of_work
from portal.evidence import actions
from portal.evidence.models import EvidenceDetail, EvidenceEntry


@pytest.fixture
def entries(app):
    """Return the entries that are committed by now, oldest first.

    Each read has a context of its own, so that no request shares one with another.
    """

    def read() -> list[EvidenceEntry]:
        with app.app_context():
            db.session.rollback()
            return list(db.session.scalars(select(EvidenceEntry).order_by(EvidenceEntry.seq)))

    return read


@pytest.fixture
def details(app):
    """Return what an entry tells of a person, or None."""

    def read(seq: int) -> EvidenceDetail | None:
        with app.app_context():
            db.session.rollback()
            return db.session.get(EvidenceDetail, seq)

    return read


@pytest.fixture
def tamper(context):
    """Return a function that runs SQL past the triggers, as somebody with the keys could."""

    def run(statement: str) -> None:
        db.session.rollback()
        with db.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                connection.exec_driver_sql(statement)
            else:
                with without_triggers(connection):
                    connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
                    connection.exec_driver_sql(statement)

    return run


@pytest.fixture
def chain_of_five(context):
    """Five entries, each with details."""
    for number in range(1, 6):
        with unit_of_work():
            actions.record(
                action="test.step",
                at=NOW,
                subject="step",
                subject_id=str(number),
                details={"步骤": number},
            )
