"""The steps of signing in: the password, and what follows when it was right or wrong."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from portal.accounts.models import Person
from portal.accounts.sign_in import passwords, queries, rules
from portal.accounts.sign_in.actions import attempts, sessions
from portal.accounts.sign_in.actions.sessions import Begun
from portal.accounts.sign_in.rules import Method, Origin
from portal.db import commit_early, db


class WrongPassword(Exception):
    """No such account, or not its password: nobody is told which."""


@dataclass(frozen=True, slots=True)
class NeedsFactor:
    """The password was right; `token` belongs to the second step."""

    token: str


def with_password(
    *, identity: str, password: str, keep: bool, origin: Origin, at: datetime
) -> Begun | NeedsFactor:
    """Sign in by mail or phone and password; raise WrongPassword or attempts.Paused.

    An unknown account takes the same steps and the same time as a wrong password.
    """
    name = queries.normalised(identity)
    keys = (rules.address_key(origin.address), rules.identity_key(name))
    reservation = attempts.reserve(keys=keys, at=at)
    account = queries.account(identity=name)
    has_factor = account is not None and queries.factors_of(account.person_id).any
    commit_early()  # the attempt counts from here on, and hashing holds no lock
    right = passwords.matches(password, account.password_hash if account else None)
    if account is None or not right:
        raise WrongPassword
    attempts.take_back(reservation)
    _store_at_todays_cost(account, password)
    if has_factor:
        return NeedsFactor(sessions.wait_for_factor(account=account, keep=keep, at=at))
    return sessions.begin(
        person_id=account.person_id, method=Method.PASSWORD, keep=keep, origin=origin, at=at
    )


def _store_at_todays_cost(account: queries.Account, password: str) -> None:
    if account.password_hash and passwords.is_outdated(account.password_hash):
        db.session.execute(
            update(Person)
            .where(Person.id == account.person_id, Person.password == account.password_hash)
            .values(password=passwords.hash_of(password))
        )


def again(*, person_id: int, session_id: int, password: str, origin: Origin, at: datetime) -> str:
    """Show one's password again; return the session's new token.

    Raises WrongPassword or attempts.Paused; failures count as those of signing in do.
    """
    check_password(person_id=person_id, password=password, origin=origin, at=at)
    return sessions.renew(session_id=session_id, at=at)


def check_password(*, person_id: int, password: str, origin: Origin, at: datetime) -> None:
    """Raise WrongPassword or attempts.Paused unless this is the person's password."""
    account = queries.account_of(person_id)
    names = account.identities if account else ()
    keys = [rules.address_key(origin.address), *map(rules.identity_key, names)]
    reservation = attempts.reserve(keys=keys, at=at)
    commit_early()
    if account is None or not passwords.matches(password, account.password_hash):
        raise WrongPassword
    attempts.take_back(reservation)
