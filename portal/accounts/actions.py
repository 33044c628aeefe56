"""Writes about organisations and their members."""

from datetime import date, datetime

from sqlalchemy import select, update

from portal.access import Role
from portal.accounts import rules
from portal.accounts.models import Membership, Organisation, Person
from portal.accounts.rules import OrganisationState
from portal.accounts.sign_in import passwords
from portal.accounts.sign_in.actions import sessions
from portal.db import db


class BadIdentity(ValueError):
    """Neither a mail address nor a phone number that one can sign in with."""


class NoSuchMembership(LookupError):
    """The person has no such membership."""


def add_organisation(  # noqa: PLR0913 – one argument per column, keyword only
    *,
    kind: str,
    name: str,
    at: datetime,
    shop_ref: str | None = None,
    region: str | None = None,
    level: int | None = None,
    joined_on: date | None = None,
    enrolment_batch: int | None = None,
    shares_name: bool = False,
    state: OrganisationState = OrganisationState.ACTIVE,
) -> Organisation:
    """Add an organisation; `kind` is "dealer", "supplier" or "alliance"."""
    organisation = Organisation(
        kind=kind,
        name=name,
        shop_ref=shop_ref,
        region=region,
        level=level,
        joined_on=joined_on,
        enrolment_batch=enrolment_batch,
        shares_name=shares_name,
        state=state.value,
        created_at=at,
    )
    db.session.add(organisation)
    db.session.flush()
    return organisation


def hash_of(password: str) -> str:
    """Return a password as it is stored; deliberately slow."""
    return passwords.hash_of(password)


def add_person(
    *, name: str, mail: str | None, phone: str | None, password_hash: str, at: datetime
) -> Person:
    """Add somebody who signs in by mail or phone; raise BadIdentity when neither is one.

    `password_hash` comes from `hash_of`.
    """
    address = rules.mail_address(mail) if mail else None
    number = rules.phone_number(phone) if phone else None
    if address is None and number is None:
        raise BadIdentity(f"mail {mail!r}, phone {phone!r}")
    person = Person(
        name=name,
        email=address,
        us_phone_number=number,
        password=password_hash,
        created_at=at,
    )
    db.session.add(person)
    db.session.flush()
    return person


def join(*, person_id: int, organisation_id: int, role: Role, is_owner: bool = False) -> Membership:
    """Make a person a member of an organisation; an owner decides about the organisation itself."""
    membership = Membership(
        person_id=person_id, organisation_id=organisation_id, role=role.value, is_owner=is_owner
    )
    db.session.add(membership)
    db.session.flush()
    return membership


def keep_language(*, person_id: int, language: str) -> None:
    """Write mails to this person in `language` from now on."""
    db.session.execute(update(Person).where(Person.id == person_id).values(language=language))


def act_as(*, session_id: int | None, person_id: int, membership_id: int) -> None:
    """Let the person of a session ask for another of their organisations from now on.

    Raises NoSuchMembership, for another person's too.
    """
    own = (
        select(Membership.id)
        .join(Membership.organisation)
        .where(
            Membership.id == membership_id,
            Membership.person_id == person_id,
            Organisation.state != OrganisationState.CLOSED,
        )
    )
    if db.session.scalar(own) is None:
        raise NoSuchMembership(membership_id)
    sessions.ask_as(session_id=session_id, membership_id=membership_id)


def wait_for(*, organisation_id: int) -> None:
    """Hold an organisation until the transaction ends: who counts for it too waits.

    What only points at it does not. (SQLite has locked the whole database already.)
    """
    row = select(Organisation.id).where(Organisation.id == organisation_id)
    db.session.execute(row.with_for_update(key_share=True))
