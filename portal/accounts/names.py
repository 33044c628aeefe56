"""Names for the record of what happened: by id, and ids by a part of a name."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from portal.accounts import queries
from portal.accounts.models import Organisation, Person
from portal.db import db
from portal.evidence.directory import Directory

MOST = 200  # ids that a part of a name may stand for; whoever means fewer types more of it


def people(person_ids: Collection[int]) -> Mapping[int, str]:
    """Return the names of these persons by id."""
    return {row.id: row.name for row in queries.persons(person_ids).values()}


def organisations(organisation_ids: Collection[int]) -> Mapping[int, str]:
    """Return the names of these organisations by id."""
    return {row.id: row.name for row in queries.organisations(organisation_ids).values()}


def people_named(text: str) -> Collection[int]:
    """Return the ids of the persons whose names contain `text`, at most 200."""
    named = Person.name.icontains(text, autoescape=True)
    return list(db.session.scalars(select(Person.id).where(named).order_by(Person.id).limit(MOST)))


def organisations_named(text: str) -> Collection[int]:
    """Return the ids of the organisations whose names contain `text`, at most 200."""
    named = Organisation.name.icontains(text, autoescape=True)
    found = select(Organisation.id).where(named).order_by(Organisation.id).limit(MOST)
    return list(db.session.scalars(found))


NAMES = Directory(
    people=people,
    organisations=organisations,
    people_named=people_named,
    organisations_named=organisations_named,
)
