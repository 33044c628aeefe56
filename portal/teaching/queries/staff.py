"""What an owner sees of the staff's learning, and what everybody sees of their own.

Progress and when somebody was there last; never an answer.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from courses.course import Course, Texts, pick
from portal import i18n
from portal.access import Member
from portal.accounts import queries as accounts
from portal.certificates import queries as certificates_of
from portal.certificates.rules import Standing
from portal.db import db
from portal.learning import journal, paths, standing, versions
from portal.learning.models import Enrolment
from portal.learning.paths import PathRow
from portal.teaching.models import CourseAssignment


@dataclass(frozen=True, slots=True)
class CourseProgress:
    """How far somebody is in one course."""

    slug: str
    title: str
    percent: int
    done: int
    lessons: int
    last_at: datetime
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Assigned:
    """A course that somebody was asked to take; `progress` is None while it is not begun."""

    id: int
    person_id: int
    slug: str
    title: str
    due_on: date
    by: str  # who asked, "" when that person is gone
    progress: CourseProgress | None
    overdue: bool

    @property
    def completed(self) -> bool:
        """Whether the course is complete, whenever that was."""
        return self.progress is not None and self.progress.completed_at is not None


@dataclass(frozen=True, slots=True)
class PathProgress:
    """A learning path that somebody has begun: `done` of its `count` courses are complete."""

    slug: str
    title: str
    done: int
    count: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One of the staff; `last_at` is None for who has not begun anything."""

    person_id: int
    name: str
    courses: Sequence[CourseProgress]
    paths: Sequence[PathProgress]
    assigned: Sequence[Assigned]
    lessons_done: int
    courses_done: int
    certificates: int  # valid ones
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class CourseChoice:
    """A course that can be asked of somebody; `titles` in every language it has."""

    slug: str
    title: str
    titles: Texts
    minutes: int


@dataclass(frozen=True, slots=True)
class _Ways:
    """The published paths, and the slugs of the courses that can be begun now."""

    paths: Sequence[PathRow] = ()
    offered: frozenset[str] = frozenset()


def team(*, organisation_id: int, today: date) -> Sequence[MemberRow]:
    """Return everybody of an organisation by name, with how far they are in every course."""
    people = accounts.persons_of(organisation_id)
    found = _progress(organisation_id=organisation_id)
    assigned = _assigned(organisation_id=organisation_id, progress=found, today=today)
    certified = _certified(organisation_id)
    ways = _ways() if found else _Ways()
    return [
        _member(
            person_id=each.id,
            name=each.name,
            courses=found.get(each.id, []),
            ways=ways,
            assigned=[one for one in assigned if one.person_id == each.id],
            certificates=certified[each.id],
        )
        for each in people
    ]


def one_of_team(*, organisation_id: int, person_id: int, today: date) -> MemberRow | None:
    """Return one person of an organisation, None for anybody else."""
    rows = team(organisation_id=organisation_id, today=today)
    return next((row for row in rows if row.person_id == person_id), None)


def own(*, member: Member, today: date) -> MemberRow:
    """Return how far a member is, and what the owner asked of them."""
    found = _progress(organisation_id=member.organisation_id, person_id=member.person_id)
    return _member(
        person_id=member.person_id,
        name=member.person_name,
        courses=found.get(member.person_id, []),
        ways=_ways() if found else _Ways(),
        assigned=_assigned(
            organisation_id=member.organisation_id,
            progress=found,
            today=today,
            person_id=member.person_id,
        ),
        certificates=_certified(member.organisation_id)[member.person_id],
    )


def still_to_do(*, member: Member, today: date) -> Sequence[Assigned]:
    """Return what the owner asked of a member and is not complete yet, soonest due first."""
    asked = select(CourseAssignment.id).where(
        CourseAssignment.organisation_id == member.organisation_id,
        CourseAssignment.person_id == member.person_id,
    )
    if db.session.scalar(asked.limit(1)) is None:
        return []  # most often so, and then one question is enough
    return [each for each in own(member=member, today=today).assigned if not each.completed]


def open_to(row: MemberRow) -> Sequence[CourseChoice]:
    """Return the courses that can be asked of somebody: neither complete nor asked already."""
    taken = {each.slug for each in row.assigned}
    taken |= {each.slug for each in row.courses if each.completed_at is not None}
    courses = versions.courses(list(versions.current().values()))
    language = i18n.language_tag()
    return [
        CourseChoice(course.id, pick(course.title, language), course.title, course.minutes)
        for course in sorted(courses.values(), key=lambda each: (each.order, each.id))
        if course.id not in taken
    ]


