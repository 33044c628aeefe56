"""What a one-time link shows before it is used."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal.access import Role
from portal.accounts.membership import rules
from portal.accounts.membership.models import OneTimeLink
from portal.accounts.membership.queries import people
from portal.accounts.membership.rules import Identity, LinkState, Purpose
from portal.accounts.models import Organisation, Person
from portal.accounts.rules import OrganisationState
from portal.db import db


@dataclass(frozen=True, slots=True)
class LinkPage:
    """A link as its holder sees it. Of an invitation: who invites whom, where and as what."""

    purpose: Purpose
    state: LinkState
    expires_at: datetime
    organisation: str
    role: Role | None
    is_owner: bool
    identity: str  # as people write it; of a reset: masked
    has_account: bool  # somebody signs in with the invited identity
    inviter: str
    person: str  # whose password or address it is
    person_id: int  # 0 of an invitation


def opened(*, token: str, at: datetime) -> LinkPage | None:
    """Return what a link opens, or None for an unknown one."""
    inviter, subject = aliased(Person), aliased(Person)
    found = db.session.execute(
        select(OneTimeLink, Organisation, inviter.name, subject)
        .outerjoin(Organisation, Organisation.id == OneTimeLink.organisation_id)
        .outerjoin(inviter, inviter.id == OneTimeLink.created_by_id)
        .outerjoin(subject, subject.id == OneTimeLink.person_id)
        .where(OneTimeLink.token_hash == rules.token_hash(token))
    ).first()
    if found is None:
        return None
    link, organisation, inviter_name, person = found
    return LinkPage(
        purpose=Purpose(link.purpose),
        state=_state(link, organisation, at=at),
        expires_at=link.expires_at,
        organisation=organisation.name if organisation else "",
        role=Role(link.role) if link.role else None,
        is_owner=link.is_owner,
        identity=_identity(link, person),
        has_account=_has_account(link),
        inviter=inviter_name or "",
        person=person.name if person else "",
        person_id=link.person_id or 0,
    )


def _state(link: OneTimeLink, organisation: Organisation | None, *, at: datetime) -> LinkState:
    if organisation is not None and organisation.state != OrganisationState.ACTIVE:
        return LinkState.WITHDRAWN
    return rules.link_state(
        used_at=link.used_at, withdrawn_at=link.withdrawn_at, expires_at=link.expires_at, at=at
    )


def _identity(link: OneTimeLink, person: Person | None) -> str:
    if link.identity:
        return rules.readable(link.identity)
    return rules.masked(person.email or person.us_phone_number or "") if person else ""


def _has_account(link: OneTimeLink) -> bool:
    if link.purpose != Purpose.INVITE:
        return False
    return people.with_identity(rules.identity(link.identity or "") or Identity()) is not None
