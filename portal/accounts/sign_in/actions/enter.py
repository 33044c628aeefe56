"""The steps of signing in: the password, then the second factor, and what follows when wrong."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from portal.accounts.models import Person
from portal.accounts.sign_in import passwords, queries, rules
from portal.accounts.sign_in.actions import attempts, factors, sessions, telling
from portal.accounts.sign_in.actions.sessions import Begun
from portal.accounts.sign_in.rules import Method, Origin
from portal.db import commit_early, db


class TooLate(Exception):
    """The second step was taken before, or too much time has passed since the first."""


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
    commit_early()  # the attempt counts from here on, and hashing holds no lock
    right = passwords.matches(password, account.password_hash if account else None)
    if account is None or not right:
        _failed(account, reservation, method=Method.PASSWORD, origin=origin, at=at)
        raise WrongPassword
    attempts.take_back(reservation)
    _store_at_todays_cost(account, password)
    if queries.factors_of(account.person_id).any:
        return NeedsFactor(sessions.wait_for_factor(account=account, keep=keep, at=at))
    return begin(
        person_id=account.person_id, method=Method.PASSWORD, keep=keep, origin=origin, at=at
    )


def begin(*, person_id: int, method: Method, keep: bool, origin: Origin, at: datetime) -> Begun:
    """Sign a person in who has shown everything that is asked for."""
    telling.signed_in(person_id=person_id, method=method, origin=origin, at=at)
    return sessions.begin(person_id=person_id, method=method, keep=keep, origin=origin, at=at)


def _failed(
    account: queries.Account | None,
    reservation: attempts.Reservation,
    *,
    method: Method,
    origin: Origin,
    at: datetime,
) -> None:
    """Record a failure; tell the account's person when it has led to a pause."""
    telling.failed(person_id=account.person_id if account else None, method=method, at=at)
    pauses = [until for key, until in reservation.items() if until and "address" not in key]
    if account is not None and pauses:
        telling.paused(person_id=account.person_id, until=max(pauses), origin=origin, at=at)
    commit_early()


def with_code(*, pending: queries.Pending, code: str, origin: Origin, at: datetime) -> Begun:
    """Finish a sign-in by a code; raise factors.WrongCode, attempts.Paused or TooLate."""
    method = check_code(person_id=pending.person_id, code=code, origin=origin, at=at)
    return finish(pending=pending, method=method, origin=origin, at=at)


def finish(*, pending: queries.Pending, method: Method, origin: Origin, at: datetime) -> Begun:
    """Sign in who has shown the second factor too; raise TooLate when that was used before."""
    if not sessions.finish_pending(pending.id):
        raise TooLate
    return begin(
        person_id=pending.person_id, method=method, keep=pending.keep, origin=origin, at=at
    )


def check_code(*, person_id: int, code: str, origin: Origin, at: datetime) -> Method:
    """Use up a code of the authenticator or a recovery code and return which it was.

    Raises factors.WrongCode or attempts.Paused.
    """
    keys = (rules.address_key(origin.address), rules.factor_key(person_id))
    reservation = attempts.reserve(keys=keys, at=at)
    account = queries.account_of(person_id)
    commit_early()
    try:
        method = factors.use_code(person_id=person_id, code=code, at=at)
    except factors.WrongCode:
        _failed(account, reservation, method=Method.AUTHENTICATOR, origin=origin, at=at)
        raise
    attempts.take_back(reservation)
    return method


def _store_at_todays_cost(account: queries.Account, password: str) -> None:
    if account.password_hash and passwords.is_outdated(account.password_hash):
        db.session.execute(
            update(Person)
            .where(Person.id == account.person_id, Person.password == account.password_hash)
            .values(password=passwords.hash_of(password))
        )


def again(
    *, person_id: int, session_id: int, password: str, code: str, origin: Origin, at: datetime
) -> str:
    """Show one's password again, and a code where there is a second factor.

    Returns the session's new token. Raises WrongPassword, factors.WrongCode or attempts.Paused;
    failures count as those of signing in do.
    """
    check_password(person_id=person_id, password=password, origin=origin, at=at)
    if queries.factors_of(person_id).any:
        check_code(person_id=person_id, code=code, origin=origin, at=at)
    return sessions.renew(session_id=session_id, at=at)


def check_password(*, person_id: int, password: str, origin: Origin, at: datetime) -> None:
    """Raise WrongPassword or attempts.Paused unless this is the person's password."""
    account = queries.account_of(person_id)
    names = account.identities if account else ()
    keys = [rules.address_key(origin.address), *map(rules.identity_key, names)]
    reservation = attempts.reserve(keys=keys, at=at)
    commit_early()
    if account is None or not passwords.matches(password, account.password_hash):
        _failed(account, reservation, method=Method.PASSWORD, origin=origin, at=at)
        raise WrongPassword
    attempts.take_back(reservation)
