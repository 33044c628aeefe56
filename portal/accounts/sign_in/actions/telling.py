"""What of signing in is written into the record, and told to the person whom it concerns."""

from datetime import datetime

from sqlalchemy import select

from portal.accounts.models import Membership
from portal.accounts.sign_in import rules
from portal.accounts.sign_in.models import SignInSession
from portal.accounts.sign_in.rules import Method, Origin
from portal.db import db
from portal.evidence import actions as evidence
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind

DEVICES, FACTORS, OVERVIEW = "/account/devices", "/account/factors", "/account/security"


def _tell(person_id: int, kind: NoticeKind, *, path: str, at: datetime, who: str = "") -> None:
    """Post a notice to the person alone, in the organisation that they joined first."""
    organisation_id = db.session.scalar(
        select(Membership.organisation_id)
        .where(Membership.person_id == person_id)
        .order_by(Membership.id)
        .limit(1)
    )
    if organisation_id is None:
        return  # nobody without a membership can read notices
    notices.post(
        organisation_id=organisation_id,
        person_id=person_id,
        kind=kind,
        path=path,
        params={"who": who} if who else {},
        at=at,
    )


def signed_in(*, person_id: int, method: Method, origin: Origin, at: datetime) -> None:
    """Record that somebody signed in; to be called before the session's row is written.

    Tells the person when they are signed in elsewhere, but on no such device at such an address.
    """
    if _is_new(person_id, origin, at=at):
        _tell(person_id, NoticeKind.NEW_SIGN_IN, path=DEVICES, who=_named(origin), at=at)
    evidence.record(
        action="sign_in.succeeded",
        subject="person",
        subject_id=str(person_id),
        person_id=person_id,
        details={"method": method.value},
        at=at,
    )


def _is_new(person_id: int, origin: Origin, *, at: datetime) -> bool:
    known = db.session.execute(
        select(SignInSession.device, SignInSession.address).where(
            SignInSession.person_id == person_id,
            SignInSession.idle_until > at,
            SignInSession.ends_at > at,
        )
    ).all()
    here = (origin.device, rules.address_key(origin.address))
    there = {(device, rules.address_key(address)) for device, address in known}
    return bool(there) and here not in there


def _named(origin: Origin) -> str:
    return " · ".join(part for part in (origin.device, origin.address) if part)


def failed(*, person_id: int | None, method: Method, at: datetime) -> None:
    """Record a failed try, whether or not there is such an account."""
    evidence.record(
        action="sign_in.failed",
        subject="person" if person_id else None,
        subject_id=str(person_id) if person_id else None,
        details={"method": method.value},
        at=at,
        even_if_refused=True,
    )


def paused(*, person_id: int, until: datetime, origin: Origin, at: datetime) -> None:
    """Record that wrong tries have paused an account; tell the person of the first pause only.

    A guesser who goes on must not fill somebody's mail box.
    """
    evidence.record(
        action="sign_in.paused",
        subject="person",
        subject_id=str(person_id),
        details={"address": origin.address},
        at=at,
        even_if_refused=True,
    )
    if until - at == rules.ACCOUNT.first:
        _tell(person_id, NoticeKind.SIGN_IN_PAUSED, path=OVERVIEW, at=at)


def signed_out(*, person_id: int, at: datetime) -> None:
    """Record that somebody signed out."""
    evidence.record(
        action="sign_in.signed_out",
        subject="person",
        subject_id=str(person_id),
        person_id=person_id,
        at=at,
    )


def device_ended(*, person_id: int, count: int, at: datetime) -> None:
    """Record that somebody's devices were signed out from another."""
    evidence.record(
        action="sign_in.device_ended",
        subject="person",
        subject_id=str(person_id),
        details={"count": count},
        at=at,
    )


def password_changed(*, person_id: int, by_link: bool, at: datetime) -> None:
    """Record that the password is another, and tell the person unless a reset does."""
    evidence.record(
        action="sign_in.password_set" if by_link else "sign_in.password_changed",
        subject="person",
        subject_id=str(person_id),
        at=at,
    )
    if not by_link:  # a reset tells of itself
        _tell(person_id, NoticeKind.PASSWORD_CHANGED, path=OVERVIEW, at=at)


def factor_changed(*, person_id: int, what: str, at: datetime) -> None:
    """Record and tell that a second factor came or went; `what` as "passkey.added"."""
    evidence.record(action=f"sign_in.{what}", subject="person", subject_id=str(person_id), at=at)
    _tell(person_id, NoticeKind.FACTOR_CHANGED, path=FACTORS, at=at)


def recovery_code_used(*, person_id: int, at: datetime) -> None:
    """Record and tell that a recovery code was used."""
    evidence.record(
        action="sign_in.recovery_code_used", subject="person", subject_id=str(person_id), at=at
    )
    _tell(person_id, NoticeKind.FACTOR_CHANGED, path=FACTORS, at=at)


def ended_by_operator(*, person_id: int, count: int, at: datetime) -> None:
    """Record that an operator signed somebody out everywhere."""
    evidence.record(
        action="sign_in.ended_by_operator",
        subject="person",
        subject_id=str(person_id),
        details={"count": count},
        at=at,
    )


def factors_reset(*, person_id: int, at: datetime) -> None:
    """Record and tell that an operator took somebody's second factors away."""
    evidence.record(
        action="sign_in.factors_reset", subject="person", subject_id=str(person_id), at=at
    )
    _tell(person_id, NoticeKind.FACTOR_CHANGED, path=FACTORS, at=at)
