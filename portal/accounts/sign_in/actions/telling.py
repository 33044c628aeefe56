"""What of signing in is written into the record, and told to the person whom it concerns."""

from datetime import datetime

from portal.accounts.sign_in.rules import Method, Origin
from portal.evidence import actions as evidence


def signed_in(*, person_id: int, method: Method, at: datetime) -> None:
    """Record that somebody signed in."""
    evidence.record(
        action="sign_in.succeeded",
        subject="person",
        subject_id=str(person_id),
        person_id=person_id,
        details={"method": method.value},
        at=at,
    )


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


def paused(*, person_id: int, at: datetime, origin: Origin) -> None:
    """Record and tell that wrong tries have paused an account."""
    evidence.record(
        action="sign_in.paused",
        subject="person",
        subject_id=str(person_id),
        details={"address": origin.address},
        at=at,
        even_if_refused=True,
    )


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
    """Record and tell that the password is another."""
    evidence.record(
        action="sign_in.password_set" if by_link else "sign_in.password_changed",
        subject="person",
        subject_id=str(person_id),
        at=at,
    )


def factor_changed(*, person_id: int, what: str, at: datetime) -> None:
    """Record and tell that a second factor came or went; `what` as "passkey.added"."""
    evidence.record(action=f"sign_in.{what}", subject="person", subject_id=str(person_id), at=at)


def recovery_code_used(*, person_id: int, at: datetime) -> None:
    """Record and tell that a recovery code was used."""
    evidence.record(
        action="sign_in.recovery_code_used", subject="person", subject_id=str(person_id), at=at
    )
