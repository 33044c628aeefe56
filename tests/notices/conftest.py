"""Notices of the tests, and a colleague in dealer A's shop."""

from collections.abc import Callable
from datetime import datetime

import pytest

from portal.access import Member, Role
from portal.accounts import actions as accounts
from portal.db import unit_of_work
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
