"""Reads of notices: a member's own, and how persons want to be mailed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select

from portal.access import Member
from portal.db import db
from portal.notices import directory, texts
from portal.notices.mail import smtp
from portal.notices.models import MailBounce, Notice, NoticeRead, NoticeTiming, NoticeWish
from portal.notices.rules import URGENCY, NoticeKind, Urgency, Wish, kinds_for, usual_wish
from portal.notices.timing import USUAL, Timing
from portal.paging import Page, Paged


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice as its reader sees it."""

    id: int
    kind: NoticeKind
    text: str
    path: str
    created_at: datetime
    unread: bool


def addressed_to(member: Member) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a notice is this member's."""
    return (
        Notice.organisation_id == member.organisation_id,
        or_(Notice.person_id.is_(None), Notice.person_id == member.person_id),
    )


def unread_by(member: Member) -> ColumnElement[bool]:
    """Return the condition under which this member has not read a notice."""
    return ~exists().where(
        NoticeRead.notice_id == Notice.id, NoticeRead.person_id == member.person_id
    )


def _row(notice: Notice, *, unread: bool) -> NoticeRow:
    kind = NoticeKind(notice.kind)
    return NoticeRow(
        id=notice.id,
        kind=kind,
        text=texts.text(kind, notice.params),
        path=notice.path,
        created_at=notice.created_at,
        unread=unread,
    )


# On every page: built once.
_UNREAD_COUNT = (
    select(func.count())
    .select_from(Notice)
    .where(
        Notice.organisation_id == bindparam("organisation_id"),
        or_(Notice.person_id.is_(None), Notice.person_id == bindparam("person_id")),
        ~exists().where(
            NoticeRead.notice_id == Notice.id, NoticeRead.person_id == bindparam("person_id")
        ),
    )
)


def unread_count(member: Member) -> int:
    """Return how many notices the member has not read."""
    ids = {"organisation_id": member.organisation_id, "person_id": member.person_id}
    return db.session.scalar(_UNREAD_COUNT, ids) or 0


def latest_unread(*, member: Member, kinds: Collection[NoticeKind]) -> dict[NoticeKind, NoticeRow]:
    """Return the newest unread notice of each of these kinds; kinds without one are left out."""
    newest = (
        select(func.max(Notice.id))
        .where(
            *addressed_to(member),
            unread_by(member),
            Notice.kind.in_([kind.value for kind in kinds]),
        )
        .group_by(Notice.kind)
    )
    found = db.session.scalars(select(Notice).where(Notice.id.in_(newest)).order_by(Notice.id))
    return {NoticeKind(each.kind): _row(each, unread=True) for each in found}


def of_member(*, member: Member, page: Page) -> Paged[NoticeRow]:
    """Return the member's notices, newest first."""
    own = addressed_to(member)
    total = db.session.scalar(select(func.count()).select_from(Notice).where(*own)) or 0
    found = db.session.execute(
        select(Notice, unread_by(member))
        .where(*own)
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(page.size)
        .offset(page.offset)
    )
    rows = [_row(notice, unread=bool(unread)) for notice, unread in found]
    return Paged(rows=rows, total=total, page=page)


def wishes_of(
    person_ids: Collection[int], kinds: Collection[NoticeKind]
) -> Mapping[int, Mapping[NoticeKind, Wish]]:
    """Return how these persons want to be mailed about these kinds, by person and kind."""
    found = db.session.execute(
        select(NoticeWish.person_id, NoticeWish.kind, NoticeWish.wish).where(
            NoticeWish.person_id.in_(person_ids),
            NoticeWish.kind.in_([kind.value for kind in kinds]),
        )
    )
    wishes = {person: {kind: usual_wish(kind) for kind in kinds} for person in person_ids}
    for person_id, kind, wish in found:
        wishes[person_id][NoticeKind(kind)] = Wish(wish)
    return wishes


def timing_of(person_ids: Collection[int]) -> Mapping[int, Timing]:
    """Return when these persons want no mails, by person."""
    found = db.session.scalars(select(NoticeTiming).where(NoticeTiming.person_id.in_(person_ids)))
    own = {
        each.person_id: Timing(
            quiet_from_minute=each.quiet_from_minute,
            quiet_until_minute=each.quiet_until_minute,
            wants_digest=each.wants_digest,
        )
        for each in found
    }
    return dict.fromkeys(person_ids, USUAL) | own


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail server said when it did not know an address."""

    answer: str
    at: datetime


def bounce_of(address: str | None) -> Bounce | None:
    """Return why an address gets no notices any more, or None when nothing is wrong with it."""
    found = db.session.get(MailBounce, address) if address else None
    return Bounce(answer=found.answer, at=found.at) if found else None


@dataclass(frozen=True, slots=True)
class KindChoice:
    """One kind on the page where a person chooses what to be mailed about."""

    kind: NoticeKind
    name: str
    wish: Wish
    note: str  # what holds in spite of the wish; empty: nothing


@dataclass(frozen=True, slots=True)
class MailChoices:
    """What a person can choose about mails, and what stands in the way of them."""

    sends_mails: bool  # False: the portal has no mail server
    address: str | None
    bounce: Bounce | None
    kinds: Sequence[KindChoice]
    always: Sequence[str]  # names of the kinds that cannot be turned off
    timing: Timing


def choices_of(member: Member) -> MailChoices:
    """Return what a member has chosen about mails."""
    person = directory.person(member.person_id)
    address = person.mail if person else None
    kinds = kinds_for(member.role, is_owner=member.is_owner)
    wishes = wishes_of([member.person_id], kinds)[member.person_id]
    return MailChoices(
        sends_mails=smtp.is_set_up(),
        address=address,
        bounce=bounce_of(address),
        kinds=[
            KindChoice(kind=kind, name=texts.name(kind), wish=wishes[kind], note=texts.limit(kind))
            for kind in kinds
            if URGENCY[kind] is not Urgency.URGENT
        ],
        always=[texts.name(kind) for kind in kinds if URGENCY[kind] is Urgency.URGENT],
        timing=timing_of([member.person_id])[member.person_id],
    )
