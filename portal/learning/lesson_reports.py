"""What readers say is wrong or out of date in a lesson; the room teaching answers it."""

from datetime import datetime

from portal.access import Member
from portal.db import db
from portal.learning import rules, standing
from portal.learning.models import LessonReport
from portal.learning.queries import NoSuchLesson
from portal.learning.rules import ReportState


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
