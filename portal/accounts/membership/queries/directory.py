"""All organisations, as operators look them up, and who waits for a new password."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select

from portal.accounts.membership import rules
from portal.accounts.membership.models import Application, ResetRequest
from portal.accounts.models import Membership, Organisation, Person
from portal.accounts.rules import OrganisationState, phone_number
from portal.db import db
from portal.paging import Page, Paged

KINDS = ("dealer", "supplier", "alliance")


@dataclass(frozen=True, slots=True)
class Search:
    """What an operator looks for; empty strings leave it open."""

    text: str = ""
    kind: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """An organisation in the operators' list."""

    id: int
    name: str
    kind: str
    state: OrganisationState
    region: str | None
    level: int | None
    shop_ref: str | None
    members: int


@dataclass(frozen=True, slots=True)
class Profile:
    """An organisation on its own page."""

    id: int
    name: str
    kind: str
    state: OrganisationState
    region: str | None
    level: int | None
    shop_ref: str | None
    joined_on: date | None
    shares_name: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ResetRow:
    """Somebody who forgot the password and has no mail address to send a link to."""

    id: int
    person_id: int
    name: str
    identity: str
    organisations: str
    asked_at: datetime


def organisations(*, search: Search, page: Page) -> Paged[OrganisationLine]:
    """Return the organisations that match, by name."""
    matching = _matching(search)
    total = db.session.scalar(select(func.count()).select_from(Organisation).where(*matching)) or 0
    members = (
        select(func.count(Membership.id))
        .where(Membership.organisation_id == Organisation.id)
        .correlate(Organisation)
        .scalar_subquery()
    )
    found = db.session.execute(
        select(Organisation, members)
        .where(*matching)
        .order_by(Organisation.name, Organisation.id)
        .limit(page.size)
        .offset(page.offset)
    )
    rows = [
        OrganisationLine(
            id=each.id,
            name=each.name,
            kind=each.kind,
            state=OrganisationState(each.state),
            region=each.region,
            level=each.level,
            shop_ref=each.shop_ref,
            members=count,
        )
        for each, count in found
    ]
    return Paged(rows=rows, total=total, page=page)


def _matching(search: Search) -> list[ColumnElement[bool]]:
    conditions = []
    if search.kind in KINDS:
        conditions.append(Organisation.kind == search.kind)
    if search.state in set(OrganisationState):
        conditions.append(Organisation.state == search.state)
    if search.text.strip():
        conditions.append(_says(search.text.strip()))
    return conditions


def _says(text: str) -> ColumnElement[bool]:
    """Return the condition that an organisation, or somebody in it, is called so."""
    people = select(Membership.organisation_id).join(Membership.person)
    number = phone_number(text)
    by_person = Person.name.icontains(text, autoescape=True) | (Person.email == text.lower())
    if number:
        by_person |= Person.us_phone_number == number
    return or_(
        Organisation.name.icontains(text, autoescape=True),
        Organisation.shop_ref.icontains(text, autoescape=True),
        Organisation.region.icontains(text, autoescape=True),
        Organisation.id.in_(people.where(by_person)),
    )


def profile(organisation_id: int) -> Profile | None:
    """Return one organisation, or None."""
    found = db.session.get(Organisation, organisation_id)
    if found is None:
        return None
    return Profile(
        id=found.id,
        name=found.name,
        kind=found.kind,
        state=OrganisationState(found.state),
        region=found.region,
        level=found.level,
        shop_ref=found.shop_ref,
        joined_on=found.joined_on,
        shares_name=found.shares_name,
        created_at=found.created_at,
    )


def _waiting_resets() -> ColumnElement[bool]:
    return ResetRequest.handled_at.is_(None)


def resets(*, page: Page) -> Paged[ResetRow]:
    """Return who waits for a reset link, who waits longest first."""
    waiting = _waiting_resets()
    total = db.session.scalar(select(func.count()).select_from(ResetRequest).where(waiting)) or 0
    found = db.session.execute(
        select(ResetRequest, Person)
        .join(Person, Person.id == ResetRequest.person_id)
        .where(waiting)
        .order_by(ResetRequest.asked_at, ResetRequest.id)
        .limit(page.size)
        .offset(page.offset)
    ).all()
    homes = _homes([person.id for _request, person in found])
    rows = [
        ResetRow(
            id=request.id,
            person_id=person.id,
            name=person.name,
            identity=rules.readable(person.us_phone_number or person.email or ""),
            organisations="、".join(homes.get(person.id, [])),
            asked_at=request.asked_at,
        )
        for request, person in found
    ]
    return Paged(rows=rows, total=total, page=page)


def _homes(person_ids: Sequence[int]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    rows = db.session.execute(
        select(Membership.person_id, Organisation.name)
        .join(Membership.organisation)
        .where(Membership.person_id.in_(person_ids))
        .order_by(Membership.id)
    )
    for person_id, name in rows:
        names.setdefault(person_id, []).append(name)
    return names


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait for an operator."""

    applications: int
    resets: int


def waiting() -> Waiting:
    """Return how many applications and reset requests wait for an operator."""
    applications = select(func.count(Application.id)).where(Application.outcome.is_(None))
    resets = select(func.count(ResetRequest.id)).where(_waiting_resets())
    found = db.session.execute(
        select(applications.scalar_subquery(), resets.scalar_subquery())
    ).one()
    return Waiting(applications=found[0], resets=found[1])
