"""What learners did, as the course engine understands it, and the progress that follows."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from courses import progress as engine
from courses.course import Course
from portal.db import db
from portal.learning.models import LearningEvent
from portal.learning.rules import EventKind


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of one enrolment.

    The payload of an answer is {"attempt": from 1, "answers": {question key: {"score_bps": int,
    "fields": {form field: [values]}}}}; the others have none.
    """

    enrolment_id: int
    lesson_id: str
    kind: str
    payload: Mapping[str, Any]
    at: datetime


_EVENTS = (
    select(
        LearningEvent.enrolment_id,
        LearningEvent.lesson_id,
        LearningEvent.kind,
        LearningEvent.payload,
        LearningEvent.at,
    )
    .where(LearningEvent.enrolment_id.in_(bindparam("ids", expanding=True)))
    .order_by(LearningEvent.at, LearningEvent.id)
)


def events_of(enrolment_ids: Collection[int]) -> Mapping[int, Sequence[EventRow]]:
    """Return the events of enrolments by enrolment, oldest first."""
    found: dict[int, list[EventRow]] = {enrolment_id: [] for enrolment_id in enrolment_ids}
    if enrolment_ids:
        for row in db.session.execute(_EVENTS, {"ids": list(enrolment_ids)}):
            found[row.enrolment_id].append(EventRow(*row))
    return found


def progress(course: Course, events: Sequence[EventRow]) -> engine.Progress:
    """Return how far the events of one enrolment lead in its version of the course."""
    if not events:
        return _unbegun(course)
    return engine.progress(course, (each for event in events for each in _understood(event)))


_UNBEGUN: dict[tuple[str, str], engine.Progress] = {}
_KEPT = 256


def _unbegun(course: Course) -> engine.Progress:
    """Return the progress of who did nothing yet; kept, since most courses of a list are so."""
    key = (course.id, course.version)
    found = _UNBEGUN.get(key)
    if found is None:
        if len(_UNBEGUN) >= _KEPT:
            _UNBEGUN.clear()
        found = _UNBEGUN[key] = engine.progress(course, ())
    return found


def _understood(event: EventRow) -> Iterator[engine.Event]:
    match EventKind(event.kind):
        case EventKind.OPENED:
            yield engine.LessonOpened(lesson_id=event.lesson_id, at=event.at)
        case EventKind.READ:
            yield engine.LessonRead(lesson_id=event.lesson_id, at=event.at)
        case EventKind.ANSWERED:
            for key, answer in event.payload["answers"].items():
                yield engine.QuizAnswered(
                    question_key=key,
                    score_bps=answer["score_bps"],
                    attempt=event.payload["attempt"],
                    at=event.at,
                )


def attempts_at(events: Iterable[EventRow], lesson_id: str) -> Sequence[EventRow]:
    """Return the answers to a lesson's quiz, oldest first."""
    return [
        event
        for event in events
        if event.lesson_id == lesson_id and event.kind == EventKind.ANSWERED
    ]
