"""A course is completed: what follows from it is done by higher rooms, after the commit.

A job in the same transaction tells them; this room knows no one who acts on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from courses.course import Course
from portal.access import Member
from portal.db import db
from portal.learning import journal, standing
from portal.learning.models import Enrolment
from portal.outbox import actions as outbox

COMPLETED = "learning.completed"  # a kind of job; its argument is the enrolment's id
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Completion:
    """Somebody completed a course, in the version that they are pinned to."""

    person_id: int
    organisation_id: int
    course_version_id: int
    course: Course
    completed_at: datetime


def announce(enrolment: Enrolment, *, at: datetime) -> None:
    """Post the job if the enrolment's course is complete and earns a certificate.

    Called after whatever may complete a course; a job too many finds its work done.
    """
    completion = of(enrolment)
    if completion is not None and completion.course.certificate:
        key = f"{COMPLETED}:{enrolment.id}:{enrolment.course_version_id}"
        outbox.post(kind=COMPLETED, args={"enrolment_id": enrolment.id}, at=at, key=key)


def of(enrolment: Enrolment) -> Completion | None:
    """Return the completion of an enrolment's course, None while it is not complete."""
    course = standing.courses_of([enrolment])[enrolment.course_version_id]
    events = journal.events_of([enrolment.id])[enrolment.id]
    completed_at = journal.progress(course, events).completed_at
    if completed_at is None:
        return None
    return Completion(
        person_id=enrolment.person_id,
        organisation_id=enrolment.organisation_id,
        course_version_id=enrolment.course_version_id,
        course=course,
        completed_at=completed_at,
    )


def of_enrolment(enrolment_id: int) -> Completion | None:
    """Return the completion of an enrolment, None when it is gone or not complete."""
    enrolment = db.session.get(Enrolment, enrolment_id)
    return None if enrolment is None else of(enrolment)


def of_member(*, member: Member) -> list[Completion]:
    """Return what the member has completed, in the order of enrolment."""
    own = select(Enrolment).where(Enrolment.person_id == member.person_id).order_by(Enrolment.id)
    return [found for each in db.session.scalars(own) if (found := of(each)) is not None]


def everywhere() -> Iterator[Completion]:
    """Yield every completion there is, by enrolment; for commands, which see every tenant."""
    last = 0
    while True:
        some = db.session.scalars(
            select(Enrolment).where(Enrolment.id > last).order_by(Enrolment.id).limit(_CHUNK)
        ).all()
        if not some:
            return
        last = some[-1].id
        yield from (found for each in some if (found := of(each)) is not None)
