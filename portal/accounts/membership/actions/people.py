"""What a person changes about the own account."""

from portal.accounts.models import Person
from portal.db import db


def rename(*, person_id: int, name: str) -> None:
    """Call a person differently from now on."""
    db.session.get_one(Person, person_id).name = name.strip()
    db.session.flush()
