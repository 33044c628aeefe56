"""Where each learner of a course stands, and how many came how far.

What was counted is kept per process, learner by learner, and only who has learnt something since is
counted anew: the pages of authors and operators stay quick however much has been learnt.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from courses.course import FULL_BPS, Course
from portal import tenancy
from portal.learning import versions
from portal.teaching import counting

KEPT = 64  # courses; less than a kilobyte a learner
FEW = 500  # learners that are looked up by name; beyond it the whole course is quicker


@dataclass(frozen=True, slots=True)
class Learner:
    """Where one learner stands in one course; `completed_at` is None until it is complete.

    `opened` says of each lesson that was opened whether it was read, and whether it was passed.
    `stamp` changes with everything that the learner does.
    """

    stamp: tuple[Any, ...]
    person_id: int
    organisation_id: int
    version_id: int
    enrolled_at: datetime
    last_at: datetime
    opened: tuple[tuple[str, bool, bool], ...]
    completed_at: datetime | None

    @property
    def lessons_done(self) -> int:
        """How many lessons were passed."""
        return sum(passed for _lesson, _read, passed in self.opened)


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
class _Touched:
    """A lesson that a learner opened: when it was read, and its quiz passed; None: not yet."""

    lesson_id: str
    last_at: datetime
    read_at: datetime | None
    passed_at: datetime | None


_kept: dict[str, Mapping[int, Learner]] = {}  # by course, then by enrolment
_lock = Lock()


def forget() -> None:
    """Drop what is kept, for tests that fill one database after the other."""
    with _lock:
        _kept.clear()


def of_courses(slugs: Iterable[str]) -> Mapping[str, CourseTally]:
    """Return the tallies of courses by slug; only learners who did something are counted anew."""
    with tenancy.for_everyone(reason="an author's figures count the learners of every dealer"):
        rows: dict[str, list[Any]] = {slug: [] for slug in slugs}
        for row in counting.stamps(rows.keys()):
            rows[row.slug].append(row)
        return {slug: _tally(slug, found) for slug, found in rows.items()}


def of_course(slug: str) -> CourseTally:
    """Return the tally of one course."""
    return of_courses([slug])[slug]


def _tally(slug: str, rows: Sequence[Any]) -> CourseTally:
    with _lock:
        known = _kept.get(slug, {})
    fresh = [row for row in rows if not _holds(known.get(row.id), row)]
    counted = _count(slug, fresh, whole=len(fresh) > FEW) if fresh else {}
    learners = {row.id: counted.get(row.id) or known[row.id] for row in rows}
    with _lock:
        if slug not in _kept and len(_kept) >= KEPT:
            _kept.clear()
        _kept[slug] = learners
    return CourseTally(tuple(learners.values()), _reached(learners.values()))


def _holds(learner: Learner | None, row: Any) -> bool:
    return learner is not None and learner.stamp == tuple(row)


def _count(slug: str, rows: Sequence[Any], *, whole: bool) -> Mapping[int, Learner]:
    """Return where these learners stand, as the course engine would say of each."""
    pinned = versions.by_ids({row.course_version_id for row in rows})
    courses = versions.courses(list(pinned.values()))
    only = None if whole else [row.id for row in rows]
    passed = {
        (row.enrolment_id, row.lesson_id): row.passed_at
        for row in counting.passed(slug, courses, only)
    }
    touched: dict[int, list[_Touched]] = {}
    for row in counting.touched(slug, only):
        key = (row.enrolment_id, row.lesson_id)
        found = _Touched(row.lesson_id, row.last_at, row.read_at, passed.get(key))
        touched.setdefault(row.enrolment_id, []).append(found)
    return {
        row.id: _learner(row, courses[row.course_version_id], touched.get(row.id, ()))
        for row in rows
    }


def _learner(row: Any, course: Course, touched: Collection[_Touched]) -> Learner:
    opened = []
    done: dict[str, datetime] = {}
    for each in touched:
        lesson = course.lesson(each.lesson_id)
        if lesson is None:
            continue  # of another version
        passed_at = each.passed_at if lesson.quiz and lesson.quiz.rule.m else each.read_at
        if each.read_at is not None and passed_at is not None:
            done[lesson.id] = max(each.read_at, passed_at)
        opened.append((lesson.id, each.read_at is not None, lesson.id in done))
    return Learner(
        stamp=tuple(row),
        person_id=row.person_id,
        organisation_id=row.organisation_id,
        version_id=row.course_version_id,
        enrolled_at=row.enrolled_at,
        last_at=max((each.last_at for each in touched), default=row.enrolled_at),
        opened=tuple(opened),
        completed_at=_completed_at(course, done),
    )


def _completed_at(course: Course, done: Mapping[str, datetime]) -> datetime | None:
    required = course.required_lessons
    # Rounded up: three of four is not yet 80 %.
    needed = max(1, -(-course.pass_bps * len(required) // FULL_BPS))
    instants = sorted(done[lesson.id] for lesson in required if lesson.id in done)
    return instants[needed - 1] if len(instants) >= needed else None


def _reached(learners: Iterable[Learner]) -> Mapping[tuple[int, str], Reached]:
    found: dict[tuple[int, str], Reached] = {}
    for learner in learners:
        for lesson_id, read, passed in learner.opened:
            counts = found.setdefault((learner.version_id, lesson_id), Reached())
            counts.opened += 1
            counts.read += read
            counts.passed += passed
    return found


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
