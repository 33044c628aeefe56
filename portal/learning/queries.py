"""Reads for learners (always one member's own) and for those who only look at the courses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import select

from courses.course import SOURCE_LANGUAGE, Lesson, pick
from portal.access import Member
from portal.db import db
from portal.learning import journal, quiz, rules, sheets, standing
from portal.learning.models import Enrolment
from portal.learning.standing import Standing


class NotEnrolled(LookupError):
    """The member has not enrolled in this course."""


class NoSuchLesson(LookupError):
    """The member's version of the course has no such lesson."""


@dataclass(frozen=True, slots=True)
class LessonLink:
    """A lesson to go to."""

    name: str
    title: str
    minutes: int


@dataclass(frozen=True, slots=True)
class CourseCard:
    """A course as its reader sees it; `next` is None when there is nothing (more) to do.

    `state` is "new", "under_way" or "complete"; `percent` 0 to 100; `done` counts lessons.
    """

    slug: str
    title: str
    summary: str
    minutes: int
    lesson_count: int
    only_in_chinese: bool  # and the reader reads English
    read_only: bool
    enrolled: bool
    state: str
    percent: int
    done: int
    next: LessonLink | None


@dataclass(frozen=True, slots=True)
class LessonRow:
    """A lesson in the list of its course."""

    number: int
    name: str
    title: str
    minutes: int
    question_count: int
    required: bool
    complete: bool
    is_next: bool


@dataclass(frozen=True, slots=True)
class CoursePage:
    """A course with its lessons, and what one does in the shop after them."""

    course: CourseCard
    lessons: tuple[LessonRow, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionBox:
    """What a lesson asks to do in the shop."""

    text: str
    within_days: int


@dataclass(frozen=True, slots=True)
class LessonPage:
    """A lesson to read; `step` names the one thing to do next (see _lesson_bar.html).

    `quiz` is None when the lesson has none, or the reader could enrol and has not.
    """

    slug: str
    course_title: str
    name: str
    number: int
    lesson_count: int
    title: str
    minutes: int
    language: str
    only_in_chinese: bool
    body: Markup
    action: ActionBox | None
    quiz: sheets.QuizSheet | None
    enrolled: bool
    complete: bool
    done: int
    percent: int
    step: str
    next: LessonLink | None


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


def catalogue(*, member: Member, language: str) -> Sequence[CourseCard]:
    """Return the courses for a member: begun ones first (latest first), complete ones last."""
    return [_card(each, language) for each in standing.of_member(member)]


def course_page(*, member: Member, slug: str, language: str) -> CoursePage | None:
    """Return a course, in the version that concerns the member; None when there is none."""
    found = standing.of_course(member=member, slug=slug)
    if found is None:
        return None
    card = _card(found, language)
    return CoursePage(
        course=card,
        lessons=tuple(_lesson_rows(found, card, language)),
        actions=tuple(
            pick(lesson.action.text, language)
            for lesson in found.course.lessons
            if lesson.action is not None
        ),
    )


def lesson_page(
    *,
    member: Member,
    slug: str,
    name: str,
    language: str,
    again: bool = False,
    draft: sheets.Draft | None = None,
) -> LessonPage | None:
    """Return a lesson of the version that concerns the member; None when there is none.

    `again` asks for another attempt at an answered quiz; `draft` is what was sent and refused.
    """
    found = standing.of_course(member=member, slug=slug)
    if found is None:
        return None
    lesson = found.course.lesson(rules.lesson_id(slug=slug, name=name))
    if lesson is None:
        return None
    sheet = _quiz(found, lesson, language, again=again, draft=draft)
    return _lesson_page(found, lesson, sheet, language)


def next_step(*, member: Member, language: str) -> NextStep | None:
    """Return what the member should learn next; None when every course is complete.

    That is the course on which the member worked last, else the first that is not begun.
    """
    open_ones = [each for each in standing.of_member(member) if each.state != "complete"]
    if not open_ones:
        return None
    first = open_ones[0]
    link = _next_link(first, language)
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
    *, organisation_id: int, language: str
) -> Sequence[CompletedLesson]:
    """Return the lessons that the organisation's people completed, oldest first."""
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


