"""Sessions: one row per sign-in, which the server can end at any time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from portal.accounts.models import Person
from portal.accounts.sign_in import queries, rules
from portal.accounts.sign_in.actions import telling
from portal.accounts.sign_in.models import PendingSignIn, SignInSession
from portal.accounts.sign_in.rules import Method, Origin
from portal.db import db


class NoSuchSession(LookupError):
    """The person has no such session."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A session has begun: its token goes into the cookie and is kept nowhere else."""

    token: str
    session_id: int
    person_id: int
    keep: bool  # the cookie outlives the browser


def begin(*, person_id: int, method: Method, keep: bool, origin: Origin, at: datetime) -> Begun:
    """Sign a person in on one device."""
    roles = queries.roles_of(person_id)
    lifetime = rules.lifetime(roles=roles, keep=keep)
    token = rules.new_token()
    _make_room(person_id)
    row = SignInSession(
        token_hash=rules.token_hash(token),
        person_id=person_id,
        uniquifier=_uniquifier(person_id),
        method=method.value,
        address=origin.address,
        device=origin.device,
        created_at=at,
        seen_at=at,
        verified_at=at,
        idle_minutes=int(lifetime.idle.total_seconds()) // 60,
        idle_until=at + lifetime.idle,
        ends_at=at + lifetime.absolute,
    )
    db.session.add(row)
    db.session.flush()
    return Begun(
        token=token,
        session_id=row.id,
        person_id=person_id,
        keep=lifetime is rules.KEPT,
    )


def _uniquifier(person_id: int) -> str:
    found = db.session.scalar(select(Person.fs_uniquifier).where(Person.id == person_id))
    return str(found)


def _make_room(person_id: int) -> None:
    kept = (
        select(SignInSession.id)
        .where(SignInSession.person_id == person_id)
        .order_by(SignInSession.seen_at.desc(), SignInSession.id.desc())
        .limit(rules.MAX_SESSIONS - 1)
    )
    db.session.execute(
        delete(SignInSession).where(
            SignInSession.person_id == person_id, SignInSession.id.not_in(kept)
        )
    )


def wait_for_factor(*, account: queries.Account, keep: bool, at: datetime) -> str:
    """Remember that the password was right; return the token of the second step."""
    token = rules.new_token()
    db.session.add(
        PendingSignIn(
            token_hash=rules.token_hash(token),
            person_id=account.person_id,
            uniquifier=account.uniquifier,
            keep=keep,
            ends_at=at + rules.PENDING_FOR,
        )
    )
    db.session.flush()
    return token


def finish_pending(pending_id: int) -> bool:
    """Use up a sign-in that waited for its factor; False when somebody was quicker."""
    gone = db.session.execute(delete(PendingSignIn).where(PendingSignIn.id == pending_id))
    return bool(gone.rowcount)  # type: ignore[attr-defined]  # a delete has one


def renew(*, session_id: int, at: datetime) -> str:
    """Record that the password or a factor was shown again; return the session's new token."""
    token = rules.new_token()
    db.session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id)
        .values(token_hash=rules.token_hash(token), verified_at=at)
    )
    return token


def see(*, session_id: int, at: datetime) -> None:
    """Record in a short transaction of its own that a session is in use.

    A page that only reads leaves the request's transaction as it was; this is not part of it.
    """
    with db.engine.begin() as connection:
        idle = connection.scalar(
            update(SignInSession)
            .where(SignInSession.id == session_id, SignInSession.seen_at < at)
            .values(seen_at=at)
            .returning(SignInSession.idle_minutes)
        )
        if idle is not None:
            connection.execute(
                update(SignInSession)
                .where(SignInSession.id == session_id)
                .values(idle_until=rules.idle_until(minutes=idle, at=at))
            )


def end(*, session_id: int, person_id: int) -> None:
    """Sign one device of a person out; raise NoSuchSession, for another person's too."""
    gone = db.session.execute(
        delete(SignInSession).where(
            SignInSession.id == session_id, SignInSession.person_id == person_id
        )
    )
    if not gone.rowcount:  # type: ignore[attr-defined]  # a delete has one
        raise NoSuchSession(session_id)


def sign_out(*, session_id: int, person_id: int, at: datetime) -> None:
    """End the session of who asks for it."""
    telling.signed_out(person_id=person_id, at=at)
    end(session_id=session_id, person_id=person_id)


def end_device(*, session_id: int, person_id: int, at: datetime) -> None:
    """Sign one device out from another; raise NoSuchSession, for another person's too."""
    end(session_id=session_id, person_id=person_id)
    telling.device_ended(person_id=person_id, count=1, at=at)


def end_others(*, session_id: int, person_id: int, at: datetime) -> int:
    """Sign out every device of a person but this one; return how many."""
    count = end_all(person_id=person_id, but=session_id)
    telling.device_ended(person_id=person_id, count=count, at=at)
    return count


def end_by_operator(*, person_id: int, at: datetime) -> int:
    """Sign somebody out everywhere on an operator's word; return how many devices."""
    count = end_all(person_id=person_id)
    telling.ended_by_operator(person_id=person_id, count=count, at=at)
    return count


def end_all(*, person_id: int, but: int | None = None) -> int:
    """Sign a person out everywhere, `but` on the device of that session; return how many ended.

    What waits for a second factor ends too.
    """
    db.session.execute(delete(PendingSignIn).where(PendingSignIn.person_id == person_id))
    gone = db.session.execute(
        delete(SignInSession).where(
            SignInSession.person_id == person_id,
            SignInSession.id != (but if but is not None else -1),
        )
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]  # a delete has one


def ask_as(*, session_id: int | None, membership_id: int) -> None:
    """Let a session ask as this membership of its person from now on."""
    db.session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id)
        .values(membership_id=membership_id)
    )


def forget_old(*, at: datetime) -> int:
    """Delete the sign-ins that have run out; return how many rows went."""
    count = 0
    for table, ended in (
        (SignInSession, (SignInSession.ends_at <= at) | (SignInSession.idle_until <= at)),
        (PendingSignIn, PendingSignIn.ends_at <= at),
    ):
        gone = db.session.execute(delete(table).where(ended))
        count += int(gone.rowcount)  # type: ignore[attr-defined]  # a delete has one
    return count
