"""Pages of the courses as plain, final values: the cards, a course, a lesson."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from courses.course import SOURCE_LANGUAGE, Lesson, pick
from courses.version import diff
from portal.learning import journal, quiz, rules, sheets
from portal.learning.standing import Standing


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
    certificate: bool = False  # completing it earns one


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
class Newer:
    """What a newer version of the course has: lessons added, removed, edited."""

    added: int
    removed: int
    edited: int


@dataclass(frozen=True, slots=True)
class CoursePage:
    """A course with its lessons, and what one does in the shop after them.

    `newer` is None unless the learner could move to a newer version.
    """

    course: CourseCard
    lessons: tuple[LessonRow, ...]
    actions: tuple[str, ...]
    newer: Newer | None


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


def card(found: Standing, language: str) -> CourseCard:
    """Return a course's card."""
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
        next=None if found.progress.completed else next_link(found, language),
        certificate=course.certificate,
    )


def course(found: Standing, language: str) -> CoursePage:
    """Return a course's page."""
    own = card(found, language)
    return CoursePage(
        course=own,
        lessons=tuple(_lesson_rows(found, own, language)),
        actions=tuple(
            pick(lesson.action.text, language)
            for lesson in found.course.lessons
            if lesson.action is not None
        ),
        newer=_newer(found),
    )


def _newer(found: Standing) -> Newer | None:
    if found.newer is None or found.progress.completed:
        return None  # what is complete stays as it was completed
    change = diff(found.course, found.newer)
    return Newer(
        added=len(change.lessons_added),
        removed=len(change.lessons_removed),
        edited=len(change.lessons_edited),
    )


def lesson(
    found: Standing, shown: Lesson, language: str, *, again: bool, draft: sheets.Draft | None
) -> LessonPage:
    """Return a lesson's page; `again` and `draft` as in queries.lesson_page."""
    return _lesson_page(
        found, shown, _quiz(found, shown, language, again=again, draft=draft), language
    )


def _link(lesson: Lesson, language: str) -> LessonLink:
    return LessonLink(
        name=rules.lesson_name(lesson.id),
        title=pick(lesson.title, language),
        minutes=lesson.minutes,
    )


def next_link(found: Standing, language: str) -> LessonLink | None:
    """Return the lesson to go on with, None when all are complete."""
    lesson = found.course.lesson(found.progress.next_lesson or "")
    return None if lesson is None else _link(lesson, language)


def _lesson_rows(found: Standing, card: CourseCard, language: str) -> Iterator[LessonRow]:
    complete = {each.lesson_id for each in found.progress.completions}
    required = {lesson.id for lesson in found.course.required_lessons}
    next_name = card.next.name if card.next is not None and card.enrolled else None
    for number, lesson in enumerate(found.course.lessons, start=1):
        link = _link(lesson, language)
        yield LessonRow(
            number=number,
            name=link.name,
            title=link.title,
            minutes=link.minutes,
            question_count=len(lesson.quiz.scored) if lesson.quiz else 0,
            required=lesson.id in required,
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
