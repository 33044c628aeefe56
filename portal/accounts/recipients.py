"""Whom notices reach: the persons of an organisation, with their address and language.

Notices lie below this room and know no persons; the application hands them these functions.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Mapped

from portal.accounts.models import Membership, Organisation, Person
from portal.accounts.rules import OrganisationState
from portal.db import db
from portal.notices.directory import Recipient


def _recipient(person: Person) -> Recipient:
    return Recipient(
        person_id=person.id, name=person.name, mail=person.email, language=person.language
    )


def of_organisation(organisation_id: int, /) -> Sequence[Recipient]:
    """Return who works in an organisation and may sign in, in the order in which they came.

    Nobody, once it is closed.
    """
    return _members(Membership.organisation_id == organisation_id)


def owners_of(organisation_id: int, /) -> Sequence[Recipient]:
    """Return who owns an organisation, in the order in which they came."""
    return _members(Membership.organisation_id == organisation_id, Membership.is_owner)


def _members(*conditions: ColumnElement[bool] | Mapped[bool]) -> Sequence[Recipient]:
    found = db.session.scalars(
        select(Person)
        .join(Membership)
        .join(Organisation)
        .where(*conditions, Organisation.state != OrganisationState.CLOSED, Person.active)
        .order_by(Person.id)
        .distinct()
    )
    return [_recipient(each) for each in found]


def persons(person_ids: Collection[int], /) -> Mapping[int, Recipient]:
    """Return the persons with these ids by id; absent ones and closed accounts are left out."""
    found = db.session.scalars(select(Person).where(Person.id.in_(person_ids), Person.active))
    return {each.id: _recipient(each) for each in found}
