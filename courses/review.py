"""Which questions to look at once more: a pure function of a version, completions and answers.

Spaced retrieval after 1, 7 and 30 days (Latimier, Peyre and Ramus 2021: that questions come back
helps, the exact spacing hardly matters). Nothing is scheduled: what is due follows from the day a
lesson was completed and from what was answered since, so it cannot be scheduled wrong or twice.
Days are local; whoever calls decides which zone that is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from courses.course import FULL_BPS, Course, Lesson, Question

INTERVALS = (1, 7, 30)  # days after the lesson was completed
A_SET = 3  # questions of a lesson at a time
AGAIN_DAYS = 1  # what was wrong comes back so many days later


@dataclass(frozen=True, kw_only=True)
class ReviewAnswer:
    """A question was answered once more, for one interval, on a local day."""

    question_key: str
    question_hash: str
    interval: int
    score_bps: int
    on: date


@dataclass(frozen=True, kw_only=True)
class Card:
    """A question to look at again from `due_on`, `interval` days after its lesson."""

    lesson_id: str
    question: Question
    interval: int
    due_on: date


def due(
    course: Course,
    *,
    completed: Mapping[str, date],
    answers: Iterable[ReviewAnswer],
    today: date,
) -> tuple[Card, ...]:
    """Return the cards that are due today, the longest waiting first.

    `completed` gives the day each lesson was completed, by lesson id. Per lesson only the latest
    interval that has come counts: who was away a month gets three questions, not nine.
    """
    cards = _cards(course, completed, tuple(answers), today)
    return tuple(sorted((c for c in cards if c.due_on <= today), key=_rank))


def next_due_on(
    course: Course,
    *,
    completed: Mapping[str, date],
    answers: Iterable[ReviewAnswer],
    today: date,
) -> date | None:
    """Return the first day after today on which a card is due, None when there is none."""
    waiting = [c.due_on for c in _cards(course, completed, tuple(answers), today)]
    later = [
        on + timedelta(days=interval)
        for lesson in _asking(course)
        if (on := completed.get(lesson.id)) is not None
        for interval in INTERVALS
    ]
    return min((day for day in [*waiting, *later] if day > today), default=None)


def _rank(card: Card) -> tuple[date, str, str]:
    return card.due_on, card.lesson_id, card.question.key


def _asking(course: Course) -> list[Lesson]:
    return [lesson for lesson in course.lessons if lesson.quiz is not None and lesson.quiz.scored]


def _cards(
    course: Course,
    completed: Mapping[str, date],
    answers: tuple[ReviewAnswer, ...],
    today: date,
) -> Iterator[Card]:
    """Every card of the intervals that have come and that is not answered right yet."""
    right = {_name(each) for each in answers if each.score_bps >= FULL_BPS}
    wrong_on: dict[tuple[str, str, int], date] = {}
    for each in answers:
        wrong_on[_name(each)] = max(each.on, wrong_on.get(_name(each), each.on))
    for lesson in _asking(course):
        on = completed.get(lesson.id)
        interval = None if on is None else _latest(today - on)
        if on is None or interval is None:
            continue
        for question in a_set(lesson, interval):
            name = (question.key, question.hash, interval)
            if name not in right:
                first = on + timedelta(days=interval)
                again = wrong_on.get(name)
                yield Card(
                    lesson_id=lesson.id,
                    question=question,
                    interval=interval,
                    due_on=first if again is None else again + timedelta(days=AGAIN_DAYS),
                )


def _name(answer: ReviewAnswer) -> tuple[str, str, int]:
    return answer.question_key, answer.question_hash, answer.interval


def _latest(passed: timedelta) -> int | None:
    return max((days for days in INTERVALS if days <= passed.days), default=None)


def a_set(lesson: Lesson, interval: int) -> tuple[Question, ...]:
    """Return the questions of a lesson for an interval: others each time while there are others."""
    scored = lesson.quiz.scored if lesson.quiz else ()
    start = INTERVALS.index(interval) * A_SET
    places = [(start + step) % len(scored) for step in range(min(A_SET, len(scored)))]
    return tuple(scored[place] for place in sorted(places))
