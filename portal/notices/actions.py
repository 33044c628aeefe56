"""Writes of notices."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, update

from portal.access import Member
from portal.db import db
from portal.notices.models import Notice
from portal.notices.rules import NoticeKind


def post(
    *,
    organisation_id: int,
    kind: NoticeKind,
    path: str,
    at: datetime,
    params: Mapping[str, Any] | None = None,
    person_id: int | None = None,
) -> None:
    """Tell an organisation's members (or one of them) what happened; `path` leads to it."""
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


def mark_all_read(*, member: Member, at: datetime) -> None:
    """Record that the member has seen every notice so far."""
    db.session.execute(
        update(Notice)
        .where(
            Notice.organisation_id == member.organisation_id,
            or_(Notice.person_id.is_(None), Notice.person_id == member.person_id),
            Notice.read_at.is_(None),
            Notice.created_at <= at,
        )
        .values(read_at=at)
    )
