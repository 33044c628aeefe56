"""What readers say is wrong or out of date in a lesson: said on its page, settled by its author."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from portal.access import Member
from portal.accounts import queries as accounts
from portal.db import db
from portal.learning import rules, standing
from portal.learning.models import LessonReport
from portal.learning.queries import NoSuchLesson
from portal.learning.rules import ReportState
from portal.paging import Page, Paged


class NoSuchReport(LookupError):
    """There is no such report."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report as its author reads it; `reporter` is "" for who asked to be forgotten."""

    id: int
    slug: str
    lesson_id: str
    course_version_id: int
    text: str
    state: ReportState
    reporter: str
    reported_at: datetime
    closed_at: datetime | None


def report(*, member: Member, slug: str, name: str, text: str, at: datetime) -> LessonReport:
    """Take in what a reader found wrong in a lesson, in the version that they read.

    Raises queries.NoSuchLesson.
    """
    found = standing.of_course(member=member, slug=slug)
    lesson = found.course.lesson(rules.lesson_id(slug=slug, name=name)) if found else None
    if found is None or lesson is None:
        raise NoSuchLesson(name)
    row = LessonReport(
        slug=slug,
        lesson_id=lesson.id,
        course_version_id=found.version_id,
        organisation_id=member.organisation_id,
        person_id=member.person_id,
        text=text.strip(),
        state=ReportState.OPEN.value,
        reported_at=at,
    )
    db.session.add(row)
    db.session.flush()
    return row


def close(*, report_id: int, state: ReportState, person_id: int, at: datetime) -> None:
    """Settle a report: mended, or declined since the lesson is right. For authors and operators.

    What is settled already stays as it is. Raises NoSuchReport.
    """
    row = db.session.get(LessonReport, report_id)
    if row is None:
        raise NoSuchReport(report_id)
    if row.state == ReportState.OPEN and state is not ReportState.OPEN:
        row.state, row.closed_at, row.closed_by = state.value, at, person_id
        db.session.flush()


def reports(*, page: Page, slug: str | None = None, only_open: bool = True) -> Paged[ReportRow]:
    """Return what readers reported, the newest first. For authors and operators."""
    wanted = select(LessonReport)
    if slug is not None:
        wanted = wanted.where(LessonReport.slug == slug)
    if only_open:
        wanted = wanted.where(LessonReport.state == ReportState.OPEN.value)
    total = db.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    found = db.session.scalars(
        wanted.order_by(LessonReport.reported_at.desc(), LessonReport.id.desc())
        .limit(page.size)
        .offset(page.offset)
    ).all()
    names = accounts.persons({each.person_id for each in found if each.person_id is not None})
    rows = [
        ReportRow(
            id=each.id,
            slug=each.slug,
            lesson_id=each.lesson_id,
            course_version_id=each.course_version_id,
            text=each.text,
            state=ReportState(each.state),
            reporter=names[each.person_id].name if each.person_id else "",
            reported_at=each.reported_at,
            closed_at=each.closed_at,
        )
        for each in found
    ]
    return Paged(rows=rows, page=page, total=total)