def _card(found: Standing, language: str) -> CourseCard:
    course = found.course
    return CourseCard(
        slug=found.slug,
        title=pick(course.title, language),
        summary=pick(course.summary, language),
        minutes=course.minutes,
        lesson_count=len(course.lessons),
        only_in_chinese=language != SOURCE_LANGUAGE and language not in course.languages,
        read_only=found.read_only,
        enrolled=found.enrolment is not None,
        state=found.state,
        percent=found.progress.percent,
        done=len(found.progress.completions),
        next=None if found.progress.completed else _next_link(found, language),
    )


def _link(lesson: Lesson, language: str) -> LessonLink:
    return LessonLink(
        name=rules.lesson_name(lesson.id),
        title=pick(lesson.title, language),
        minutes=lesson.minutes,
    )


def _next_link(found: Standing, language: str) -> LessonLink | None:
    lesson = found.course.lesson(found.progress.next_lesson or "")
    return None if lesson is None else _link(lesson, language)


def _lesson_rows(found: Standing, card: CourseCard, language: str) -> Iterator[LessonRow]:
    complete = {each.lesson_id for each in found.progress.completions}
    next_name = card.next.name if card.next is not None and card.enrolled else None
    for number, lesson in enumerate(found.course.lessons, start=1):
        link = _link(lesson, language)
        yield LessonRow(
            number=number,
            name=link.name,
            title=link.title,
            minutes=link.minutes,
            question_count=len(lesson.quiz.scored) if lesson.quiz else 0,
            required=lesson in found.course.required_lessons,
            complete=lesson.id in complete,
            is_next=link.name == next_name,
        )


def _quiz(
    found: Standing, lesson: Lesson, language: str, *, again: bool, draft: sheets.Draft | None
) -> sheets.QuizSheet | None:
    if found.read_only:
        return quiz.key_sheet(lesson, language=language)
    progress = found.progress.lesson(lesson.id)
    if found.enrolment is None or progress is None:
        return None
    return quiz.sheet(
        lesson,
        language=language,
        learner=str(found.enrolment.id),
        progress=progress,
        attempts=journal.attempts_at(found.events, lesson.id),
        again=again,
        draft=draft,
    )


def _lesson_page(
    found: Standing, lesson: Lesson, sheet: sheets.QuizSheet | None, language: str
) -> LessonPage:
    shown_in = language if language in lesson.html else SOURCE_LANGUAGE
    step, following = _step(found, lesson, sheet, language)
    return LessonPage(
        slug=found.slug,
        course_title=pick(found.course.title, language),
        name=rules.lesson_name(lesson.id),
        number=found.course.lessons.index(lesson) + 1,
        lesson_count=len(found.course.lessons),
        title=pick(lesson.title, language),
        minutes=lesson.minutes,
        language=shown_in,
        only_in_chinese=shown_in != language,
        body=sheets.html(lesson.html, language),
        action=_action(lesson, language),
        quiz=sheet,
        enrolled=found.enrolment is not None,
        complete=_is_complete(found, lesson),
        done=len(found.progress.completions),
        percent=found.progress.percent,
        step=step,
        next=following,
    )


def _is_complete(found: Standing, lesson: Lesson) -> bool:
    progress = found.progress.lesson(lesson.id)
    return progress is not None and progress.complete


def _action(lesson: Lesson, language: str) -> ActionBox | None:
    if lesson.action is None:
        return None
    return ActionBox(text=pick(lesson.action.text, language), within_days=lesson.action.within_days)


def _step(
    found: Standing, lesson: Lesson, sheet: sheets.QuizSheet | None, language: str
) -> tuple[str, LessonLink | None]:
    """Return the one thing to do next on a lesson's page, and the lesson it leads to, if any."""
    if found.read_only:
        return _browse(found, lesson, language)
    if found.enrolment is None:
        return "enrol", None
    if not _is_complete(found, lesson):
        if sheet is None:
            return "read", None
        return ("retry" if sheet.mode == "result" else "answer"), None
    following = rules.lesson_after(
        course=found.course, progress=found.progress, lesson_id=lesson.id
    )
    after = found.course.lesson(following or "")
    return ("finish", None) if after is None else ("next", _link(after, language))


def _browse(found: Standing, lesson: Lesson, language: str) -> tuple[str, LessonLink | None]:
    at = found.course.lessons.index(lesson) + 1
    if at == len(found.course.lessons):
        return "back", None
    return "browse", _link(found.course.lessons[at], language)
