"""Reads for learners (always one member's own) and for those who only look at the courses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from courses.course import Lesson, pick
from portal import i18n
from portal.access import Member
from portal.db import db
from portal.learning import (
    journal,
    pages,
    path_pages,
    paths,
    quiz,
    rules,
    sheets,
    standing,
    versions,
)
from portal.learning.models import Enrolment, WatchPosition


class NotEnrolled(LookupError):
    """The member has not enrolled in this course."""


class NoSuchLesson(LookupError):
    """The member's version of the course has no such lesson."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What a dealer should learn next; `percent` is None for a course not begun."""

    slug: str
    course_title: str
    name: str
    title: str
    minutes: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class CompletedLesson:
    """A lesson that somebody of an organisation completed."""

    person_id: int
    slug: str
    lesson_id: str
    title: str
    completed_at: datetime


def enrolment_of(*, member: Member, slug: str) -> Enrolment | None:
    """Return the member's own enrolment in a course, None when there is none."""
    return db.session.scalar(
        select(Enrolment).where(Enrolment.person_id == member.person_id, Enrolment.slug == slug)
    )


def own_enrolment(*, member: Member, slug: str) -> Enrolment:
    """Return the member's own enrolment in a course; raise NotEnrolled."""
    enrolment = enrolment_of(member=member, slug=slug)
    if enrolment is None:
        raise NotEnrolled(slug)
    return enrolment


def own_lesson(*, member: Member, slug: str, name: str) -> tuple[Enrolment, Lesson]:
    """Return a lesson of the version that the member is enrolled in.

    Raises NotEnrolled, NoSuchLesson.
    """
    enrolment = own_enrolment(member=member, slug=slug)
    course = standing.courses_of([enrolment])[enrolment.course_version_id]
    lesson = course.lesson(rules.lesson_id(slug=slug, name=name))
    if lesson is None:
        raise NoSuchLesson(name)
    return enrolment, lesson


def own_lessons(*, member: Member, slug: str) -> Sequence[Lesson]:
    """Return the lessons of the version that the member is enrolled in; raise NotEnrolled."""
    enrolment = own_enrolment(member=member, slug=slug)
    return standing.courses_of([enrolment])[enrolment.course_version_id].lessons


def lesson_title(*, course_version_id: int, lesson_id: str, language: str) -> str:
    """Return what a lesson is called in a published version; empty when it is not in it."""
    rows = versions.by_ids([course_version_id])
    found = versions.course(rows[course_version_id]).lesson(lesson_id) if rows else None
    return pick(found.title, language) if found is not None else ""


def has_completed(enrolment: Enrolment) -> bool:
    """Say whether the enrolment's course is complete, in the version it is pinned to."""
    course = standing.courses_of([enrolment])[enrolment.course_version_id]
    return journal.progress(course, journal.events_of([enrolment.id])[enrolment.id]).completed


def catalogue(*, member: Member, language: str) -> Sequence[pages.CourseCard]:
    """Return the courses for a member: begun ones first (latest first), complete ones last."""
    standings = standing.of_member(member)
    return [pages.card(each, language, standings) for each in standings]


@dataclass(frozen=True, slots=True)
class Offer:
    """What there is to learn: paths, those that the member is on first, and courses."""

    paths: Sequence[path_pages.PathCard]
    courses: Sequence[pages.CourseCard]


def offer(*, member: Member, language: str) -> Offer:
    """Return the learning paths and the courses for a member, courses as in `catalogue`."""
    standings = standing.of_member(member)
    cards = [path_pages.card(each, language) for each in paths.walks(standings)]
    rank = {"under_way": 0, "new": 1, "complete": 2}
    return Offer(
        paths=sorted(cards, key=lambda each: rank[each.state]),
        courses=[pages.card(each, language, standings) for each in standings],
    )


def path_page(*, member: Member, slug: str, language: str) -> path_pages.PathPage | None:
    """Return a learning path for a member; None when there is none, or no course of it is left.

    A path that was taken off is there for who had begun it.
    """
    path = paths.of(slug)
    if path is None:
        return None
    walk = paths.walk(path, standing.of_courses(member=member, slugs=path.courses))
    if not walk.courses or not (path.current or walk.begun):
        return None
    return path_pages.page(walk, language)


def course_page(*, member: Member, slug: str, language: str) -> pages.CoursePage | None:
    """Return a course, in the version that concerns the member; None when there is none."""
    found = standing.of_course(member=member, slug=slug)
    if found is None:
        return None
    # Only who might begin is told what comes before.
    before = found.course.after if found.state == "new" else ()
    others = standing.of_courses(member=member, slugs=before)
    return pages.course(found, language, others)


