"""A course counted in one pass: where each of its learners stands, and how many came how far.

What was counted is kept per process until the course has other learners or events: the pages of
authors and operators are read more often than a course is learnt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import func, select

from courses.course import FULL_BPS, Course
from portal import tenancy
from portal.db import db
from portal.learning import versions
from portal.learning.models import Enrolment, LearningEvent
from portal.teaching import counting

KEPT = 64  # courses; some 100 bytes a learner


@dataclass(frozen=True, slots=True)
class Learner:
    """Where one learner stands in one course; `completed_at` is None until it is complete."""

    person_id: int
    organisation_id: int
    version_id: int
    enrolled_at: datetime
    last_at: datetime
    lessons_done: int
    completed_at: datetime | None


@dataclass(slots=True)
class Reached:
    """How many learners opened, read and passed a lesson; who answers has opened and read it."""

    opened: int = 0
    read: int = 0
    passed: int = 0

    def add(self, other: "Reached") -> None:
        """Count the other's learners too."""
        self.opened += other.opened
        self.read += other.read
        self.passed += other.passed


@dataclass(frozen=True, slots=True)
class CourseTally:
    """All learners of a course, and how many reached each lesson by (version id, lesson id)."""

    learners: tuple[Learner, ...] = ()
    reached: Mapping[tuple[int, str], Reached] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Touched:
    """A lesson that a learner opened: when it was read, and its quiz passed; None: not yet."""

    lesson_id: str
    last_at: datetime
    read_at: datetime | None
    passed_at: datetime | None


Counts = dict[tuple[int, str], Reached]  # by version id and lesson id
_Stamp = tuple[Any, ...]
_kept: dict[str, tuple[_Stamp, CourseTally]] = {}
_lock = Lock()


def forget() -> None:
    """Drop what is kept, for tests that fill one database after the other."""
    with _lock:
        _kept.clear()


def of_courses(slugs: Iterable[str]) -> Mapping[str, CourseTally]:
    """Return the tallies of courses by slug; only those that changed are counted anew."""
    with tenancy.for_everyone(reason="an author's figures count the learners of every dealer"):
        stamps = _stamps()
        return {slug: _tally(slug, stamps.get(slug)) for slug in slugs}


def of_course(slug: str) -> CourseTally:
    """Return the tally of one course."""
    return of_courses([slug])[slug]


def _stamps() -> Mapping[str, _Stamp]:
    """Return what tells by slug whether a tally still holds; courses without learners have none."""
    learners = db.session.execute(
        select(
            Enrolment.slug,
            func.count(),
            func.max(Enrolment.id),
            func.sum(Enrolment.course_version_id),
        ).group_by(Enrolment.slug)
    )
    events = db.session.execute(
        select(Enrolment.slug, func.count(), func.max(LearningEvent.id), func.max(LearningEvent.at))
        .join(LearningEvent, LearningEvent.enrolment_id == Enrolment.id)
        .group_by(Enrolment.slug)
    )
    of_events = {slug: tuple(rest) for slug, *rest in events}
    return {slug: (*rest, of_events.get(slug)) for slug, *rest in learners}


def _tally(slug: str, stamp: _Stamp | None) -> CourseTally:
    if stamp is None:
        return CourseTally()
    with _lock:
        known = _kept.get(slug)
    if known is not None and known[0] == stamp:
        return known[1]
    counted = _count(slug)
    with _lock:
        if len(_kept) >= KEPT:
            _kept.clear()
        _kept[slug] = (stamp, counted)
    return counted


def _count(slug: str) -> CourseTally:
    enrolments = db.session.execute(
        select(
            Enrolment.id,
            Enrolment.person_id,
            Enrolment.organisation_id,
            Enrolment.course_version_id,
            Enrolment.enrolled_at,
        )
        .where(Enrolment.slug == slug)
        .order_by(Enrolment.id)
    ).all()
    pinned = versions.by_ids({row.course_version_id for row in enrolments})
    courses = versions.courses(list(pinned.values()))
    passed = {
        (row.enrolment_id, row.lesson_id): row.passed_at for row in counting.passed(slug, courses)
    }
    touched: dict[int, list[Touched]] = {row.id: [] for row in enrolments}
    for row in counting.touched(slug):
        passed_at = passed.get((row.enrolment_id, row.lesson_id))
        touched[row.enrolment_id].append(
            Touched(row.lesson_id, row.last_at, row.read_at, passed_at)
        )
    reached: Counts = {}
    learners = []
    for row in enrolments:
        course, own = courses[row.course_version_id], touched[row.id]
        done = _reach(reached, row.course_version_id, course, own)
        learners.append(
            Learner(
                person_id=row.person_id,
                organisation_id=row.organisation_id,
                version_id=row.course_version_id,
                enrolled_at=row.enrolled_at,
                last_at=max((each.last_at for each in own), default=row.enrolled_at),
                lessons_done=len(done),
                completed_at=_completed_at(course, done),
            )
        )
    return CourseTally(tuple(learners), reached)


def _reach(
    reached: dict[tuple[int, str], Reached],
    version_id: int,
    course: Course,
    touched: Iterable[Touched],
) -> dict[str, datetime]:
    """Count one learner's lessons; return when they completed which, as the engine would say."""
    done: dict[str, datetime] = {}
    for row in touched:
        lesson = course.lesson(row.lesson_id)
        if lesson is None:
            continue  # of another version
        counts = reached.setdefault((version_id, lesson.id), Reached())
        counts.opened += 1
        counts.read += row.read_at is not None
        passed_at = row.passed_at if lesson.quiz and lesson.quiz.rule.m else row.read_at
        if row.read_at is not None and passed_at is not None:
            counts.passed += 1
            done[lesson.id] = max(row.read_at, passed_at)
    return done


def _completed_at(course: Course, done: Mapping[str, datetime]) -> datetime | None:
    required = course.required_lessons
    # Rounded up: three of four is not yet 80 %.
    needed = max(1, -(-course.pass_bps * len(required) // FULL_BPS))
    instants = sorted(done[lesson.id] for lesson in required if lesson.id in done)
    return instants[needed - 1] if len(instants) >= needed else None


def reached_in(tally: CourseTally, course: Course, version_ids: Iterable[int]) -> list[Reached]:
    """Return per lesson of `course`, in its order, how many of these versions' learners reached it.

    A lesson that a version lacks counts nobody of that version.
    """
    wanted = list(version_ids)
    sums = []
    for lesson in course.lessons:
        total = Reached()
        for version_id in wanted:
            total.add(tally.reached.get((version_id, lesson.id), Reached()))
        sums.append(total)
    return sums
