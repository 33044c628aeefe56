"""Reads of notices, always for one member."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from portal.access import Member
from portal.db import db
from portal.notices import texts
from portal.notices.models import Notice
from portal.notices.rules import NoticeKind
from portal.paging import Page, Paged


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice as its reader sees it."""

    id: int
    text: str
    path: str
    created_at: datetime
    unread: bool


def _for(member: Member) -> tuple[ColumnElement[bool], ...]:
    return (
        Notice.organisation_id == member.organisation_id,
        or_(Notice.person_id.is_(None), Notice.person_id == member.person_id),
    )


def unread_count(member: Member) -> int:
    """Return how many notices the member has not read."""
    unread = select(func.count()).select_from(Notice).where(*_for(member), Notice.read_at.is_(None))
    return db.session.scalar(unread) or 0


def of_member(*, member: Member, page: Page) -> Paged[NoticeRow]:
    """Return the member's notices, newest first."""
    total = db.session.scalar(select(func.count()).select_from(Notice).where(*_for(member))) or 0
    notices = db.session.scalars(
        select(Notice)
        .where(*_for(member))
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(page.size)
        .offset(page.offset)
    )
    rows = [
        NoticeRow(
            id=each.id,
            text=texts.text(NoticeKind(each.kind), each.params),
            path=each.path,
            created_at=each.created_at,
            unread=each.read_at is None,
        )
        for each in notices
    ]
    return Paged(rows=rows, total=total, page=page)
