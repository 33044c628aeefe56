"""Showing that a mail address is a person's own, and changing it."""

from datetime import datetime

from portal.accounts.membership.actions import letters, links
from portal.accounts.membership.models import OneTimeLink
from portal.accounts.membership.rules import Purpose
from portal.accounts.models import Person
from portal.db import Conflict, db, refuse_conflicts


class MailTaken(Exception):
    """Another person has this mail address."""


def ask_to_confirm(*, person: Person, mail: str, at: datetime) -> bool:
    """Mail a link that shows that the address is the person's; False when mail is not set up.

    An earlier link opens no more.
    """
    links.withdraw(
        OneTimeLink.purpose == Purpose.CONFIRM.value, OneTimeLink.person_id == person.id, at=at
    )
    issued = links.issue(purpose=Purpose.CONFIRM, at=at, person_id=person.id, identity=mail)
    return letters.confirm(person, to=mail, issued=issued, at=at)


def change_mail(*, person_id: int, mail: str, at: datetime) -> bool:
    """Ask a person to confirm an address, theirs or a new one; False when mail is not set up.

    A new one counts from its confirmation on. Whether somebody else has it is not told here.
    """
    person = db.session.get_one(Person, person_id)
    return ask_to_confirm(person=person, mail=mail, at=at)


def confirm(*, token: str, at: datetime) -> None:
    """Keep that the link's address is the person's; raise NoSuchLink, LinkSpent, or MailTaken."""
    link = links.find(token=token, purpose=Purpose.CONFIRM, at=at)
    person = db.session.get_one(Person, link.person_id)
    try:
        with refuse_conflicts():
            person.email, person.mail_confirmed_at = link.identity, at
    except Conflict as error:
        raise MailTaken from error
    links.use(link, person_id=person.id, at=at)
