"""A person's second factors: setting them up, using them once, giving them up."""

import hashlib
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from argon2.low_level import Type, hash_secret_raw
from sqlalchemy import delete, select, update

from portal import sealing
from portal.accounts.sign_in import authenticator, queries
from portal.accounts.sign_in.actions import sessions, telling
from portal.accounts.sign_in.models import Authenticator, Passkey, RecoveryCode
from portal.accounts.sign_in.passwords import COSTS, cost
from portal.accounts.sign_in.rules import Method
from portal.db import commit_early, db

CODES = 10
GROUPS, GROUP = 2, 5
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no letter that looks like a digit; 49 bits a code
DIGITS = 6


class WrongCode(Exception):
    """The code is not right, or was used before."""


class AlreadySetUp(Exception):
    """The person has an authenticator; it is given up first."""


class LastFactor(Exception):
    """The policy asks this person for a second factor, and this is the last."""


def start_authenticator(*, person_id: int, at: datetime) -> None:
    """Make a new secret, which counts once a code of it was shown; raise AlreadySetUp."""
    row = db.session.get(Authenticator, person_id, with_for_update=True)
    if row is None:
        row = Authenticator(person_id=person_id)
        db.session.add(row)
    elif row.confirmed_at is not None:
        raise AlreadySetUp
    row.secret, row.created_at = authenticator.new_secret(person_id=person_id), at
    db.session.flush()


def confirm_authenticator(*, person_id: int, code: str, at: datetime) -> Sequence[str]:
    """Take the authenticator into use; return fresh recovery codes. Raises WrongCode."""
    counter = _counter_of(person_id, as_typed(code), at=at, confirmed=False)
    done = db.session.execute(
        update(Authenticator)
        .where(Authenticator.person_id == person_id, Authenticator.confirmed_at.is_(None))
        .values(confirmed_at=at, last_counter=counter)
    )
    if not done.rowcount:  # type: ignore[attr-defined]  # an update has one
        raise WrongCode
    telling.factor_changed(person_id=person_id, what="authenticator.added", at=at)
    return renew_recovery_codes(person_id=person_id)


def remove_authenticator(*, person_id: int, needs_factor: bool, at: datetime) -> None:
    """Give the authenticator up; raise LastFactor when one is needed and this is it."""
    factors = queries.factors_of(person_id)
    if factors.authenticator_since is None:
        return
    if needs_factor and not factors.passkeys:
        raise LastFactor
    db.session.execute(delete(Authenticator).where(Authenticator.person_id == person_id))
    after_removal(person_id=person_id)
    telling.factor_changed(person_id=person_id, what="authenticator.removed", at=at)


def reset(*, person_id: int, at: datetime) -> None:
    """Take away every second factor of who has lost them, and sign them out everywhere.

    For operators, who have made sure who is asking (docs/decisions/0022).
    """
    for table in (Authenticator, RecoveryCode, Passkey):
        db.session.execute(delete(table).where(table.person_id == person_id))
    sessions.end_all(person_id=person_id)
    telling.factors_reset(person_id=person_id, at=at)


def after_removal(*, person_id: int) -> None:
    """Delete the recovery codes of who has no factor left that they could stand in for."""
    if not queries.factors_of(person_id).any:
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def renew_recovery_codes(*, person_id: int) -> Sequence[str]:
    """Make ten new recovery codes in place of the old; they are kept as hashes only."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    salt = secrets.token_hex(16)
    made = [_new_code() for _ in range(CODES)]
    db.session.add_all(
        RecoveryCode(person_id=person_id, code_hash=_hash(code, salt), salt=salt) for code in made
    )
    db.session.flush()
    return made


def renew_recovery_codes_for(*, person_id: int, at: datetime) -> Sequence[str]:
    """Make new recovery codes because their person asks for it."""
    telling.factor_changed(person_id=person_id, what="recovery_codes.renewed", at=at)
    return renew_recovery_codes(person_id=person_id)


def ensure_recovery_codes(*, person_id: int) -> Sequence[str]:
    """Return new recovery codes for who has none, else nothing."""
    if queries.factors_of(person_id).recovery_codes:
        return ()
    return renew_recovery_codes(person_id=person_id)


def use_code(*, person_id: int, code: str, at: datetime) -> Method:
    """Take a code of the authenticator or a recovery code, once; return which. Raises WrongCode."""
    typed = as_typed(code)
    if len(typed) == DIGITS and typed.isascii() and typed.isdigit():
        _use_authenticator(person_id, typed, at=at)
        return Method.AUTHENTICATOR
    _use_recovery_code(person_id, typed.upper())
    telling.recovery_code_used(person_id=person_id, at=at)
    return Method.RECOVERY_CODE


def as_typed(code: str) -> str:
    """Return a code without what people and keyboards add: spaces, hyphens, full-width digits."""
    return "".join(unicodedata.normalize("NFKC", code).split()).replace("-", "")


def _use_authenticator(person_id: int, code: str, *, at: datetime) -> None:
    counter = _counter_of(person_id, code, at=at, confirmed=True)
    # Two requests with the same code: the second finds the half minute used up.
    used = db.session.execute(
        update(Authenticator)
        .where(Authenticator.person_id == person_id, Authenticator.last_counter < counter)
        .values(last_counter=counter)
    )
    if not used.rowcount:  # type: ignore[attr-defined]  # an update has one
        raise WrongCode


def _counter_of(person_id: int, code: str, *, at: datetime, confirmed: bool) -> int:
    row = db.session.execute(
        select(Authenticator.secret, Authenticator.last_counter, Authenticator.confirmed_at).where(
            Authenticator.person_id == person_id
        )
    ).first()
    if row is None or (row.confirmed_at is not None) != confirmed:
        raise WrongCode
    try:
        secret = authenticator.opened(row.secret, person_id=person_id)
    except sealing.Unreadable as error:
        raise WrongCode from error
    counter = authenticator.codes().counter_of(code, secret=secret, after=row.last_counter, at=at)
    if counter is None:
        raise WrongCode
    if authenticator.is_from_before(row.secret):
        _seal(person_id, secret)
    return counter


def _seal(person_id: int, secret: str) -> None:
    """Keep a secret from before under a seal; its half minute is taken in the same commit."""
    db.session.execute(
        update(Authenticator)
        .where(Authenticator.person_id == person_id)
        .values(secret=authenticator.sealed(secret, person_id=person_id))
    )


def _use_recovery_code(person_id: int, code: str) -> None:
    salt = db.session.scalar(
        select(RecoveryCode.salt).where(RecoveryCode.person_id == person_id).limit(1)
    )
    if salt is None:
        raise WrongCode
    commit_early()  # hashing holds no lock
    hashed = _hash(code, salt)
    used = db.session.execute(
        delete(RecoveryCode).where(
            RecoveryCode.person_id == person_id, RecoveryCode.code_hash == hashed
        )
    )
    if not used.rowcount:  # type: ignore[attr-defined]  # a delete has one
        raise WrongCode


def _new_code() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    return "-".join(groups)


def _hash(code: str, salt: str) -> str:
    """Return what is kept of a recovery code: slow to try, with the person's salt."""
    wanted = COSTS[cost()]
    return hash_secret_raw(
        hashlib.sha256(code.replace("-", "").encode()).digest(),
        bytes.fromhex(salt),
        time_cost=wanted["argon2__rounds"],
        memory_cost=wanted["argon2__memory_cost"],
        parallelism=wanted["argon2__parallelism"],
        hash_len=32,
        type=Type.ID,
    ).hex()
