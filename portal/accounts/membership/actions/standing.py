"""As what a member acts on an organisation, and the lock under which its people change."""

from sqlalchemy import select

from portal.access import Member, Role
from portal.accounts.membership import rules
from portal.accounts.membership.rules import Act, Standing
from portal.accounts.models import Membership, Organisation
from portal.db import db


class NoSuchOrganisation(LookupError):
    """There is no such organisation for the one who asks."""


class NoSuchMembership(LookupError):
    """Nobody has this membership in the organisation."""


class NotAllowed(PermissionError):
    """The one who asks may not do this here."""


def standings(*, by: Member, organisation_id: int) -> set[Standing]:
    """Return as what `by` may act on an organisation; nothing for a foreign one."""
    found = {Standing.OPERATOR} if by.role is Role.OPERATOR else set()
    if by.organisation_id == organisation_id:
        found.add(Standing.OWNER if by.is_owner else Standing.MEMBER)
    return found


def require(*, by: Member, organisation_id: int, act: Act) -> None:
    """Raise NotAllowed unless `by` may do this, NoSuchOrganisation for a foreign one."""
    found = standings(by=by, organisation_id=organisation_id)
    if not found:
        raise NoSuchOrganisation(organisation_id)
    if not any(rules.may(standing=each, act=act) for each in found):
        raise NotAllowed(act.value)


def locked(organisation_id: int) -> Organisation:
    """Return an organisation, locked until the transaction ends; raise NoSuchOrganisation.

    Who counts owners holds this lock, or two last owners could leave at the same moment.
    (SQLite has locked the whole database already: BEGIN IMMEDIATE.)
    """
    found: Organisation | None = db.session.scalar(
        select(Organisation)
        .where(Organisation.id == organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NoSuchOrganisation(organisation_id)
    return found


def membership(*, membership_id: int, organisation_id: int) -> Membership:
    """Return a membership in this organisation; raise NoSuchMembership."""
    found: Membership | None = db.session.scalar(
        select(Membership)
        .where(Membership.id == membership_id, Membership.organisation_id == organisation_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NoSuchMembership(membership_id)
    return found


def owner_ids(organisation_id: int) -> list[int]:
    """Return the memberships of an organisation's owners."""
    return list(
        db.session.scalars(
            select(Membership.id)
            .where(Membership.organisation_id == organisation_id, Membership.is_owner)
            .order_by(Membership.id)
        )
    )
