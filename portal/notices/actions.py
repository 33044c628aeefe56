"""Writes of notices: posting, reading, and how one wants to be mailed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from portal import tenancy
from portal.access import Member
from portal.db import UtcDateTime, db
from portal.notices import ledger
from portal.notices.endpoints import queries as endpoints
from portal.notices.mail import smtp
from portal.notices.mail.invitations import Invitation
from portal.notices.models import (
    Delivery,
    MailBounce,
    Notice,
    NoticeRead,
    NoticeTiming,
    NoticeWish,
)
from portal.notices.queries import addressed_to, timing_of, unread_by
from portal.notices.rules import Channel, DeliveryState, NoticeKind, Wish, check_path
from portal.notices.timing import Timing
from portal.outbox import actions as outbox

TELL = "notices.tell"


class NoSuchNotice(LookupError):
    """The member has no such notice."""


def post(  # noqa: PLR0913 – one argument per fact, keyword only
    *,
    organisation_id: int,
    kind: NoticeKind,
    path: str,
    at: datetime,
    params: Mapping[str, Any] | None = None,
    person_id: int | None = None,
    invitation: Invitation | None = None,
    stale_from: datetime | None = None,
) -> None:
    """Tell an organisation's members (or one of them) what happened; `path` leads to it.

    Who wants to hear outside the portal too is told by a job after the commit. Mails bring the
    `invitation` for the reader's calendar. What is `stale_from` an instant on is told nobody
    outside the portal later than that.
    Raises ForeignPath when it leads out of the portal.
    """
    check_path(path)
    with tenancy.for_everyone(reason="a notice is written by one tenant and read by another"):
        notice = Notice(
            organisation_id=organisation_id,
            person_id=person_id,
            kind=kind.value,
            params=dict(params or {}),
            path=path,
            created_at=at,
            invitation=invitation.as_json() if invitation else None,
            stale_from=stale_from,
        )
        db.session.add(notice)
        db.session.flush()
        if smtp.is_set_up() or endpoints.any_on(organisation_id):
            outbox.post(kind=TELL, args={"notice_id": notice.id}, key=f"{TELL}:{notice.id}", at=at)


def withdraw(*, kind: NoticeKind, path: str, at: datetime) -> None:
    """Tell nobody any more, outside the portal, what notices of this kind about `path` say."""
    with tenancy.for_everyone(reason="a notice is written by one tenant and read by another"):
        db.session.execute(
            update(Notice)
            .where(
                Notice.kind == kind.value,
                Notice.path == path,
                Notice.stale_from.is_(None) | (Notice.stale_from > at),
            )
            .values(stale_from=at)
        )


def open_notice(*, notice_id: int, member: Member, at: datetime) -> str:
    """Record that the member has seen a notice, and return the path that it leads to.

    Raises NoSuchNotice, for another's notice too.
    """
    path = db.session.scalar(
        select(Notice.path).where(Notice.id == notice_id, *addressed_to(member))
    )
    if path is None:
        raise NoSuchNotice(notice_id)
    _mark_read(member, Notice.id == notice_id, at=at)
    return path


def mark_all_read(*, member: Member, at: datetime) -> None:
    """Record that the member has seen every notice up to `at`."""
    _mark_read(member, Notice.created_at <= at, at=at)


def _mark_read(member: Member, condition: ColumnElement[bool], *, at: datetime) -> None:
    seen = select(Notice.id, literal(member.person_id), literal(at, UtcDateTime)).where(
        *addressed_to(member), unread_by(member), condition
    )
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    # Two pages of one person may mark the same notice at once.
    statement = (
        dialect.insert(NoticeRead)
        .from_select(["notice_id", "person_id", "read_at"], seen)
        .on_conflict_do_nothing()
    )
    with tenancy.for_everyone(reason="rows from a query are not checked; this one asks as member"):
        db.session.execute(statement)


def choose(*, person_id: int, wishes: Mapping[NoticeKind, Wish], timing: Timing) -> None:
    """Keep how a person wants to be mailed about these kinds, and when not."""
    for kind, wish in wishes.items():
        db.session.merge(NoticeWish(person_id=person_id, kind=kind.value, wish=wish.value))
    db.session.merge(
        NoticeTiming(
            person_id=person_id,
            quiet_from_minute=timing.quiet_from_minute,
            quiet_until_minute=timing.quiet_until_minute,
            wants_digest=timing.wants_digest,
        )
    )
    db.session.flush()


def stop_mails(*, person_id: int, kind: NoticeKind | None) -> None:
    """Send a person no more mails about a kind; None: no more digests."""
    if kind is not None:
        db.session.merge(NoticeWish(person_id=person_id, kind=kind.value, wish=Wish.NEVER.value))
    else:
        kept = timing_of([person_id])[person_id]
        choose(person_id=person_id, wishes={}, timing=replace(kept, wants_digest=False))
    db.session.flush()


def try_address_again(*, address: str) -> None:
    """Forget that an address bounced: the next notice is mailed to it again."""
    db.session.execute(delete(MailBounce).where(MailBounce.address == address))


class CannotTryAgain(LookupError):
    """There is no such failed delivery, or nothing is left of what it said."""


def send_again(*, delivery_id: int, at: datetime, organisation_id: int | None = None) -> None:
    """Start a failed delivery over; raise CannotTryAgain.

    With an organisation, only one that went to a group or a server of its own.
    """
    wanted = [
        Delivery.id == delivery_id,
        Delivery.state == DeliveryState.FAILED.value,
        Delivery.channel != Channel.DIGEST.value,
        Delivery.notice_id.is_not(None) | Delivery.content.is_not(None),
    ]
    if organisation_id is not None:
        wanted += [Delivery.organisation_id == organisation_id, Delivery.endpoint_id.is_not(None)]
    delivery = db.session.scalar(select(Delivery).where(*wanted).with_for_update())
    if delivery is None:
        raise CannotTryAgain(delivery_id)
    ledger.try_again(delivery, at=at)
