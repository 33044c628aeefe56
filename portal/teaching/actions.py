"""Writes: publish the content folder, answer reports about lessons, ask staff to take a course."""

from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select

from portal import tenancy
from portal.access import Member
from portal.db import Conflict, db, refuse_conflicts
from portal.learning import actions as learning
from portal.learning import lesson_names
from portal.learning import rules as lessons
from portal.learning.actions import Published
from portal.learning.models import LessonReport
from portal.learning.rules import ReportState
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind
from portal.teaching.models import CourseAssignment
from portal.teaching.queries import drafts, staff

OWN_PAGE = "/my-learning"


class Changed(Exception):
    """The content folder is not what the author looked at, or has errors by now."""


def publish(*, folder: Path, seen: str, at: datetime, today: date) -> Published:
    """Publish the content folder, if it is still what was `seen` (drafts.DraftPage.digest).

    Raises Changed, also when somebody else publishes at the same moment.
    """
    reading = drafts.read(folder, today=today)
    if reading is None or reading.errors or reading.digest != seen:
        raise Changed
    try:
        with (
            tenancy.for_everyone(reason="a harmless change takes every dealer's learners along"),
            refuse_conflicts(),  # one version of a course is the current one, and is stored once
        ):
            return learning.publish(library=reading.library, paths=reading.paths, at=at)
    except Conflict:
        raise Changed from None


# Reports about lessons


class NoSuchReport(LookupError):
    """There is no such report."""


class AnsweredBefore(Exception):
    """Somebody else has answered the report meanwhile."""


def answer_report(
    *, report_id: int, state: ReportState, text: str, by: Member, at: datetime
) -> None:
    """Close a report with an answer, and tell who reported; raise NoSuchReport, AnsweredBefore."""
    report = db.session.scalar(
        select(LessonReport).where(LessonReport.id == report_id).with_for_update()
    )
    if report is None:
        raise NoSuchReport(report_id)
    if report.state != ReportState.OPEN:
        raise AnsweredBefore(report_id)
    report.state, report.answer = state.value, text
    report.closed_at, report.closed_by = at, by.person_id
    db.session.flush()
    if report.person_id is None:
        return  # who reported has left and was forgotten
    notices.post(
        organisation_id=report.organisation_id,
        person_id=report.person_id,
        kind=_KINDS[state],
        path=f"/courses/{report.slug}/{lessons.lesson_name(report.lesson_id)}",
        params={"titles": lesson_names.titles(report), "answer": text},
        at=at,
    )


_KINDS = {
    ReportState.MENDED: NoticeKind.LESSON_MENDED,
    ReportState.DECLINED: NoticeKind.LESSON_KEPT,
}


# Courses asked of staff


class NotOfTheTeam(LookupError):
    """The person does not work in the owner's organisation."""


class NotOffered(LookupError):
    """There is no such course, or the person has completed it."""


class AskedBefore(Exception):
    """The person was asked for this course already."""


class NoSuchAssignment(LookupError):
    """The organisation has asked nobody so."""


def assign(*, by: Member, person_id: int, slug: str, due_on: date, at: datetime) -> None:
    """Ask one of the staff to take a course until a day, and tell them.

    Raises NotOfTheTeam, NotOffered, AskedBefore.
    """
    row = staff.one_of_team(
        organisation_id=by.organisation_id, person_id=person_id, today=at.date()
    )
    if row is None:
        raise NotOfTheTeam(person_id)
    titles = next((each.titles for each in staff.open_to(row) if each.slug == slug), None)
    if titles is None:
        raise AskedBefore(slug) if _is_asked(row, slug) else NotOffered(slug)
    assignment = CourseAssignment(
        organisation_id=by.organisation_id,
        person_id=person_id,
        slug=slug,
        due_on=due_on,
        assigned_by=by.person_id,
        assigned_at=at,
    )
    try:
        with refuse_conflicts():
            db.session.add(assignment)
    except Conflict as conflict:
        raise AskedBefore(slug) from conflict
    if person_id != by.person_id:
        notices.post(
            organisation_id=by.organisation_id,
            person_id=person_id,
            kind=NoticeKind.COURSE_ASSIGNED,
            path=OWN_PAGE,
            params={"titles": dict(titles), "due_on": due_on.isoformat()},
            at=at,
        )


def _is_asked(row: staff.MemberRow, slug: str) -> bool:
    return any(each.slug == slug for each in row.assigned)


def withdraw(*, by: Member, assignment_id: int) -> int:
    """Take back what was asked; return of whom. What was learnt stays. Raises NoSuchAssignment."""
    found = db.session.scalar(
        select(CourseAssignment).where(
            CourseAssignment.id == assignment_id,
            CourseAssignment.organisation_id == by.organisation_id,
        )
    )
    if found is None:
        raise NoSuchAssignment(assignment_id)
    db.session.delete(found)
    db.session.flush()
    return found.person_id
