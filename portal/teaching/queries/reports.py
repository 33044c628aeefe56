"""What readers reported as wrong or out of date in lessons, for who writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from portal import i18n
from portal.accounts import queries as accounts
from portal.db import db
from portal.learning import lesson_names
from portal.learning.models import LessonReport
from portal.learning.rules import ReportState
from portal.paging import Page, Paged
from portal.teaching import rules


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report; `who` is the shop. Which person it was, the author need not know."""

    id: int
    slug: str
    name: str
    lesson_title: str
    course_title: str
    version: str
    outdated: bool  # the report is about another version than the current one
    who: str
    text: str
    state: ReportState
    reported_at: datetime
    closed_at: datetime | None
    answer: str


def open_count(slug: str | None = None) -> int:
    """Return how many reports wait for an answer, of one course or of all."""
    wanted = select(func.count()).select_from(LessonReport).where(_OPEN)
    return db.session.scalar(wanted if slug is None else wanted.where(_of(slug))) or 0


def open_by_course() -> Mapping[str, int]:
    """Return how many reports of each course wait for an answer; courses without are left out."""
    rows = db.session.execute(
        select(LessonReport.slug, func.count()).where(_OPEN).group_by(LessonReport.slug)
    )
    return dict(rows.all())


def page(*, is_open: bool, slug: str, page: Page) -> Paged[ReportRow]:
    """Return reports, oldest open ones first, or those closed last first; `slug` "" means all."""
    wanted = [_OPEN if is_open else ~_OPEN]
    if slug:
        wanted.append(_of(slug))
    order = (
        (LessonReport.reported_at, LessonReport.id)
        if is_open
        else (LessonReport.closed_at.desc(), LessonReport.id.desc())
    )
    rows = db.session.scalars(
        select(LessonReport).where(*wanted).order_by(*order).limit(page.size).offset(page.offset)
    ).all()
    total = db.session.scalar(select(func.count()).select_from(LessonReport).where(*wanted))
    return Paged(rows=_rows(rows), total=total or 0, page=page)


def one(report_id: int) -> ReportRow | None:
    """Return one report, or None."""
    found = db.session.get(LessonReport, report_id)
    return _rows([found])[0] if found else None


_OPEN = LessonReport.state == ReportState.OPEN


def _of(slug: str) -> ColumnElement[bool]:
    return LessonReport.slug == slug


def _rows(found: Sequence[LessonReport]) -> Sequence[ReportRow]:
    names = lesson_names.of(found, language=i18n.language_tag())
    shops = accounts.organisations({each.organisation_id for each in found})
    return [
        ReportRow(
            id=each.id,
            slug=each.slug,
            name=names[each.id].name,
            lesson_title=names[each.id].title,
            course_title=names[each.id].course_title,
            version=names[each.id].version[: rules.SHORT_HASH],
            outdated=not names[each.id].is_current,
            who=shops[each.organisation_id].name,
            text=each.text,
            state=ReportState(each.state),
            reported_at=each.reported_at,
            closed_at=each.closed_at,
            answer=each.answer or "",
        )
        for each in found
    ]
