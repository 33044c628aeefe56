"""Who belongs to an organisation, and who is invited to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.access import Role
from portal.accounts.membership import rules
from portal.accounts.membership.models import OneTimeLink
from portal.accounts.membership.rules import LinkState, Purpose
from portal.accounts.models import Membership, Person
from portal.db import db

SHOWN_AFTER_EXPIRY = timedelta(days=30)  # so that a forgotten invitation can be sent again


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Somebody who belongs to an organisation, and how they sign in."""

    membership_id: int
    person_id: int
    name: str
    identity: str
    role: Role
    is_owner: bool


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation that nobody accepted yet: open, or expired a short while ago."""

    link_id: int
    identity: str
    role: Role
    is_owner: bool
    inviter: str
    created_at: datetime
    expires_at: datetime
    is_expired: bool


def of_organisation(organisation_id: int) -> Sequence[MemberRow]:
    """Return who belongs to an organisation, owners first, then by name."""
    found = db.session.execute(
        select(Membership, Person)
        .join(Membership.person)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Membership.is_owner.desc(), Membership.role, Person.name, Membership.id)
    )
    return [
        MemberRow(
            membership_id=membership.id,
            person_id=person.id,
            name=person.name,
            identity=rules.readable(person.us_phone_number or person.email or ""),
            role=Role(membership.role),
            is_owner=membership.is_owner,
        )
        for membership, person in found
    ]


def member(*, organisation_id: int, membership_id: int) -> MemberRow | None:
    """Return one member of an organisation, or None."""
    rows = of_organisation(organisation_id)
    return next((each for each in rows if each.membership_id == membership_id), None)


def invitations(*, organisation_id: int, at: datetime) -> Sequence[InvitationRow]:
    """Return the invitations that nobody accepted yet, newest first."""
    found = db.session.execute(
        select(OneTimeLink, Person.name)
        .outerjoin(Person, Person.id == OneTimeLink.created_by_id)
        .where(
            OneTimeLink.purpose == Purpose.INVITE.value,
            OneTimeLink.organisation_id == organisation_id,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.withdrawn_at.is_(None),
            OneTimeLink.expires_at > at - SHOWN_AFTER_EXPIRY,
        )
        .order_by(OneTimeLink.created_at.desc(), OneTimeLink.id.desc())
    )
    return [
        InvitationRow(
            link_id=link.id,
            identity=rules.readable(link.identity or ""),
            role=Role(link.role or ""),
            is_owner=link.is_owner,
            inviter=inviter or "",
            created_at=link.created_at,
            expires_at=link.expires_at,
            is_expired=_is_expired(link, at=at),
        )
        for link, inviter in found
    ]


def _is_expired(link: OneTimeLink, *, at: datetime) -> bool:
    state = rules.link_state(used_at=None, withdrawn_at=None, expires_at=link.expires_at, at=at)
    return state is LinkState.EXPIRED
