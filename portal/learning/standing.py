"""Where a member stands: each course in the version that concerns them, and their progress."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from courses.course import Course
from courses.progress import Progress
from portal.access import Member, Role
from portal.db import db
from portal.learning import journal, versions
from portal.learning.models import CourseVersion, Enrolment
from portal.learning.versions import VersionRow


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """A person takes a course in one version."""

    id: int
    course_version_id: int
    enrolled_at: datetime
    moved_from_id: int | None
    declined_id: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """One course for one member; `enrolment` is None for who has not enrolled or only looks."""

    slug: str
    course: Course
    version_id: int
    enrolment: EnrolmentRow | None
    events: Sequence[journal.EventRow]
    progress: Progress
    read_only: bool
    newer: Course | None = None  # the current version, where it is not the one pinned
    moved_from: Course | None = None  # the version before, until the member has seen the change

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


# Every course that concerns somebody: those published now, and those begun, in their version.
_CONCERNS = (
    select(
        CourseVersion.id,
        CourseVersion.slug,
        CourseVersion.version,
        CourseVersion.published_at,
        CourseVersion.current,
        Enrolment.id.label("enrolment_id"),
        Enrolment.enrolled_at,
        Enrolment.moved_from_id,
        Enrolment.declined_id,
    )
    .outerjoin(
        Enrolment,
        and_(
            Enrolment.course_version_id == CourseVersion.id,
            Enrolment.person_id == bindparam("person_id"),
        ),
    )
    .where(or_(CourseVersion.current, Enrolment.id.is_not(None)))
    .order_by(CourseVersion.slug, CourseVersion.id)
)
_CONCERNS_IN = _CONCERNS.where(CourseVersion.slug.in_(bindparam("slugs", expanding=True)))
_NOBODY = 0


@dataclass(frozen=True, slots=True)
class _Place:
    """A course: the version that concerns the member, the current one, and what was begun."""

    shown: VersionRow
    current: VersionRow | None = None
    enrolment: EnrolmentRow | None = None


def of_member(member: Member) -> Sequence[Standing]:
    """Return every course for the member: worked on last first, then new ones, complete ones last.

    These are all published courses, and those withdrawn ones that the member has begun.
    """
    return sorted(_standings(member, list(_places(member).values())), key=_rank)


def of_course(*, member: Member, slug: str) -> Standing | None:
    """Return one course for the member, None when it is neither published nor begun."""
    place = _places(member, slugs=[slug]).get(slug)
    if place is None:
        return None
    found = next(_standings(member, [place]))
    moved_from_id = place.enrolment.moved_from_id if place.enrolment else None
    if moved_from_id is None:
        return found
    earlier = versions.by_ids([moved_from_id])
    return replace(found, moved_from=versions.course(earlier[moved_from_id]))


def of_courses(*, member: Member, slugs: Sequence[str]) -> Sequence[Standing]:
    """Return these courses for the member; those neither published nor begun are left out."""
    if not slugs:
        return []
    return list(_standings(member, list(_places(member, slugs=slugs).values())))


def _places(member: Member, *, slugs: Sequence[str] | None = None) -> Mapping[str, _Place]:
    # Who also works for the alliance sees the courses as they are now.
    person_id = member.person_id if member.role is Role.DEALER else _NOBODY
    asked: dict[str, Any] = {"person_id": person_id}
    if slugs is not None:
        asked["slugs"] = list(slugs)
    found: dict[str, _Place] = {}
    for row in db.session.execute(_CONCERNS if slugs is None else _CONCERNS_IN, asked):
        version = VersionRow(row.id, row.slug, row.version, row.published_at)
        place = found.get(row.slug, _Place(shown=version))
        if row.current:
            place = replace(place, current=version)
        if row.enrolment_id is not None:
            enrolment = EnrolmentRow(
                row.enrolment_id, row.id, row.enrolled_at, row.moved_from_id, row.declined_id
            )
            place = replace(place, shown=version, enrolment=enrolment)
        found[row.slug] = place
    return found


def _standings(member: Member, places: Sequence[_Place]) -> Iterator[Standing]:
    rows = {row.id: row for each in places for row in (each.current, each.shown) if row}
    courses = versions.courses(list(rows.values()))
    events = journal.events_of([each.enrolment.id for each in places if each.enrolment])
    for each in places:
        yield _standing(member, each, courses, events[each.enrolment.id] if each.enrolment else ())


def courses_of(enrolments: Collection[Enrolment]) -> Mapping[int, Course]:
    """Return the courses that enrolments are pinned to, by version id."""
    rows = versions.by_ids({each.course_version_id for each in enrolments})
    return versions.courses(list(rows.values()))


def _standing(
    member: Member,
    place: _Place,
    courses: Mapping[int, Course],
    events: Sequence[journal.EventRow],
) -> Standing:
    course = courses[place.shown.id]
    newer = place.current
    declined_id = place.enrolment.declined_id if place.enrolment else None
    if newer is not None and newer.id in {place.shown.id, declined_id}:
        newer = None
    return Standing(
        slug=course.id,
        course=course,
        version_id=place.shown.id,
        enrolment=place.enrolment,
        events=events,
        progress=journal.progress(course, events),
        read_only=member.role is not Role.DEALER,
        newer=None if newer is None else courses[newer.id],
    )


def _rank(standing: Standing) -> tuple[int, float, int, str]:
    last_at = standing.last_at
    place = {"under_way": 0, "new": 1, "complete": 2}[standing.state]
    recent = -last_at.timestamp() if last_at is not None and place == 0 else 0.0
    return place, recent, standing.course.order, standing.slug
