"""Two consultants with hours, the clock at a known moment, and databases to throw away."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
import time_machine
from calendar_readers import calcurse, libical
from flask import Flask
from notices.conftest import has_mail, mail_server, run_jobs, set_up
from sqlalchemy import make_url

from portal.app import create_app
from portal.booking.actions import bookings, hours
from portal.booking.rules.slots import Window
from portal.db import db, unit_of_work
from portal.settings import Settings

__all__ = ["calcurse", "has_mail", "libical", "mail_server", "run_jobs", "set_up"]  # fixtures

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 10:00 on a Sunday in Shanghai
MONDAY_10 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # a start that both consultants offer
HOUR = timedelta(hours=1)


@pytest.fixture
def at_now() -> Iterator[None]:
    """The wall clock of the views begins at NOW and goes on from there."""
    with time_machine.travel(NOW, tick=True):
        yield


@dataclass(frozen=True)
class Hours:
    """Ids of the cast's two consultants as consultants; both receive Mondays 10:00 to 18:00."""

    consultant_id: int
    consultant_b_id: int


def open_hours(*, person_id: int, organisation_id: int) -> int:
    consultant = hours.add_consultant(
        person_id=person_id,
        organisation_id=organisation_id,
        specialty_zh="复购与老客维护",
        specialty_en="Repurchase",
        timezone="Asia/Shanghai",
        meeting_place="腾讯会议 123 456 789",
    )
    hours.set_hours(consultant_id=consultant.id, windows=[Window(0, 600, 1080)])
    return consultant.id


@pytest.fixture
def open_doors(app: Flask, cast) -> Hours:
    """The cast's consultants receive dealers, committed."""
    with app.app_context(), unit_of_work():
        return Hours(
            *(
                open_hours(person_id=each.person_id, organisation_id=each.organisation_id)
                for each in (cast.consultant, cast.consultant_b)
            )
        )


@pytest.fixture
def book(app: Flask, cast, open_doors):
    """Return a function that books for dealer A on Monday at ten and commits, unless told else."""

    def booked(**changed):
        facts = {
            "dealer_id": cast.dealer_a.organisation_id,
            "person_id": cast.dealer_a.person_id,
            "consultant_id": open_doors.consultant_id,
            "starts_at": MONDAY_10,
            "topic": "复购率一直在掉，想找找原因",
            "submission_key": secrets.token_hex(8),
            "at": NOW,
        }
        # A context of its own: requests that ran in one context would share its signed-in member.
        with app.app_context(), unit_of_work():
            return bookings.book(**(facts | changed)).public_id

    return booked


@pytest.fixture
def empty_database(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of a database of this test's own, to be thrown away after it."""
    address = make_url(database_url)
    if address.get_backend_name() == "sqlite":
        yield f"sqlite:///{tmp_path / 'throwaway.sqlite'}"
        return
    name = f"throwaway_{secrets.token_hex(4)}"
    # As the superuser: PostgreSQL's own housekeeping may be at work in it and must be ended.
    server = {"host": address.host, "port": address.port, "user": "tongtu"}
    with psycopg.connect(**server, dbname=address.database, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} OWNER {address.username}")
        yield address.set(database=name).render_as_string()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def throwaway_app(empty_database: str, tmp_path: Path) -> Iterator[Flask]:
    """The application over a database that a test may break."""
    values = Settings(
        secret_key="test-secret-key-that-is-long-enough-0001",
        password_salt="test-password-salt-that-is-long-enough-1",
        data_dir=tmp_path,
        database_url=empty_database,
        content_dir=tmp_path,
        password_cost="test",
    )
    app = create_app(values, TESTING=True, WTF_CSRF_ENABLED=False)
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
