"""An author's view of the courses: versions, who is on which, and where learners drop off."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from courses.course import Course, pick
from courses.version import diff
from portal import i18n
from portal.learning import rules as learning
from portal.learning import versions
from portal.learning.versions import VersionRow
from portal.teaching import rules, tally, texts
from portal.teaching.rules import Share
from portal.teaching.tally import CourseTally, Learner, Reached

VERSIONS_SHOWN = 10  # the latest; older ones only while somebody is on them


@dataclass(frozen=True, slots=True)
class CourseRow:
    """A course in the list; `median_days` is None while nobody has completed it."""

    slug: str
    title: str
    published: bool  # False: withdrawn, and only who has begun goes on
    version: str
    published_at: datetime
    version_count: int
    learners: int
    completed: Share
    median_days: float | None
    review_by: date | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A published version; `changes` is empty for the first one."""

    id: int
    short: str
    published_at: datetime
    current: bool
    learners: int
    completed: int
    changes: tuple[str, ...]
    effect: str


@dataclass(frozen=True, slots=True)
class LessonFunnel:
    """How many learners opened, read and passed a lesson, each as a share of the course's."""

    number: int
    name: str
    title: str
    minutes: int
    questions: int
    opened: Share
    read: Share
    passed: Share
    lost: int  # who passed the lesson before and did not pass this one
    steepest: bool  # nowhere in the course are more lost


@dataclass(frozen=True, slots=True)
class CoursePage:
    """One course for its author; `chosen` is the version whose learners are counted, None: all."""

    row: CourseRow
    versions: Sequence[VersionLine]
    older: int
    chosen: VersionLine | None
    lessons: Sequence[LessonFunnel]
    learners: int
    completed: Share
    median_days: float | None


def course_list(*, today: date) -> Sequence[CourseRow]:
    """Return every course that was ever published, published ones first, in their order."""
    by_slug = _by_slug(versions.published())
    current = versions.current()
    latest = {slug: current.get(slug) or rows[-1] for slug, rows in by_slug.items()}
    courses = versions.courses(list(latest.values()))
    tallies = tally.of_courses(by_slug)
    found = [
        (
            slug not in current,
            courses[row.id].order,
            slug,
            _row(
                courses[row.id],
                row,
                count=len(by_slug[slug]),
                published=slug in current,
                learners=tallies[slug].learners,
                today=today,
            ),
        )
        for slug, row in latest.items()
    ]
    return [row for *_place, row in sorted(found, key=lambda each: each[:3])]


def overdue(*, today: date) -> Sequence[tuple[str, str, date]]:
    """Return slug, title and day of the published courses past their review, in their order.

    Without counting learners: this stands on a start page.
    """
    courses = versions.courses(list(versions.current().values())).values()
    language = i18n.language_tag()
    return [
        (course.id, pick(course.title, language), course.review_by)
        for course in sorted(courses, key=lambda each: (each.order, each.id))
        if course.review_by is not None
        and rules.is_overdue(review_by=course.review_by, today=today)
    ]


def course_page(*, slug: str, version: str | None, today: date) -> CoursePage | None:
    """Return one course for its author; None when there is none, or no such version.

    `version` is the beginning of a version's hash: only learners on it count. None: all.
    """
    rows = versions.published(slug)
    if not rows:
        return None
    current = versions.current_of(slug)
    counted = tally.of_course(slug)
    lines, older = _lines(rows, current, counted)
    chosen = next((each for each in lines if each.short == version), None) if version else None
    if version and chosen is None:
        return None
    latest = current or rows[-1]
    by_id = {row.id: row for row in rows}
    shown = by_id[chosen.id] if chosen else latest
    courses = versions.courses([latest, shown])
    ids = [chosen.id] if chosen else list(by_id)
    learners = [each for each in counted.learners if each.version_id in ids]
    return CoursePage(
        row=_row(
            courses[latest.id],
            latest,
            count=len(rows),
            published=current is not None,
            learners=counted.learners,
            today=today,
        ),
        versions=lines,
        older=older,
        chosen=chosen,
        lessons=_funnels(
            courses[shown.id], tally.reached_in(counted, courses[shown.id], ids), len(learners)
        ),
        learners=len(learners),
        completed=_completed(learners),
        median_days=_median_days(learners),
    )


