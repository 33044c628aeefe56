"""Reads about organisations and their members."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from portal.access import Member, Role
from portal.accounts.models import Membership, Organisation, Person
from portal.accounts.rules import OrganisationState
from portal.accounts.sign_in import cookie, policy
from portal.db import db


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation as other modules see it."""

    id: int
    kind: str
    name: str
    shop_ref: str | None
    region: str | None
    level: int | None
    joined_on: date | None
    enrolment_batch: int | None
    shares_name: bool


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as other modules see it."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """What a person is in one organisation."""

    id: int
    organisation_id: int
    organisation_name: str
    role: Role


def _row(organisation: Organisation) -> OrganisationRow:
    return OrganisationRow(
        id=organisation.id,
        kind=organisation.kind,
        name=organisation.name,
        shop_ref=organisation.shop_ref,
        region=organisation.region,
        level=organisation.level,
        joined_on=organisation.joined_on,
        enrolment_batch=organisation.enrolment_batch,
        shares_name=organisation.shares_name,
    )


def _living_memberships(person_id: int) -> Select[Membership]:
    """Return the statement for what a person is in organisations that are not closed."""
    return (
        select(Membership)
        .join(Membership.organisation)
        .where(Membership.person_id == person_id, Organisation.state != OrganisationState.CLOSED)
        .options(contains_eager(Membership.organisation))
        .order_by(Membership.id)
    )


def member_of_session() -> Member | None:
    """Return who is signed in, in the organisation that the session names (else the first)."""
    session = cookie.live_session()
    if session is None:
        return None
    memberships = session.memberships
    if not memberships:
        return None
    chosen = session.membership_id
    membership = next((each for each in memberships if each.id == chosen), memberships[0])
    member = Member(
        person_id=session.person_id,
        person_name=session.person_name,
        organisation_id=membership.organisation_id,
        organisation_name=membership.organisation_name,
        role=membership.role,
        has_other_memberships=len(memberships) > 1,
        is_owner=membership.is_owner,
        is_pending=membership.organisation_state == OrganisationState.PENDING,
        session_id=session.id,
        verified_at=session.verified_at,
    )
    return replace(member, must_add_factor=not session.has_factor and policy.needs_factor(member))


def memberships_of(person_id: int) -> Sequence[MembershipRow]:
    """Return where a person is what, in the order in which the person joined.

    Closed organisations are left out: nobody acts for them.
    """
    found = db.session.scalars(_living_memberships(person_id))
    return [
        MembershipRow(
            id=each.id,
            organisation_id=each.organisation_id,
            organisation_name=each.organisation.name,
            role=Role(each.role),
        )
        for each in found
    ]


def organisation(organisation_id: int) -> OrganisationRow | None:
    """Return an organisation, or None."""
    found = db.session.get(Organisation, organisation_id)
    return _row(found) if found else None


def organisations(organisation_ids: Collection[int]) -> Mapping[int, OrganisationRow]:
    """Return the organisations with these ids by id; absent ones are left out."""
    rows = db.session.scalars(select(Organisation).where(Organisation.id.in_(organisation_ids)))
    return {row.id: _row(row) for row in rows}


def members_by_role() -> Mapping[Role, int]:
    """Return how many persons there are in each role, 0 where nobody."""
    rows = db.session.execute(
        select(Membership.role, func.count(Membership.person_id.distinct())).group_by(
            Membership.role
        )
    )
    return dict.fromkeys(Role, 0) | {Role(role): count for role, count in rows}


def in_role(role: Role) -> Select[int]:
    """Return the statement for the ids of who has this role at present, to filter others by."""
    return select(Membership.person_id).where(Membership.role == role.value)


def person_count() -> int:
    """Return how many persons may sign in."""
    count = select(func.count()).select_from(Person).where(Person.active)
    return db.session.scalar(count) or 0


def organisations_by_kind() -> Mapping[str, int]:
    """Return how many living organisations of each kind there are; kinds without are left out."""
    rows = db.session.execute(
        select(Organisation.kind, func.count())
        .where(Organisation.state == OrganisationState.ACTIVE)
        .group_by(Organisation.kind)
    )
    return dict(rows.all())


def closed_suppliers() -> Collection[int]:
    """Return the suppliers that were closed, by id."""
    return db.session.scalars(
        select(Organisation.id).where(
            Organisation.kind == "supplier", Organisation.state == OrganisationState.CLOSED
        )
    ).all()


def dealers() -> Sequence[OrganisationRow]:
    """Return every dealer of the alliance, by name."""
    rows = db.session.scalars(
        select(Organisation)
        .where(Organisation.kind == "dealer")
        .order_by(Organisation.name, Organisation.id)
    )
    return [_row(row) for row in rows]


def dealer_by_shop_ref(shop_ref: str) -> OrganisationRow | None:
    """Return the dealer that the order files name so, or None."""
    found = db.session.scalar(select(Organisation).where(Organisation.shop_ref == shop_ref))
    return _row(found) if found else None


def persons(person_ids: Collection[int]) -> Mapping[int, PersonRow]:
    """Return the persons with these ids by id; absent ones are left out."""
    rows = db.session.scalars(select(Person).where(Person.id.in_(person_ids)))
    return {row.id: PersonRow(id=row.id, name=row.name) for row in rows}


def persons_of(organisation_id: int) -> Sequence[PersonRow]:
    """Return who works in an organisation, by name."""
    rows = db.session.scalars(
        select(Person)
        .join(Membership)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Person.name, Person.id)
        .distinct()
    )
    return [PersonRow(id=row.id, name=row.name) for row in rows]


def alliance() -> OrganisationRow | None:
    """Return the alliance itself, None before it was set up."""
    found = db.session.scalar(
        select(Organisation)
        .where(Organisation.kind == "alliance")
        .order_by(Organisation.id)
        .limit(1)
    )
    return _row(found) if found else None
