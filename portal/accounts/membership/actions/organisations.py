"""What owners and operators decide: profile, owners, who goes, the end of an organisation."""

from datetime import datetime

from sqlalchemy import select

from portal.access import Member
from portal.accounts.membership import rules
from portal.accounts.membership.actions import letters, links
from portal.accounts.membership.actions.standing import (
    NoSuchMembership,
    locked,
    membership,
    owner_ids,
    require,
)
from portal.accounts.membership.models import OneTimeLink
from portal.accounts.membership.rules import Act
from portal.accounts.models import Membership, Organisation
from portal.accounts.rules import OrganisationState
from portal.db import Conflict, db, refuse_conflicts
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind


class ShopRefTaken(Exception):
    """Another dealer has this name in the order files."""


class WrongName(Exception):
    """The name that was typed to confirm is another one."""


class NotClosed(Exception):
    """The organisation is not closed."""


class NotClosable(Exception):
    """This organisation cannot be closed: without the alliance there is no portal."""


def edit_profile(
    *, by: Member, organisation_id: int, name: str, region: str, shares_name: bool
) -> None:
    """Change what an organisation says of itself; only dealers have a name to share or keep."""
    require(by=by, organisation_id=organisation_id, act=Act.EDIT_PROFILE)
    found = locked(organisation_id)
    found.name, found.region = name.strip(), region.strip() or None
    found.shares_name = shares_name and found.kind == "dealer"
    db.session.flush()


def edit_standing(
    *, by: Member, organisation_id: int, shop_ref: str | None, level: int | None
) -> None:
    """Change how a dealer is named in the order files, and its level; raise ShopRefTaken."""
    require(by=by, organisation_id=organisation_id, act=Act.APPROVE)
    found = locked(organisation_id)
    try:
        with refuse_conflicts():
            found.shop_ref, found.level = shop_ref, level
    except Conflict as error:
        raise ShopRefTaken(shop_ref) from error


def set_owner(
    *, by: Member, organisation_id: int, membership_id: int, is_owner: bool, at: datetime
) -> None:
    """Make a member an owner, or an owner a member again.

    Raises NoSuchMembership, or LastOwner when nobody would own the organisation.
    """
    require(by=by, organisation_id=organisation_id, act=Act.CHANGE_OWNERS)
    locked(organisation_id)
    found = membership(membership_id=membership_id, organisation_id=organisation_id)
    if found.is_owner == is_owner:
        return
    if not is_owner:
        rules.check_owner_remains(owner_ids=owner_ids(organisation_id), leaving_id=found.id)
    found.is_owner = is_owner
    db.session.flush()
    _tell_owners_changed(organisation_id, found.person.name, is_owner=is_owner, at=at)


def hand_over(
    *, by: Member, organisation_id: int, membership_id: int, typed_name: str, at: datetime
) -> None:
    """Make another member the owner in place of `by`, who stays as a member.

    Raises WrongName unless the organisation's name was typed, NoSuchMembership.
    """
    require(by=by, organisation_id=organisation_id, act=Act.HAND_OVER)
    found = locked(organisation_id)
    if typed_name.strip() != found.name:
        raise WrongName
    heir = membership(membership_id=membership_id, organisation_id=organisation_id)
    if heir.person_id == by.person_id:
        raise NoSuchMembership(membership_id)
    heir.is_owner = True
    for own in _own(by.person_id, organisation_id):
        own.is_owner = False
    db.session.flush()
    _tell_owners_changed(organisation_id, heir.person.name, is_owner=True, at=at)


def _tell_owners_changed(organisation_id: int, who: str, *, is_owner: bool, at: datetime) -> None:
    notices.post(
        organisation_id=organisation_id,
        kind=NoticeKind.OWNER_NAMED if is_owner else NoticeKind.OWNER_UNNAMED,
        path="/organisation",
        at=at,
        params={"who": who},
    )


def remove(*, by: Member, organisation_id: int, membership_id: int, at: datetime) -> str:
    """End a member's membership at once, and return the member's name.

    Raises NoSuchMembership, also for one's own (that is leaving), or LastOwner.
    """
    require(by=by, organisation_id=organisation_id, act=Act.REMOVE)
    organisation = locked(organisation_id)
    found = membership(membership_id=membership_id, organisation_id=organisation_id)
    if found.person_id == by.person_id:
        raise NoSuchMembership(membership_id)
    rules.check_owner_remains(owner_ids=owner_ids(organisation_id), leaving_id=found.id)
    person = found.person
    db.session.delete(found)
    db.session.flush()
    letters.removed(person, organisation_name=organisation.name, membership_id=membership_id, at=at)
    return person.name


def leave(*, by: Member, organisation_id: int) -> None:
    """End one's own memberships in the organisation; raise LastOwner for its last owner."""
    require(by=by, organisation_id=organisation_id, act=Act.LEAVE)
    locked(organisation_id)
    owners = set(owner_ids(organisation_id))
    mine = _own(by.person_id, organisation_id)
    if owners and owners <= {each.id for each in mine}:
        raise rules.LastOwner
    for each in mine:
        db.session.delete(each)
    db.session.flush()


def _own(person_id: int, organisation_id: int) -> list[Membership]:
    return list(
        db.session.scalars(
            select(Membership)
            .where(Membership.person_id == person_id, Membership.organisation_id == organisation_id)
            .order_by(Membership.id)
        )
    )


def close(*, by: Member, organisation_id: int, typed_name: str, at: datetime) -> None:
    """Close an organisation: nobody acts for it any more, and its books stay.

    Raises WrongName unless its name was typed, NotClosable for the alliance.
    """
    require(by=by, organisation_id=organisation_id, act=Act.CLOSE)
    found = locked(organisation_id)
    if found.kind == "alliance":
        raise NotClosable
    if typed_name.strip() != found.name:
        raise WrongName
    _set_state(found, OrganisationState.CLOSED)
    links.withdraw(OneTimeLink.organisation_id == organisation_id, at=at)


def reopen(*, by: Member, organisation_id: int) -> None:
    """Let the members of a closed organisation act for it again; raise NotClosed."""
    require(by=by, organisation_id=organisation_id, act=Act.REOPEN)
    found = locked(organisation_id)
    if found.state != OrganisationState.CLOSED:
        raise NotClosed(organisation_id)
    _set_state(found, OrganisationState.ACTIVE)


def _set_state(organisation: Organisation, state: OrganisationState) -> None:
    organisation.state = state.value
    db.session.flush()
