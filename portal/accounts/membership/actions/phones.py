"""Showing by a code that a phone number is one's own; without a gateway operators check it."""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from portal import i18n
from portal.accounts.membership import codes
from portal.accounts.membership.models import PhoneCode
from portal.accounts.models import Person
from portal.accounts.sign_in.actions import attempts
from portal.accounts.sign_in.rules import factor_key
from portal.db import Conflict, commit_early, db, refuse_conflicts
from portal.i18n import gettext as _
from portal.outbox import actions as outbox

SEND = "accounts.send_code"
LIVES = timedelta(minutes=10)
MOST_A_DAY = 5  # each costs money, and may ring a stranger's phone


class NotSetUp(Exception):
    """Nobody sends codes here."""


class TooMany(Exception):
    """So many codes were sent to this person or number within a day."""


class WrongCode(Exception):
    """Not the code that was sent last, or it is too old or used."""


class NumberTaken(Exception):
    """Another person has this number."""


def ask(*, person_id: int, phone: str, at: datetime) -> None:
    """Send a code to a number (E.164) that a person says is theirs; an earlier code ends.

    Raises NotSetUp or TooMany. Whether somebody else has the number is not told here.
    """
    if codes.sender() is None:
        raise NotSetUp
    lately = select(func.count(PhoneCode.id)).where(
        (PhoneCode.person_id == person_id) | (PhoneCode.phone == phone),
        PhoneCode.created_at > at - timedelta(days=1),
    )
    if (db.session.scalar(lately) or 0) >= MOST_A_DAY:
        raise TooMany
    db.session.execute(
        update(PhoneCode)
        .where(PhoneCode.person_id == person_id, PhoneCode.used_at.is_(None))
        .values(used_at=at)
    )
    row = PhoneCode(
        person_id=person_id,
        phone=phone,
        language=i18n.language(),
        created_at=at,
        expires_at=at + LIVES,
    )
    db.session.add(row)
    db.session.flush()
    outbox.post(kind=SEND, args={"code_id": row.id}, at=at, key=f"{SEND}:{row.id}")


def send(*, code_id: int, at: datetime) -> None:
    """Send a code now, unless it is too late; raise codes.NotSent. For the worker."""
    row = db.session.get(PhoneCode, code_id)
    sender = codes.sender()
    if row is None or sender is None or row.used_at is not None or row.expires_at <= at:
        return
    code = codes.code_of(code_id=row.id, phone=row.phone)
    phone, language = row.phone, row.language
    db.session.rollback()  # nobody waits for the database while the gateway answers
    with i18n.speaking(language):
        text = str(_("你在同途的验证码是 %(code)s，10 分钟内有效。不要告诉别人。", code=code))
    sender.send(phone=phone, text=text, code=code, key=f"code-{code_id}", at=at)


def waiting_number(*, person_id: int, at: datetime) -> str | None:
    """Return the number to which a code was sent that still counts, or None."""
    row = _open(person_id, at=at)
    return row.phone if row else None


def _open(person_id: int, *, at: datetime) -> PhoneCode | None:
    return db.session.scalar(
        select(PhoneCode)
        .where(
            PhoneCode.person_id == person_id,
            PhoneCode.used_at.is_(None),
            PhoneCode.expires_at > at,
        )
        .order_by(PhoneCode.id.desc())
        .limit(1)
    )


def confirm(*, person_id: int, code: str, at: datetime) -> None:
    """Keep that the number is the person's, by the code that was sent to it; once.

    Raises WrongCode, attempts.Paused after several wrong ones, or NumberTaken.
    """
    reservation = attempts.reserve(keys=(factor_key(person_id),), at=at)
    commit_early()  # the attempt counts, whatever becomes of the rest
    row = _open(person_id, at=at)
    if row is None:
        raise WrongCode
    expected = codes.code_of(code_id=row.id, phone=row.phone)
    # As bytes: texts that are not ASCII cannot be compared so, and anything may be typed.
    if not hmac.compare_digest(expected.encode(), code.encode()):
        raise WrongCode
    taken = db.session.scalar(
        update(PhoneCode)
        .where(PhoneCode.id == row.id, PhoneCode.used_at.is_(None))
        .values(used_at=at)
        .returning(PhoneCode.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise WrongCode
    attempts.take_back(reservation)
    person = db.session.get_one(Person, person_id)
    try:
        with refuse_conflicts():
            person.us_phone_number, person.phone_confirmed_at = row.phone, at
    except Conflict as error:
        raise NumberTaken(row.phone) from error