def _member(
    *,
    person_id: int,
    name: str,
    courses: Sequence[CourseProgress],
    ways: _Ways,
    assigned: Sequence[Assigned],
    certificates: int,
) -> MemberRow:
    return MemberRow(
        person_id=person_id,
        name=name,
        courses=courses,
        paths=list(_on_paths(courses, ways)),
        assigned=assigned,
        lessons_done=sum(each.done for each in courses),
        courses_done=sum(each.completed_at is not None for each in courses),
        certificates=certificates,
        last_at=max((each.last_at for each in courses), default=None),
    )


def _ways() -> _Ways:
    return _Ways(paths.published(), frozenset(versions.current()))


def _on_paths(courses: Sequence[CourseProgress], ways: _Ways) -> Iterator[PathProgress]:
    """Yield the paths of which somebody with these courses has begun one, as they see them."""
    begun = {each.slug: each.completed_at is not None for each in courses}
    for way in ways.paths:
        if any(slug in begun for slug in way.courses):
            yield PathProgress(
                slug=way.slug,
                title=pick(way.title, i18n.language_tag()),
                done=sum(begun.get(slug, False) for slug in way.courses),
                count=sum(slug in begun or slug in ways.offered for slug in way.courses),
            )


def _certified(organisation_id: int) -> Counter[int]:
    """Return how many valid certificates each person of an organisation has."""
    rows = certificates_of.of_organisation(organisation_id)
    return Counter(row.person_id for row in rows if row.standing is Standing.VALID)


def _progress(
    *, organisation_id: int, person_id: int | None = None
) -> Mapping[int, list[CourseProgress]]:
    """Return by person how far they are, the course they worked on last first."""
    wanted = select(Enrolment).where(Enrolment.organisation_id == organisation_id)
    if person_id is not None:
        wanted = wanted.where(Enrolment.person_id == person_id)
    enrolments = db.session.scalars(wanted.order_by(Enrolment.id)).all()
    courses = standing.courses_of(enrolments)
    events = journal.events_of([each.id for each in enrolments])
    found: dict[int, list[CourseProgress]] = {}
    for each in enrolments:
        row = _course(each, courses[each.course_version_id], events[each.id])
        found.setdefault(each.person_id, []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (row.last_at, row.slug), reverse=True)
    return found


def _course(
    enrolment: Enrolment, course: Course, events: Sequence[journal.EventRow]
) -> CourseProgress:
    progress = journal.progress(course, events)
    return CourseProgress(
        slug=enrolment.slug,
        title=pick(course.title, i18n.language_tag()),
        percent=progress.percent,
        done=len(progress.completions),
        lessons=len(course.lessons),
        last_at=max((event.at for event in events), default=enrolment.enrolled_at),
        completed_at=progress.completed_at,
    )


def _assigned(
    *,
    organisation_id: int,
    progress: Mapping[int, Sequence[CourseProgress]],
    today: date,
    person_id: int | None = None,
) -> list[Assigned]:
    wanted = select(CourseAssignment).where(CourseAssignment.organisation_id == organisation_id)
    if person_id is not None:
        wanted = wanted.where(CourseAssignment.person_id == person_id)
    rows = db.session.scalars(wanted.order_by(CourseAssignment.due_on, CourseAssignment.id)).all()
    if not rows:
        return []
    titles = _titles({row.slug for row in rows})
    askers = accounts.persons({row.assigned_by for row in rows if row.assigned_by is not None})
    found = []
    for row in rows:
        own = next((one for one in progress.get(row.person_id, ()) if one.slug == row.slug), None)
        is_open = own is None or own.completed_at is None
        asker = askers.get(row.assigned_by) if row.assigned_by is not None else None
        found.append(
            Assigned(
                id=row.id,
                person_id=row.person_id,
                slug=row.slug,
                title=own.title if own else titles.get(row.slug, row.slug),
                due_on=row.due_on,
                by=asker.name if asker else "",
                progress=own,
                overdue=is_open and row.due_on < today,
            )
        )
    return found


def _titles(slugs: set[str]) -> Mapping[str, str]:
    rows = [row for slug, row in versions.current().items() if slug in slugs]
    language = i18n.language_tag()
    return {course.id: pick(course.title, language) for course in versions.courses(rows).values()}
