"""What is changed about a person: by the person, and the phone number by an operator."""

from datetime import datetime

from portal.access import Member
from portal.accounts.membership.actions.standing import membership, require
from portal.accounts.membership.rules import Act
from portal.accounts.models import Person
from portal.db import Conflict, db, refuse_conflicts


class PhoneTaken(Exception):
    """Another person has this phone number."""


def rename(*, person_id: int, name: str) -> None:
    """Call a person differently from now on."""
    db.session.get_one(Person, person_id).name = name.strip()
    db.session.flush()


def change_phone(
    *, by: Member, organisation_id: int, membership_id: int, phone: str, at: datetime
) -> None:
    """Let a member sign in by another number (E.164), which an operator has checked.

    Raises NotAllowed, NoSuchMembership, or PhoneTaken.
    """
    require(by=by, organisation_id=organisation_id, act=Act.GIVE_LINK)
    found = membership(membership_id=membership_id, organisation_id=organisation_id)
    person = db.session.get_one(Person, found.person_id)
    try:
        with refuse_conflicts():
            person.us_phone_number, person.phone_confirmed_at = phone, at
    except Conflict as error:
        raise PhoneTaken(phone) from error
