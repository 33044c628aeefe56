"""Where a member stands: each course in the version that concerns them, and their progress."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from courses.course import Course
from courses.progress import Progress
from portal.access import Member, Role
from portal.db import db
from portal.learning import journal, versions
from portal.learning.models import Enrolment


@dataclass(frozen=True, slots=True)
class Standing:
    """One course for one member; `enrolment` is None for who has not enrolled or only looks."""

    slug: str
    course: Course
    enrolment: Enrolment | None
    events: Sequence[journal.EventRow]
    progress: Progress
    read_only: bool
    newer: Course | None = None  # the current version, where it is not the one pinned

    @property
    def state(self) -> str:
        """Say "new", "under_way" or "complete"."""
        if self.progress.completed:
            return "complete"
        return "new" if self.enrolment is None else "under_way"

    @property
    def last_at(self) -> datetime | None:
        """When the member last did something here, None when not enrolled."""
        if self.enrolment is None:
            return None
        return self.events[-1].at if self.events else self.enrolment.enrolled_at


def of_member(member: Member) -> Sequence[Standing]:
    """Return every course for the member: worked on last first, then new ones, complete ones last.

    These are all published courses, and those withdrawn ones that the member has begun.
    """
    enrolments = {each.slug: each for each in _enrolments(member)}
    current = {slug: row for slug, row in versions.current().items() if slug not in enrolments}
    pinned = courses_of(enrolments.values())
    fresh = versions.courses(list(current.values()))
    events = journal.events_of([each.id for each in enrolments.values()])
    standings = [
        _standing(member, pinned[each.course_version_id], each, events[each.id])
        for each in enrolments.values()
    ]
    standings += [_standing(member, course, None, []) for course in fresh.values()]
    return sorted(standings, key=_rank)


def of_course(*, member: Member, slug: str) -> Standing | None:
    """Return one course for the member, None when it is neither published nor begun."""
    enrolment = next(iter(_enrolments(member, slug=slug)), None)
    row = versions.current_of(slug)
    if enrolment is not None:
        course = courses_of([enrolment])[enrolment.course_version_id]
        events = journal.events_of([enrolment.id])[enrolment.id]
        newer = _newer(enrolment, row)
        return replace(_standing(member, course, enrolment, events), newer=newer)
    return None if row is None else _standing(member, versions.course(row), None, [])


def courses_of(enrolments: Collection[Enrolment]) -> Mapping[int, Course]:
    """Return the courses that enrolments are pinned to, by version id."""
    rows = versions.by_ids({each.course_version_id for each in enrolments})
    return versions.courses(list(rows.values()))


def _newer(enrolment: Enrolment, row: versions.VersionRow | None) -> Course | None:
    if row is None or row.id == enrolment.course_version_id:
        return None
    return versions.course(row)


def _enrolments(member: Member, *, slug: str | None = None) -> Sequence[Enrolment]:
    if member.role is not Role.DEALER:
        return []  # who also works for the alliance sees the courses as they are now
    own = select(Enrolment).where(Enrolment.person_id == member.person_id).order_by(Enrolment.id)
    return db.session.scalars(own if slug is None else own.where(Enrolment.slug == slug)).all()


def _standing(
    member: Member,
    course: Course,
    enrolment: Enrolment | None,
    events: Sequence[journal.EventRow],
) -> Standing:
    return Standing(
        slug=course.id,
        course=course,
        enrolment=enrolment,
        events=events,
        progress=journal.progress(course, events),
        read_only=member.role is not Role.DEALER,
    )


def _rank(standing: Standing) -> tuple[int, float, int, str]:
    last_at = standing.last_at
    place = {"under_way": 0, "new": 1, "complete": 2}[standing.state]
    recent = -last_at.timestamp() if last_at is not None and place == 0 else 0.0
    return place, recent, standing.course.order, standing.slug
