"""Applications: the operators' queue, and what the applicant sees of the own one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from portal.accounts.membership import rules
from portal.accounts.membership.models import Application
from portal.accounts.membership.rules import Outcome
from portal.accounts.models import Organisation, Person
from portal.db import db
from portal.paging import Page, Paged

MOST_SIMILAR = 5


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application as operators and its applicant see it; `outcome` is None while it waits."""

    id: int
    organisation_id: int
    shop_name: str
    region: str | None
    applicant: str
    phone: str | None  # as people write it
    number: str | None  # the same in E.164
    mail: str | None
    mail_is_confirmed: bool
    applied_at: datetime
    outcome: Outcome | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Similar:
    """An organisation or a person that may be the same; an operator should look."""

    name: str
    what: str  # "shop" or "phone"
    organisation_id: int | None
    detail: str


def _rows(*conditions: ColumnElement[bool], newest_first: bool, page: Page) -> list[ApplicationRow]:
    order = Application.applied_at.desc() if newest_first else Application.applied_at
    tie = Application.id.desc() if newest_first else Application.id
    found = db.session.execute(
        select(Application, Organisation, Person)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .join(Person, Person.id == Application.person_id)
        .where(*conditions)
        .order_by(order, tie)
        .limit(page.size)
        .offset(page.offset)
    )
    return [
        ApplicationRow(
            id=application.id,
            organisation_id=shop.id,
            shop_name=shop.name,
            region=shop.region,
            applicant=person.name,
            phone=rules.readable(person.us_phone_number) if person.us_phone_number else None,
            number=person.us_phone_number,
            mail=person.email,
            mail_is_confirmed=person.mail_confirmed_at is not None,
            applied_at=application.applied_at,
            outcome=Outcome(application.outcome) if application.outcome else None,
            reason=application.reason,
        )
        for application, shop, person in found
    ]


def waiting(*, page: Page) -> Paged[ApplicationRow]:
    """Return the applications that wait, who waits longest first."""
    open_ones = Application.outcome.is_(None)
    total = db.session.scalar(select(func.count()).select_from(Application).where(open_ones)) or 0
    return Paged(rows=_rows(open_ones, newest_first=False, page=page), total=total, page=page)


def application(application_id: int) -> ApplicationRow | None:
    """Return one application, or None."""
    found = _rows(Application.id == application_id, newest_first=True, page=Page(size=1))
    return found[0] if found else None


def latest_of_person(person_id: int) -> ApplicationRow | None:
    """Return a person's newest application, or None."""
    found = _rows(Application.person_id == person_id, newest_first=True, page=Page(size=1))
    return found[0] if found else None


def of_organisation(organisation_id: int) -> ApplicationRow | None:
    """Return the application with which a shop came, or None."""
    same = Application.organisation_id == organisation_id
    found = _rows(same, newest_first=True, page=Page(size=1))
    return found[0] if found else None


def similar(row: ApplicationRow) -> Sequence[Similar]:
    """Return the shops with a like name and the persons with a like number, a few of each."""
    return [*_similar_shops(row), *_similar_numbers(row)]


def _similar_shops(row: ApplicationRow) -> list[Similar]:
    shops = db.session.execute(
        select(Organisation.id, Organisation.name, Organisation.region)
        .where(Organisation.kind == "dealer", Organisation.id != row.organisation_id)
        .order_by(Organisation.name, Organisation.id)
    )
    alike = [
        Similar(name=name, what="shop", organisation_id=shop_id, detail=region or "")
        for shop_id, name, region in shops
        if rules.are_similar(name, row.shop_name)
    ]
    return alike[:MOST_SIMILAR]


def _similar_numbers(row: ApplicationRow) -> list[Similar]:
    if row.number is None:
        return []
    number, half = row.number, len(row.number) // 2
    # Numbers that differ in one digit share their first or their second half.
    close = db.session.execute(
        select(Person.name, Person.us_phone_number)
        .where(
            or_(
                Person.us_phone_number.startswith(number[:half], autoescape=True),
                Person.us_phone_number.endswith(number[half:], autoescape=True),
            )
        )
        .order_by(Person.id)
    )
    alike = [
        Similar(name=name, what="phone", organisation_id=None, detail=rules.readable(other))
        for name, other in close
        if other is not None and rules.differ_in_one_digit(number, other)
    ]
    return alike[:MOST_SIMILAR]
