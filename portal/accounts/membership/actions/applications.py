"""A shop asks to be let in, and an operator decides."""

from datetime import date, datetime

from sqlalchemy import select

from portal import i18n
from portal.access import Member, Role
from portal.accounts import actions as accounts
from portal.accounts.membership.actions import addresses, letters, operators
from portal.accounts.membership.actions.organisations import ShopRefTaken
from portal.accounts.membership.actions.standing import require
from portal.accounts.membership.models import Application
from portal.accounts.membership.queries import people
from portal.accounts.membership.rules import Act, Identity, Outcome
from portal.accounts.models import Membership, Organisation, Person
from portal.accounts.rules import OrganisationState
from portal.db import Conflict, db, refuse_conflicts
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind


class NoSuchApplication(LookupError):
    """There is no such application."""


class AlreadyDecided(Exception):
    """Another operator has decided this application meanwhile."""


class AlreadyApplied(Exception):
    """The person has an application that waits."""


def apply(
    *,
    shop_name: str,
    region: str,
    person_name: str,
    identity: Identity,
    password_hash: str,
    at: datetime,
) -> None:
    """Ask for a shop to be let in, as somebody without an account.

    Whoever has an account with this identity is told, and nothing else happens: from the outside
    both look the same, so that nobody learns who has an account.
    """
    known = people.with_identity(identity)
    if known is None:
        try:
            with refuse_conflicts():
                person = accounts.add_person(
                    name=person_name.strip(),
                    mail=identity.mail,
                    phone=identity.phone,
                    password_hash=password_hash,
                    at=at,
                )
                person.language = i18n.language()
        except Conflict:
            # The same identity applied twice at the same moment.
            known = people.with_identity(identity)
    if known is not None:
        _tell_owner_of_identity(known, shop_name=shop_name, at=at)
        return
    _enter(person, shop_name=shop_name, region=region, at=at)
    if identity.mail:
        addresses.ask_to_confirm(person=person, mail=identity.mail, at=at)


def apply_again(*, person_id: int, shop_name: str, region: str, at: datetime) -> None:
    """Ask for a (further) shop to be let in, as somebody with an account.

    Raises AlreadyApplied.
    """
    # Two forms sent at once wait for each other here.
    person = db.session.get_one(Person, person_id, with_for_update=True)
    waiting = select(Application.id).where(
        Application.person_id == person_id, Application.outcome.is_(None)
    )
    if db.session.scalar(waiting.limit(1)) is not None:
        raise AlreadyApplied
    _enter(person, shop_name=shop_name, region=region, at=at)


def _enter(person: Person, *, shop_name: str, region: str, at: datetime) -> None:
    shop = accounts.add_organisation(
        kind="dealer",
        name=shop_name.strip(),
        region=region.strip() or None,
        state=OrganisationState.PENDING,
        at=at,
    )
    accounts.join(person_id=person.id, organisation_id=shop.id, role=Role.DEALER, is_owner=True)
    application = Application(organisation_id=shop.id, person_id=person.id, applied_at=at)
    db.session.add(application)
    db.session.flush()
    operators.tell(
        kind=NoticeKind.APPLICATION_RECEIVED,
        path=f"/members/applications/{application.id}",
        params={"title": shop.name},
        at=at,
    )


def _tell_owner_of_identity(person: Person, *, shop_name: str, at: datetime) -> None:
    home = db.session.scalar(
        select(Membership.organisation_id)
        .where(Membership.person_id == person.id)
        .order_by(Membership.id)
        .limit(1)
    )
    if home is not None:
        notices.post(
            organisation_id=home,
            person_id=person.id,
            kind=NoticeKind.IDENTITY_USED_AGAIN,
            path="/account",
            at=at,
            params={"title": shop_name},
        )


def _waiting(application_id: int) -> tuple[Application, Organisation, Person]:
    """Return an application that waits, locked; raise NoSuchApplication or AlreadyDecided."""
    found = db.session.scalar(
        select(Application)
        .where(Application.id == application_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NoSuchApplication(application_id)
    if found.outcome is not None:
        raise AlreadyDecided(application_id)
    shop = db.session.get_one(Organisation, found.organisation_id)
    return found, shop, db.session.get_one(Person, found.person_id)


def approve(
    *,
    by: Member,
    application_id: int,
    shop_ref: str | None,
    level: int,
    joined_on: date,
    at: datetime,
) -> None:
    """Let a shop in and tell the applicant.

    Raises NoSuchApplication, AlreadyDecided, or ShopRefTaken.
    """
    application, shop, person = _waiting(application_id)
    require(by=by, organisation_id=shop.id, act=Act.APPROVE)
    try:
        with refuse_conflicts():
            shop.shop_ref, shop.level, shop.joined_on = shop_ref, level, joined_on
            shop.state = OrganisationState.ACTIVE.value
    except Conflict as error:
        raise ShopRefTaken(shop_ref) from error
    _decide(application, Outcome.APPROVED, by=by, at=at)
    if person.us_phone_number and person.phone_confirmed_at is None:
        person.phone_confirmed_at = at  # the operator called, or knows the shop
    notices.post(
        organisation_id=shop.id,
        kind=NoticeKind.APPLICATION_APPROVED,
        path="/first-steps",
        at=at,
        params={"title": shop.name},
    )


def decline(*, by: Member, application_id: int, reason: str, at: datetime) -> None:
    """Refuse a shop, with the reason that the applicant reads.

    Raises NoSuchApplication or AlreadyDecided.
    """
    application, shop, person = _waiting(application_id)
    require(by=by, organisation_id=shop.id, act=Act.APPROVE)
    shop.state = OrganisationState.CLOSED.value
    application.reason = reason.strip()
    _decide(application, Outcome.DECLINED, by=by, at=at)
    letters.declined(
        person,
        shop_name=shop.name,
        reason=reason.strip(),
        application_id=application.id,
        at=at,
    )


def _decide(application: Application, outcome: Outcome, *, by: Member, at: datetime) -> None:
    application.outcome, application.decided_at = outcome.value, at
    application.decided_by_id = by.person_id
    db.session.flush()
