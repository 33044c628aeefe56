"""What readers reported as wrong or out of date in lessons, for who writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from courses.course import pick
from portal import i18n
from portal.accounts import queries as accounts
from portal.db import db
from portal.learning import rules as learning
from portal.learning import versions
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


def lesson_titles(report: LessonReport) -> dict[str, str]:
    """Return what the lesson is called in every language, in the version of the report."""
    course = versions.course(versions.by_ids([report.course_version_id])[report.course_version_id])
    lesson = course.lesson(report.lesson_id)
    name = learning.lesson_name(report.lesson_id)
    return dict(lesson.title) if lesson else {"zh-CN": name}


_OPEN = LessonReport.state == ReportState.OPEN


def _of(slug: str) -> ColumnElement[bool]:
    return LessonReport.slug == slug


def _rows(found: Sequence[LessonReport]) -> Sequence[ReportRow]:
    pinned = versions.by_ids({each.course_version_id for each in found})
    courses = versions.courses(list(pinned.values()))
    current = {row.id for row in versions.current().values()} if found else set()
    shops = accounts.organisations({each.organisation_id for each in found})
    language = i18n.language_tag()
    rows = []
    for each in found:
        course = courses[each.course_version_id]
        lesson = course.lesson(each.lesson_id)
        name = learning.lesson_name(each.lesson_id)
        rows.append(
            ReportRow(
                id=each.id,
                slug=each.slug,
                name=name,
                lesson_title=pick(lesson.title, language) if lesson else name,
                course_title=pick(course.title, language),
                version=course.version[: rules.SHORT_HASH],
                outdated=each.course_version_id not in current,
                who=shops[each.organisation_id].name,
                text=each.text,
                state=ReportState(each.state),
                reported_at=each.reported_at,
                closed_at=each.closed_at,
                answer=each.answer or "",
            )
        )
    return rows
