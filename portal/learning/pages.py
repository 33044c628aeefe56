"""Pages of the courses as plain, final values: the cards, a course, a lesson."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from markupsafe import Markup

from courses.course import SOURCE_LANGUAGE, Course, Lesson, pick
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
class CourseLink:
    """A course to go to."""

    slug: str
    title: str


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
    before: tuple[CourseLink, ...] = ()  # better completed first; none once it is begun


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
class Change:
    """What another version of the course has: lessons added, edited, removed, by title.

    `moved`: the learner is in it already; else it is offered, and `done` of the lessons that
    the learner completed stay done in it.
    """

    moved: bool
    added: tuple[LessonLink, ...]
    edited: tuple[LessonLink, ...]
    removed: tuple[str, ...]
    done: int


@dataclass(frozen=True, slots=True)
class CoursePage:
    """A course with its lessons, and what one does in the shop after them.

    `change` is None unless the learner was moved to another version, or could move to one.
    """

    course: CourseCard
    lessons: tuple[LessonRow, ...]
    actions: tuple[str, ...]
    change: Change | None


@dataclass(frozen=True, slots=True)
class ActionBox:
    """What a lesson asks to do in the shop."""

    text: str
    within_days: int


@dataclass(frozen=True, slots=True)
class Captions:
    """The spoken words of a film in one language; the reader's own is shown at first."""

    src: str
    language: str
    label: str
    shown: bool


@dataclass(frozen=True, slots=True)
class VideoBox:
    """A lesson's film; `watched` is where the learner left off, 0 at the start or the end."""

    src: str
    kind: str  # its MIME type
    length: str  # 5:40
    watched: int
    captions: tuple[Captions, ...]


@dataclass(frozen=True, slots=True)
class LessonPage:
    """A lesson to read; `step` names the one thing to do next (see _lesson_bar.html).

    `quiz` is None when the lesson has none, or the reader could enrol and has not.
    """

    id: str
    slug: str
    course_title: str
    course_version: str
    version_id: int
    name: str
    number: int
    lesson_count: int
    title: str
    minutes: int
    product: str  # the code of the product it is about, "" without one
    previous: LessonLink | None
    following: LessonLink | None  # in the course's order, whatever is done
    video: VideoBox | None
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
    names: tuple[str, ...]  # of the course's lessons, in order


def card(found: Standing, language: str, others: Sequence[Standing] = ()) -> CourseCard:
    """Return a course's card; its prerequisites are looked for among `others`."""
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
        before=_before(found, language, others) if found.state == "new" else (),
    )


def _before(found: Standing, language: str, others: Sequence[Standing]) -> tuple[CourseLink, ...]:
    known = {each.slug: each for each in others}
    complete = {slug: each.progress.completed for slug, each in known.items()}
    return tuple(
        CourseLink(slug=slug, title=pick(known[slug].course.title, language))
        for slug in rules.unmet(after=found.course.after, complete=complete)
    )


def course(found: Standing, language: str, others: Sequence[Standing] = ()) -> CoursePage:
    """Return a course's page; `others` as for its card."""
    own = card(found, language, others)
    return CoursePage(
        course=own,
        lessons=tuple(_lesson_rows(found, own, language)),
        actions=tuple(
            pick(lesson.action.text, language)
            for lesson in found.course.lessons
            if lesson.action is not None
        ),
        change=_change(found, language),
    )


def _change(found: Standing, language: str) -> Change | None:
    """Return the change to tell: the one that happened before the one that could."""
    if found.moved_from is not None:
        return _told(found, found.moved_from, found.course, language, moved=True)
    if found.newer is None or found.progress.completed:
        return None  # what is complete stays as it was completed
    return _told(found, found.course, found.newer, language, moved=False)


def _told(
    found: Standing, before: Course, after: Course, language: str, *, moved: bool
) -> Change | None:
    change = diff(before, after)
    done = {each.lesson_id for each in found.progress.completions}
    told = Change(
        moved=moved,
        added=_links(after, change.lessons_added, language),
        edited=_links(after, change.lessons_edited, language),
        removed=tuple(each.title for each in _links(before, change.lessons_removed, language)),
        done=sum(each.id in done for each in after.lessons),
    )
    return told if told.added or told.edited or told.removed or not moved else None


def _links(course: Course, ids: Sequence[str], language: str) -> tuple[LessonLink, ...]:
    return tuple(_link(each, language) for each in course.lessons if each.id in ids)


def lesson(
    found: Standing,
    shown: Lesson,
    language: str,
    *,
    again: bool,
    draft: sheets.Draft | None,
    watched: int,
) -> LessonPage:
    """Return a lesson's page; `again` and `draft` as in queries.lesson_page, `watched` seconds."""
    sheet = _quiz(found, shown, language, again=again, draft=draft)
    return _lesson_page(found, shown, sheet, language, watched=watched)


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
    found: Standing,
    lesson: Lesson,
    sheet: sheets.QuizSheet | None,
    language: str,
    *,
    watched: int,
) -> LessonPage:
    shown_in = language if language in lesson.html else SOURCE_LANGUAGE
    step, following = _step(found, lesson, sheet, language)
    lessons = found.course.lessons
    place = _place(found, lesson)
    return LessonPage(
        id=lesson.id,
        slug=found.slug,
        course_title=pick(found.course.title, language),
        course_version=found.course.version,
        version_id=found.version_id,
        name=rules.lesson_name(lesson.id),
        number=place + 1,
        lesson_count=len(lessons),
        product=lesson.product or "",
        previous=_link(lessons[place - 1], language) if place else None,
        following=_link(lessons[place + 1], language) if place + 1 < len(lessons) else None,
        video=_video(lesson, language, watched),
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
        names=tuple(rules.lesson_name(each.id) for each in lessons),
    )


def _place(found: Standing, lesson: Lesson) -> int:
    return [each.id for each in found.course.lessons].index(lesson.id)


_LABELS = {"zh-CN": "中文", "en": "English"}
_KINDS = {".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm"}


def _video(lesson: Lesson, language: str, watched: int) -> VideoBox | None:
    video = lesson.video
    if video is None:
        return None
    minutes, seconds = divmod(video.seconds, 60)
    own = language if language in video.captions else SOURCE_LANGUAGE
    return VideoBox(
        src=video.src,
        kind=_KINDS[PurePosixPath(video.src).suffix.lower()],
        length=f"{minutes}:{seconds:02d}",
        watched=watched if watched < video.seconds else 0,
        captions=tuple(
            Captions(src=src, language=each, label=_LABELS[each], shown=each == own)
            for each, src in video.captions.items()
        ),
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
    at = _place(found, lesson) + 1
    if at == len(found.course.lessons):
        return "back", None
    return "browse", _link(found.course.lessons[at], language)