def lesson_page(
    *,
    member: Member,
    slug: str,
    name: str,
    language: str,
    again: bool = False,
    draft: sheets.Draft | None = None,
) -> pages.LessonPage | None:
    """Return a lesson of the version that concerns the member; None when there is none.

    `again` asks for another attempt at an answered quiz; `draft` is what was sent and refused.
    """
    found = standing.of_course(member=member, slug=slug)
    if found is None:
        return None
    lesson = found.course.lesson(rules.lesson_id(slug=slug, name=name))
    if lesson is None:
        return None
    return pages.lesson(
        found, lesson, language, again=again, draft=draft, watched=_watched(found, lesson)
    )


def _watched(found: standing.Standing, lesson: Lesson) -> int:
    """Return how many seconds of the lesson's film the member has watched."""
    if lesson.video is None or found.enrolment is None:
        return 0
    place = select(WatchPosition.seconds).where(
        WatchPosition.enrolment_id == found.enrolment.id, WatchPosition.lesson_id == lesson.id
    )
    return db.session.scalar(place) or 0


@dataclass(frozen=True, slots=True)
class WrongItem:
    """A question that somebody did not get right at the last try, with what they answered."""

    stem: str  # HTML
    answered: str  # in words, "" when nothing


@dataclass(frozen=True, slots=True)
class Trouble:
    """The quiz in which somebody is stuck: how often they tried, and what was wrong last."""

    course_title: str
    lesson_title: str
    slug: str
    name: str
    attempts: int
    passed: bool
    items: tuple[WrongItem, ...]


def trouble_of(*, person_id: int, lesson_id: str, language: str) -> Trouble | None:
    """Return how a person fares in a lesson's quiz, for the consultant whom they booked.

    None when the person has not enrolled, or the lesson or its quiz is gone.
    """
    slug = lesson_id.partition("/")[0]
    enrolment = db.session.scalar(
        select(Enrolment).where(Enrolment.person_id == person_id, Enrolment.slug == slug)
    )
    if enrolment is None:
        return None
    course = standing.courses_of([enrolment])[enrolment.course_version_id]
    lesson = course.lesson(lesson_id)
    if lesson is None or lesson.quiz is None:
        return None
    events = journal.events_of([enrolment.id])[enrolment.id]
    progress = journal.progress(course, events).lesson(lesson_id)
    attempts = journal.attempts_at(events, lesson_id)
    wrong = quiz.wrong_items(lesson, attempts, language=language)
    return Trouble(
        course_title=pick(course.title, language),
        lesson_title=pick(lesson.title, language),
        slug=slug,
        name=rules.lesson_name(lesson_id),
        attempts=len(attempts),
        passed=progress is not None and progress.passed,
        items=tuple(WrongItem(stem=stem, answered=answered) for stem, answered in wrong),
    )


def next_step(*, member: Member, language: str | None = None) -> NextStep | None:
    """Return what the member should learn next; None when every course is complete.

    That is the course on which the member worked last, else the next of their learning path, else
    the first that is not begun. `language` None means the request's.
    """
    language = language or i18n.language_tag()
    first = paths.at_hand(standing.of_member(member))
    if first is None:
        return None
    link = pages.next_link(first, language)
    if link is None:
        return None
    return NextStep(
        slug=first.slug,
        course_title=pick(first.course.title, language),
        name=link.name,
        title=link.title,
        minutes=link.minutes,
        percent=first.progress.percent if first.enrolment else None,
    )


def completed_lessons(*, member: Member) -> int:
    """Return how many lessons the member has completed."""
    return sum(len(each.progress.completions) for each in standing.of_member(member))


def completions_of_organisation(
    *, organisation_id: int, language: str | None = None
) -> Sequence[CompletedLesson]:
    """Return the lessons that the organisation's people completed, oldest first.

    `language` None means the request's.
    """
    language = language or i18n.language_tag()
    enrolments = db.session.scalars(
        select(Enrolment).where(Enrolment.organisation_id == organisation_id).order_by(Enrolment.id)
    ).all()
    pinned = standing.courses_of(enrolments)
    events = journal.events_of([each.id for each in enrolments])
    found = []
    for enrolment in enrolments:
        course = pinned[enrolment.course_version_id]
        titles = {lesson.id: pick(lesson.title, language) for lesson in course.lessons}
        found += [
            CompletedLesson(
                person_id=enrolment.person_id,
                slug=enrolment.slug,
                lesson_id=each.lesson_id,
                title=titles[each.lesson_id],
                completed_at=each.at,
            )
            for each in journal.progress(course, events[enrolment.id]).completions
        ]
    return sorted(found, key=lambda each: (each.completed_at, each.lesson_id, each.person_id))
