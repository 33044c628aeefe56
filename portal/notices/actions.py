"""Writes of notices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from portal.access import Member
from portal.db import UtcDateTime, db
from portal.notices.models import Notice, NoticeRead
from portal.notices.queries import addressed_to, unread_by
from portal.notices.rules import NoticeKind, check_path


class NoSuchNotice(LookupError):
    """The member has no such notice."""


def post(
    *,
    organisation_id: int,
    kind: NoticeKind,
    path: str,
    at: datetime,
    params: Mapping[str, Any] | None = None,
    person_id: int | None = None,
) -> None:
    """Tell an organisation's members (or one of them) what happened; `path` leads to it.

    Raises ForeignPath when it leads out of the portal.
    """
    check_path(path)
    db.session.add(
        Notice(
            organisation_id=organisation_id,
            person_id=person_id,
            kind=kind.value,
            params=dict(params or {}),
            path=path,
            created_at=at,
        )
    )
    db.session.flush()


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
    db.session.execute(
        dialect.insert(NoticeRead)
        .from_select(["notice_id", "person_id", "read_at"], seen)
        .on_conflict_do_nothing()
    )
