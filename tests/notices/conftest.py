"""Notices of the tests, and a colleague in dealer A's shop."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime

import mail_server as mail_server_module
import pytest
import time_machine
from mail_server import MailServer

from portal import jobs
from portal.access import Member, Role
from portal.accounts import actions as accounts
from portal.accounts.models import Person
from portal.db import db, unit_of_work
from portal.notices import actions
from portal.notices.rules import NoticeKind

PASSWORD = "correct horse battery"


@pytest.fixture
def tell(app, cast, moment) -> Callable[..., None]:
    """Return a function that posts a notice, by default to all of dealer A's shop."""

    def post(
        kind: NoticeKind = NoticeKind.FEEDBACK_SHIPPED,
        *,
        organisation_id: int = cast.dealer_a.organisation_id,
        person_id: int | None = None,
        path: str = "/feedback/abc",
        at: datetime = moment,
        **params: str,
    ) -> None:
        with app.app_context(), unit_of_work():
            actions.post(
                organisation_id=organisation_id,
                person_id=person_id,
                kind=kind,
                path=path,
                params=params,
                at=at,
            )

    return post


@pytest.fixture
def moment() -> datetime:
    """An instant before any page is opened."""
    return datetime.fromisoformat("2026-03-01T02:00:00Z")


@pytest.fixture
def clerk(app, cast) -> Member:
    """Somebody else who works in dealer A's shop and signs in as 13800000011."""
    with app.app_context(), unit_of_work():
        person = accounts.add_person(
            name="店员小王",
            mail=None,
            phone="13800000011",
            password_hash=accounts.hash_of(PASSWORD),
            at=datetime.fromisoformat("2026-01-01T02:00:00Z"),
        )
        accounts.join(
            person_id=person.id, organisation_id=cast.dealer_a.organisation_id, role=Role.DEALER
        )
        return Member(
            person_id=person.id,
            person_name=person.name,
            organisation_id=cast.dealer_a.organisation_id,
            organisation_name=cast.dealer_a.member.organisation_name,
            role=Role.DEALER,
        )


@pytest.fixture
def set_up(app) -> Callable[..., None]:
    """Return a function that changes settings of this test's application."""

    def change(**values: object) -> None:
        app.extensions["tongtu.settings"] = replace(app.extensions["tongtu.settings"], **values)

    return change


@pytest.fixture
def mail_server(app, set_up) -> Iterator[MailServer]:
    """A mail server on loopback, without TLS, that the application sends through."""
    with mail_server_module.running() as server:
        set_up(
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            smtp_tls="none",
            mail_from="同途 <no-reply@tongtu.example>",
            base_url="https://portal.tongtu.example",
        )
        yield server


@pytest.fixture
def has_mail(app) -> Callable[..., str]:
    """Return a function that gives an actor a mail address, and a language."""

    def give(person_id: int, address: str, *, language: str = "zh_CN") -> str:
        with app.app_context(), unit_of_work():
            person = db.session.get(Person, person_id)
            person.email, person.language = address, language
        return address

    return give


@pytest.fixture
def run_jobs(app) -> Callable[..., int]:
    """Return a function that runs what is due at an instant; by default at the real one."""

    def run(at: datetime | None = None) -> int:
        with time_machine.travel(at, tick=False) if at else nullcontext():
            return jobs.run_all(app)

    return run
