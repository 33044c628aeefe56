"""Persons by what they sign in with, and what a person sees of the own account."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.accounts.membership import rules
from portal.accounts.membership.models import OneTimeLink
from portal.accounts.membership.rules import Identity, LinkState, Purpose
from portal.accounts.models import Person
from portal.db import db


@dataclass(frozen=True, slots=True)
class AccountPage:
    """A person's own account. `new_mail` waits for its confirmation, None when none does."""

    name: str
    mail: str | None
    mail_is_confirmed: bool
    phone: str | None
    phone_is_confirmed: bool
    new_mail: str | None


def with_identity(identity: Identity) -> Person | None:
    """Return the person with this mail address or phone number, or None."""
    if identity.mail:
        return db.session.scalar(select(Person).where(Person.email == identity.mail))
    if identity.phone:
        return db.session.scalar(select(Person).where(Person.us_phone_number == identity.phone))
    return None


def account(*, person_id: int, at: datetime) -> AccountPage:
    """Return a person's own account."""
    person = db.session.get_one(Person, person_id)
    return AccountPage(
        name=person.name,
        mail=person.email,
        mail_is_confirmed=person.mail_confirmed_at is not None,
        phone=rules.readable(person.us_phone_number) if person.us_phone_number else None,
        phone_is_confirmed=person.phone_confirmed_at is not None,
        new_mail=_waiting_mail(person, at=at),
    )


def _waiting_mail(person: Person, *, at: datetime) -> str | None:
    link = db.session.scalar(
        select(OneTimeLink)
        .where(OneTimeLink.purpose == Purpose.CONFIRM.value, OneTimeLink.person_id == person.id)
        .order_by(OneTimeLink.id.desc())
        .limit(1)
    )
    if link is None:
        return None
    state = rules.link_state(
        used_at=link.used_at, withdrawn_at=link.withdrawn_at, expires_at=link.expires_at, at=at
    )
    return link.identity if state is LinkState.OPEN else None
