"""How far someone is in a course: a pure function of one pinned version and learning events.

The result does not depend on the order of the events or on repeats, and one more event never
lowers it. So the portal may append events from a bad connection twice and late, and replaying
the log gives what was shown. Events of unknown lessons and questions are ignored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from courses.course import FULL_BPS, Course, Lesson


@dataclass(frozen=True, kw_only=True)
class LessonOpened:
    """Someone opened a lesson; `at` is an aware instant."""

    lesson_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class LessonRead:
    """Someone came to the end of a lesson's text."""

    lesson_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class QuizAnswered:
    """Someone answered a question; `score_bps` as graded then, `attempt` counts from 1.

    The score is kept as it was: a question that is edited later is not graded again.
    """

    question_key: str
    score_bps: int
    attempt: int
    at: datetime


Event = LessonOpened | LessonRead | QuizAnswered


@dataclass(frozen=True, kw_only=True)
class LessonCompleted:
    """Derived, never stored as an input: a lesson is done since `at`."""

    lesson_id: str
    at: datetime


class LessonState(StrEnum):
    """Where someone stands in a lesson."""

    NEW = "new"
    OPENED = "opened"
    READ = "read"
    COMPLETE = "complete"


@dataclass(frozen=True, kw_only=True)
class LessonProgress:
    """One lesson: `correct` are the keys answered in full at least once, in the quiz's order.

    `needed` is how many of them pass the quiz, 0 without a quiz. `completed_at` is None until
    the lesson is complete.
    """

    lesson_id: str
    required: bool
    opened: bool
    read: bool
    correct: tuple[str, ...]
    needed: int
    attempts: int
    completed_at: datetime | None

    @property
    def passed(self) -> bool:
        """Whether the quiz is passed; a lesson without one has nothing to pass."""
        return len(self.correct) >= self.needed

    @property
    def complete(self) -> bool:
        """Whether the lesson was read and its quiz passed."""
        return self.completed_at is not None

    @property
    def state(self) -> LessonState:
        """The furthest state reached."""
        if self.complete:
            return LessonState.COMPLETE
        if self.read:
            return LessonState.READ
        return LessonState.OPENED if self.opened else LessonState.NEW


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The whole course: `percent` from 0 to 100 is the share of required lessons, rounded down.

    `completed_at` is the instant at which enough required lessons were complete, None before.
    """

    lessons: tuple[LessonProgress, ...]
    done: int
    required: int
    percent: int
    completed_at: datetime | None

    @property
    def completed(self) -> bool:
        """Whether the course is completed."""
        return self.completed_at is not None

    @property
    def started(self) -> bool:
        """Whether anything happened in any lesson."""
        return any(lesson.opened for lesson in self.lessons)

    @property
    def next_lesson(self) -> str | None:
        """The id of the lesson to go on with: required ones first; None when all are complete."""
        waiting = [lesson for lesson in self.lessons if not lesson.complete]
        first = next((lesson for lesson in waiting if lesson.required), None)
        found = first or next(iter(waiting), None)
        return found.lesson_id if found else None

    @property
    def completions(self) -> tuple[LessonCompleted, ...]:
        """The completed lessons in the course's order."""
        return tuple(
            LessonCompleted(lesson_id=lesson.lesson_id, at=lesson.completed_at)
            for lesson in self.lessons
            if lesson.completed_at is not None
        )

    def lesson(self, lesson_id: str) -> LessonProgress | None:
        """Return the progress in one lesson, None when the course has no such lesson."""
        return next((found for found in self.lessons if found.lesson_id == lesson_id), None)


@dataclass(frozen=True)
class _Log:
    """The events of one version, reduced: first instants, and attempts."""

    opened: Mapping[str, datetime]
    read: Mapping[str, datetime]
    correct: Mapping[str, datetime]
    answered: Mapping[str, int]


def progress(course_version: Course, events: Iterable[Event]) -> Progress:
    """Return how far `events`, those of one learner, lead in this version of the course."""
    log = _reduced(events)
    required = {lesson.id for lesson in course_version.required_lessons}
    lessons = tuple(
        _lesson(lesson, log, required=lesson.id in required) for lesson in course_version.lessons
    )
    done = sorted(
        lesson.completed_at
        for lesson in lessons
        if lesson.required and lesson.completed_at is not None
    )
    # Rounded up: three of four is not yet 80 %.
    needed = max(1, -(-course_version.pass_bps * len(required) // FULL_BPS))
    return Progress(
        lessons=lessons,
        done=len(done),
        required=len(required),
        percent=100 * len(done) // len(required) if required else 0,
        completed_at=done[needed - 1] if len(done) >= needed else None,
    )


def _lesson(lesson: Lesson, log: _Log, *, required: bool) -> LessonProgress:
    questions = lesson.quiz.scored if lesson.quiz else ()
    needed = lesson.quiz.rule.m if lesson.quiz else 0
    if lesson.id not in log.opened and not any(each.key in log.answered for each in questions):
        return _untouched(lesson.id, required, needed)
    correct = tuple(question.key for question in questions if question.key in log.correct)
    attempts = max((log.answered.get(question.key, 0) for question in questions), default=0)
    read_at = log.read.get(lesson.id)
    return LessonProgress(
        lesson_id=lesson.id,
        required=required,
        opened=lesson.id in log.opened or attempts > 0,
        read=read_at is not None,
        correct=correct,
        needed=needed,
        attempts=attempts,
        completed_at=_completed_at(read_at, [log.correct[key] for key in correct], needed),
    )


@lru_cache(maxsize=4096)
def _untouched(lesson_id: str, required: bool, needed: int) -> LessonProgress:
    """Return the progress in a lesson in which nothing happened: most lessons, on most pages."""
    return LessonProgress(
        lesson_id=lesson_id,
        required=required,
        opened=False,
        read=False,
        correct=(),
        needed=needed,
        attempts=0,
        completed_at=None,
    )


def _completed_at(
    read_at: datetime | None, correct_at: list[datetime], needed: int
) -> datetime | None:
    """Return when both had happened: the end of the text, and the last right answer needed."""
    if read_at is None or len(correct_at) < needed:
        return None
    return max(read_at, sorted(correct_at)[needed - 1]) if needed else read_at


def _reduced(events: Iterable[Event]) -> _Log:
    opened: dict[str, datetime] = {}
    read: dict[str, datetime] = {}
    correct: dict[str, datetime] = {}
    answered: dict[str, int] = {}
    for event in events:
        match event:
            case LessonOpened():
                _first(opened, event.lesson_id, event.at)
            case LessonRead():
                _first(opened, event.lesson_id, event.at)
                _first(read, event.lesson_id, event.at)
            case QuizAnswered(question_key=key):
                answered[key] = max(answered.get(key, 0), event.attempt)
                if event.score_bps >= FULL_BPS:
                    _first(correct, key, event.at)
    return _Log(opened, read, correct, answered)


def _first(instants: dict[str, datetime], name: str, at: datetime) -> None:
    instants[name] = min(at, instants.get(name, at))
