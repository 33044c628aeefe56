"""Invitations: sent by an owner or an operator, accepted once by whoever holds the link."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal import i18n
from portal.access import Member, Role
from portal.accounts import actions as accounts
from portal.accounts.membership import rules
from portal.accounts.membership.actions import letters, links
from portal.accounts.membership.actions.links import Issued, NoSuchLink
from portal.accounts.membership.actions.standing import locked, require
from portal.accounts.membership.models import OneTimeLink
from portal.accounts.membership.queries import people
from portal.accounts.membership.rules import Act, Identity, Purpose
from portal.accounts.models import Membership, Organisation, Person
from portal.accounts.rules import OrganisationState
from portal.db import Conflict, db, refuse_conflicts
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind


class AlreadyMember(Exception):
    """The person belongs to the organisation in this role."""


class AlreadyInvited(Exception):
    """There is an open invitation for this identity; it can be sent again."""


class NotThisRole(ValueError):
    """Nobody has such a role in an organisation of this kind."""


class NotLiving(Exception):
    """The organisation is closed or not approved yet: nobody can join it."""


class IdentityTaken(Exception):
    """Somebody has an account with this mail address or phone number."""


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was made; `mailed` is False when its link has to be passed on by hand."""

    organisation_id: int
    issued: Issued
    mailed: bool


def invite(
    *,
    by: Member,
    organisation_id: int,
    role: Role,
    is_owner: bool,
    identity: Identity,
    at: datetime,
) -> Invited:
    """Invite somebody by mail address or phone number.

    Raises NotAllowed, NoSuchOrganisation, NotLiving, NotThisRole, AlreadyMember, AlreadyInvited.
    """
    require(by=by, organisation_id=organisation_id, act=Act.INVITE)
    organisation = locked(organisation_id)
    if organisation.state != OrganisationState.ACTIVE:
        raise NotLiving
    if role not in rules.ROLES_OF_KIND[organisation.kind]:
        raise NotThisRole(role.value)
    person = people.with_identity(identity)
    if person is not None and _has_member(organisation_id, role, person.id):
        raise AlreadyMember
    if _is_invited(organisation_id, role, identity, at=at):
        raise AlreadyInvited
    issued = links.invite_link(
        organisation_id=organisation_id,
        role=role,
        is_owner=is_owner,
        identity=identity.text,
        created_by_id=by.person_id,
        at=at,
    )
    return _sent(organisation, issued, identity=identity.text, inviter=by.person_name, at=at)


def found(
    *, by: Member, kind: str, name: str, region: str | None, identity: Identity, at: datetime
) -> Invited:
    """Add a dealer or a supplier, and invite its first owner."""
    organisation = accounts.add_organisation(kind=kind, name=name, region=region, at=at)
    return invite(
        by=by,
        organisation_id=organisation.id,
        role=rules.ROLES_OF_KIND[kind][0],
        is_owner=True,
        identity=identity,
        at=at,
    )


def _sent(
    organisation: Organisation, issued: Issued, *, identity: str, inviter: str, at: datetime
) -> Invited:
    mailed = "@" in identity and letters.invitation(
        to=identity,
        language=i18n.language(),
        inviter=inviter,
        organisation=organisation.name,
        issued=issued,
        at=at,
    )
    return Invited(organisation_id=organisation.id, issued=issued, mailed=mailed)


def _has_member(organisation_id: int, role: Role, person_id: int) -> bool:
    found = select(Membership.id).where(
        Membership.organisation_id == organisation_id,
        Membership.role == role.value,
        Membership.person_id == person_id,
    )
    return db.session.scalar(found.limit(1)) is not None


def _is_invited(organisation_id: int, role: Role, identity: Identity, *, at: datetime) -> bool:
    found = select(OneTimeLink.id).where(
        OneTimeLink.purpose == Purpose.INVITE.value,
        OneTimeLink.organisation_id == organisation_id,
        OneTimeLink.role == role.value,
        OneTimeLink.identity == identity.text,
        links.still_open(at),
    )
    return db.session.scalar(found.limit(1)) is not None


