"""Who is told of a notice outside the portal, how and when: entries of the delivery ledger.

Run by a worker after the commit, so that who causes a notice does not wait for the wishes of all
who get it. A second run finds its entries made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import select

from portal.db import db
from portal.notices import directory, ledger, queries, rules
from portal.notices.directory import Recipient
from portal.notices.endpoints import queries as endpoints
from portal.notices.mail import smtp
from portal.notices.models import MailBounce, Notice
from portal.notices.rules import Channel, NoticeKind, Skipped, Wish
from portal.notices.timing import USUAL, Timing, when_allowed


@dataclass(frozen=True, slots=True)
class _Decision:
    """What is to happen: skipped for a reason, sent at an instant, or (neither) in the digest."""

    skipped: Skipped | None = None
    due_at: datetime | None = None


def tell(*, notice_id: int, at: datetime, zone: tzinfo) -> None:
    """Enter into the ledger how each receiver of a notice is told."""
    notice = db.session.get(Notice, notice_id)
    if notice is None:
        return
    kind = NoticeKind(notice.kind)
    if smtp.is_set_up():
        _mail_persons(notice, kind, at=at, zone=zone)
    _tell_endpoints(notice, kind, at=at, zone=zone)


def _mail_persons(notice: Notice, kind: NoticeKind, *, at: datetime, zone: tzinfo) -> None:
    receivers = receivers_of(notice)
    ids = [each.person_id for each in receivers]
    wishes, timings = queries.wishes_of(ids, [kind]), queries.timing_of(ids)
    bounced = _bounced(receivers)
    urgent = rules.is_urgent(kind, notice.params, at=at)
    for each in receivers:
        decision = _cannot(each, bounced) or _decide(
            wishes[each.person_id][kind], timings[each.person_id], urgent=urgent, at=at, zone=zone
        )
        ledger.enter(
            key=f"notice:{notice.id}:mail:{each.person_id}",
            channel=Channel.MAIL,
            at=at,
            due_at=decision.due_at,
            skipped=decision.skipped,
            notice_id=notice.id,
            organisation_id=notice.organisation_id,
            person_id=each.person_id,
        )


def _tell_endpoints(notice: Notice, kind: NoticeKind, *, at: datetime, zone: tzinfo) -> None:
    """Tell the organisation's groups and servers; what concerns one person stays with them."""
    if notice.person_id is not None:
        return
    urgent = rules.is_urgent(kind, notice.params, at=at)
    for each in endpoints.told_about(organisation_id=notice.organisation_id, kind=kind):
        is_for_people = each.channel != Channel.WEBHOOK.value
        waits = is_for_people and not urgent
        ledger.enter(
            key=f"notice:{notice.id}:endpoint:{each.id}",
            channel=Channel(each.channel),
            at=at,
            due_at=when_allowed(USUAL, at=at, zone=zone) if waits else at,
            notice_id=notice.id,
            organisation_id=notice.organisation_id,
            endpoint_id=each.id,
        )


def receivers_of(notice: Notice) -> Sequence[Recipient]:
    """Return whom a notice is for, as long as they work in its organisation."""
    members = directory.current().of_organisation(notice.organisation_id)
    if notice.person_id is None:
        return members
    return [each for each in members if each.person_id == notice.person_id]


def _bounced(receivers: Sequence[Recipient]) -> frozenset[str]:
    addresses = [each.mail for each in receivers if each.mail]
    found = select(MailBounce.address).where(MailBounce.address.in_(addresses))
    return frozenset(db.session.scalars(found))


def _cannot(receiver: Recipient, bounced: frozenset[str]) -> _Decision | None:
    if receiver.mail is None:
        return _Decision(skipped=Skipped.NO_ADDRESS)
    return _Decision(skipped=Skipped.BOUNCED) if receiver.mail in bounced else None


def _decide(wish: Wish, timing: Timing, *, urgent: bool, at: datetime, zone: tzinfo) -> _Decision:
    if urgent:
        return _Decision(due_at=at)
    by_wish: Mapping[Wish, _Decision] = {
        Wish.NOW: _Decision(due_at=when_allowed(timing, at=at, zone=zone)),
        Wish.DIGEST: _Decision(skipped=None if timing.wants_digest else Skipped.NOT_WANTED),
        Wish.NEVER: _Decision(skipped=Skipped.NOT_WANTED),
    }
    return by_wish[wish]
