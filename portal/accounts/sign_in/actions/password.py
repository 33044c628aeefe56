"""A person's password: changing it, and setting it anew by a one-time link."""

from datetime import datetime

from sqlalchemy import update

from portal.accounts.models import Person
from portal.accounts.sign_in import passwords, queries, rules
from portal.accounts.sign_in.actions import attempts, enter, sessions, telling
from portal.accounts.sign_in.rules import Origin
from portal.db import db


def change(
    *, person_id: int, session_id: int, present: str, new: str, origin: Origin, at: datetime
) -> str:
    """Set a new password and sign every other device out; return this session's new token.

    Raises enter.WrongPassword or attempts.Paused for the present one. Whether the new one can be
    taken is asked before (texts.password_problem).
    """
    enter.check_password(person_id=person_id, password=present, origin=origin, at=at)
    _store(person_id, new)
    sessions.end_all(person_id=person_id, but=session_id)
    telling.password_changed(person_id=person_id, by_link=False, at=at)
    return sessions.renew(session_id=session_id, at=at)


def set_anew(*, person_id: int, new: str, at: datetime) -> None:
    """Set a new password for who proved by a one-time link to be this person.

    Ends every session and forgets failures. A second factor stays and is still asked for.
    """
    account = queries.account_of(person_id)
    _store(person_id, new)
    sessions.end_all(person_id=person_id)
    if account is not None:
        keys = [rules.identity_key(identity) for identity in account.identities]
        attempts.forgive(keys=keys)
    telling.password_changed(person_id=person_id, by_link=True, at=at)


def _store(person_id: int, new: str) -> None:
    db.session.execute(
        update(Person).where(Person.id == person_id).values(password=passwords.hash_of(new))
    )