def send_again(*, by: Member, organisation_id: int, link_id: int, at: datetime) -> Invited:
    """Make a fresh link for an invitation that nobody accepted; the earlier one opens no more.

    Raises NoSuchLink.
    """
    require(by=by, organisation_id=organisation_id, act=Act.INVITE)
    organisation = locked(organisation_id)
    if organisation.state != OrganisationState.ACTIVE:
        raise NotLiving
    earlier = _own(link_id, organisation_id)
    if earlier.used_at is not None or earlier.role is None or earlier.identity is None:
        raise NoSuchLink(link_id)
    role, is_owner, identity = Role(earlier.role), earlier.is_owner, earlier.identity
    earlier.withdrawn_at = earlier.withdrawn_at or at
    issued = links.invite_link(
        organisation_id=organisation_id,
        role=role,
        is_owner=is_owner,
        identity=identity,
        created_by_id=by.person_id,
        at=at,
    )
    return _sent(organisation, issued, identity=identity, inviter=by.person_name, at=at)


def withdraw(*, by: Member, organisation_id: int, link_id: int, at: datetime) -> None:
    """Let an invitation open nothing any more; raise NoSuchLink, or LinkSpent when it did not."""
    require(by=by, organisation_id=organisation_id, act=Act.INVITE)
    own = _own(link_id, organisation_id)
    links.check_open(own, at=at)
    links.withdraw(OneTimeLink.id == link_id, at=at)


def _own(link_id: int, organisation_id: int) -> OneTimeLink:
    found: OneTimeLink | None = db.session.scalar(
        select(OneTimeLink)
        .where(
            OneTimeLink.id == link_id,
            OneTimeLink.organisation_id == organisation_id,
            OneTimeLink.purpose == Purpose.INVITE.value,
        )
        .with_for_update()
    )
    if found is None:
        raise NoSuchLink(link_id)
    return found


def accept_as_new(*, token: str, name: str, password_hash: str, at: datetime) -> int:
    """Add a person with the invited identity, who joins; return the person's id.

    Raises NoSuchLink, LinkSpent, NotLiving, or IdentityTaken: then one signs in and accepts.
    """
    link = links.find(token=token, purpose=Purpose.INVITE, at=at)
    identity = rules.identity(link.identity or "") or Identity()
    try:
        with refuse_conflicts():
            person = accounts.add_person(
                name=name.strip(),
                mail=identity.mail,
                phone=identity.phone,
                password_hash=password_hash,
                at=at,
            )
    except Conflict as error:
        raise IdentityTaken from error
    # The link reached its holder at this address, or by the inviter's own hand.
    person.mail_confirmed_at = at if identity.mail else None
    person.phone_confirmed_at = at if identity.phone else None
    person.language = i18n.language()
    _join(link, person, at=at)
    return person.id


def accept(*, token: str, person_id: int, at: datetime) -> int:
    """Let a person who has an account join; return the membership's id.

    Raises NoSuchLink, LinkSpent, NotLiving, or AlreadyMember, which leaves the link open.
    """
    link = links.find(token=token, purpose=Purpose.INVITE, at=at)
    person = db.session.get_one(Person, person_id)
    return _join(link, person, at=at)


def _join(link: OneTimeLink, person: Person, *, at: datetime) -> int:
    organisation = locked(link.organisation_id or 0)
    if organisation.state != OrganisationState.ACTIVE:
        raise NotLiving
    role = Role(link.role or "")
    if _has_member(organisation.id, role, person.id):
        raise AlreadyMember
    links.use(link, person_id=person.id, at=at)
    membership = accounts.join(
        person_id=person.id,
        organisation_id=organisation.id,
        role=role,
        is_owner=link.is_owner,
    )
    notices.post(
        organisation_id=organisation.id,
        kind=NoticeKind.MEMBER_JOINED,
        path="/organisation",
        at=at,
        params={"who": person.name, "title": organisation.name},
    )
    return membership.id