def _by_slug(rows: Sequence[VersionRow]) -> Mapping[str, list[VersionRow]]:
    found: dict[str, list[VersionRow]] = {}
    for row in rows:
        found.setdefault(row.slug, []).append(row)
    return found


def _row(
    course: Course,
    row: VersionRow,
    *,
    count: int,
    published: bool,
    learners: Sequence[Learner],
    today: date,
) -> CourseRow:
    return CourseRow(
        slug=course.id,
        title=pick(course.title, i18n.language_tag()),
        published=published,
        version=row.version[: rules.SHORT_HASH],
        published_at=row.published_at,
        version_count=count,
        learners=len(learners),
        completed=_completed(learners),
        median_days=_median_days(learners),
        review_by=course.review_by,
        overdue=published and rules.is_overdue(review_by=course.review_by, today=today),
    )


def _completed(learners: Sequence[Learner]) -> Share:
    return Share(sum(each.completed_at is not None for each in learners), len(learners))


def _median_days(learners: Sequence[Learner]) -> float | None:
    return rules.median_days(
        [each.completed_at - each.enrolled_at for each in learners if each.completed_at is not None]
    )


def _lines(
    rows: Sequence[VersionRow], current: VersionRow | None, counted: CourseTally
) -> tuple[Sequence[VersionLine], int]:
    """Return the versions to show, latest first, and how many older ones are left out."""
    on = Counter(each.version_id for each in counted.learners)
    done = Counter(each.version_id for each in counted.learners if each.completed_at is not None)
    shown = [row for row in rows if row in rows[-VERSIONS_SHOWN:] or on[row.id]]
    before = {later.id: earlier for earlier, later in pairwise(rows)}
    courses = versions.courses([*shown, *(before[row.id] for row in shown if row.id in before)])
    language = i18n.language_tag()
    lines = []
    for row in reversed(shown):
        told, effect = _change(row, before.get(row.id), courses, language)
        lines.append(
            VersionLine(
                id=row.id,
                short=row.version[: rules.SHORT_HASH],
                published_at=row.published_at,
                current=current is not None and current.id == row.id,
                learners=on[row.id],
                completed=done[row.id],
                changes=told,
                effect=effect,
            )
        )
    return lines, len(rows) - len(shown)


def _change(
    row: VersionRow, before: VersionRow | None, courses: Mapping[int, Course], language: str
) -> tuple[tuple[str, ...], str]:
    if before is None:
        return (), ""
    old, new = courses[before.id], courses[row.id]
    change = diff(old, new)
    return texts.changes(change, old=old, new=new, language=language), texts.effect(change)


def _funnels(course: Course, reached: Sequence[Reached], learners: int) -> Sequence[LessonFunnel]:
    before = [learners, *(each.passed for each in reached)]
    lost = [max(0, earlier - now.passed) for earlier, now in zip(before, reached, strict=False)]
    language = i18n.language_tag()
    return [
        LessonFunnel(
            number=number,
            name=learning.lesson_name(lesson.id),
            title=pick(lesson.title, language),
            minutes=lesson.minutes,
            questions=len(lesson.quiz.scored) if lesson.quiz else 0,
            opened=Share(counts.opened, learners),
            read=Share(counts.read, learners),
            passed=Share(counts.passed, learners),
            lost=gone,
            steepest=gone > 0 and gone == max(lost),
        )
        for number, (lesson, counts, gone) in enumerate(
            zip(course.lessons, reached, lost, strict=True), start=1
        )
    ]
