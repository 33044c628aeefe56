"""One mail a day with what is not urgent: who gets one, what is in it, and what became of that.

A notice that was read in the portal meanwhile is not in it; without anything new there is no mail.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, tzinfo

from sqlalchemy import ColumnElement, exists, select, update

from portal.db import db
from portal.notices import directory, ledger, queries, rules
from portal.notices.models import Delivery, Notice, NoticeRead
from portal.notices.rules import Channel, DeliveryState, Skipped
from portal.notices.timing import when_allowed


def key_of(*, person_id: int, on: date) -> str:
    """Return the key of a person's digest of one day: there is no second one."""
    return f"digest:{person_id}:{on.isoformat()}"


def open_all(*, at: datetime, zone: tzinfo) -> int:
    """Enter today's digest of everybody for whom something waits; return how many are new."""
    waiting = db.session.scalars(
        select(Delivery.person_id)
        .where(*_waits_for_a_digest())
        .distinct()
        .order_by(Delivery.person_id)
    )
    persons = [each for each in waiting if each is not None]
    timings = queries.timing_of(persons)
    entered = [
        ledger.enter(
            key=key_of(person_id=person_id, on=at.astimezone(zone).date()),
            channel=Channel.DIGEST,
            at=at,
            due_at=when_allowed(timings[person_id], at=at, zone=zone),
            person_id=person_id,
        )
        for person_id in persons
    ]
    return sum(each is not None for each in entered)


def _waits_for_a_digest() -> tuple[ColumnElement[bool], ...]:
    return (
        Delivery.channel == Channel.MAIL.value,
        Delivery.state == DeliveryState.WAITING.value,
        Delivery.due_at.is_(None),
    )


def fill(digest: Delivery, *, at: datetime) -> Sequence[Notice]:
    """Return what this digest brings, and keep it: a second try brings the same.

    Yesterday's, if it is still waiting for its mail server, is taken over: one mail, not two.
    """
    _take_over_earlier(digest, at=at)
    mine = (
        select(Delivery, Notice)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(
            *_waits_for_a_digest(),
            Delivery.person_id == digest.person_id,
            (Delivery.carrier_id == digest.id) | Delivery.carrier_id.is_(None),
        )
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .with_for_update(of=Delivery)
    )
    rows = db.session.execute(mine).all()
    read = _read_by(digest.person_id, [notice.id for _, notice in rows])
    works_in = _organisations_of(digest.person_id, {each.organisation_id for _, each in rows})
    brought = []
    for row, notice in rows:
        if notice.organisation_id not in works_in:
            ledger.skip(row, Skipped.GONE, at=at)
        elif notice.id in read:
            ledger.skip(row, Skipped.READ_BEFORE, at=at)
        elif rules.is_stale(notice.stale_from, at=at):
            ledger.skip(row, Skipped.STALE, at=at)
        else:
            row.carrier_id = digest.id
            brought.append(notice)
    db.session.flush()
    return brought


def _read_by(person_id: int | None, notice_ids: Collection[int]) -> frozenset[int]:
    found = select(NoticeRead.notice_id).where(
        NoticeRead.person_id == person_id, NoticeRead.notice_id.in_(notice_ids)
    )
    return frozenset(db.session.scalars(found))


def _organisations_of(person_id: int | None, candidates: Collection[int]) -> frozenset[int]:
    members = directory.current().of_organisation
    return frozenset(
        each for each in candidates if person_id in {one.person_id for one in members(each)}
    )


def drop(digest: Delivery, why: Skipped, *, at: datetime) -> None:
    """Skip all that waits for this digest's receiver, who cannot be mailed."""
    db.session.execute(
        update(Delivery)
        .where(*_waits_for_a_digest(), Delivery.person_id == digest.person_id)
        .values(state=DeliveryState.SKIPPED.value, reason=why.value, finished_at=at)
    )


def was_read(notice_id: int, person_id: int | None) -> bool:
    """Tell whether a person has seen a notice in the portal."""
    seen = exists().where(NoticeRead.notice_id == notice_id, NoticeRead.person_id == person_id)
    return bool(db.session.scalar(select(seen)))


def _take_over_earlier(digest: Delivery, *, at: datetime) -> None:
    earlier = db.session.scalars(
        select(Delivery)
        .where(
            Delivery.channel == Channel.DIGEST.value,
            Delivery.person_id == digest.person_id,
            Delivery.state == DeliveryState.WAITING.value,
            Delivery.id < digest.id,
        )
        .order_by(Delivery.id)
        .with_for_update()
    ).all()
    for each in earlier:
        ledger.skip(each, Skipped.SUPERSEDED, at=at)
        db.session.execute(
            update(Delivery).where(Delivery.carrier_id == each.id).values(carrier_id=digest.id)
        )


def settle(digest: Delivery, *, at: datetime) -> None:
    """Record for every notice in a digest what became of the digest."""
    if digest.state == DeliveryState.WAITING.value:
        return
    db.session.execute(
        update(Delivery)
        .where(Delivery.carrier_id == digest.id, Delivery.state == DeliveryState.WAITING.value)
        .values(state=digest.state, answer=digest.answer, finished_at=at)
    )
