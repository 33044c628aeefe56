"""The course engine's progress as one statement over all learners of a course.

200,000 events are too many to replay one by one for a page. Lessons, rules and questions of every
version in use go in as values; a test holds what comes out to the engine's own answer.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    Integer,
    String,
    and_,
    case,
    cast,
    column,
    func,
    select,
    values,
)

from courses.course import FULL_BPS, Course
from portal.db import UtcDateTime, db
from portal.learning.models import Enrolment, LearningEvent
from portal.learning.rules import EventKind


def stamps(slugs: Collection[str]) -> Sequence[Any]:
    """Return a row per learner of some courses, by which a later look tells what has changed.

    Columns: slug, id (of the enrolment), person_id, organisation_id, course_version_id,
    enrolled_at, events, last_event. Events are only ever added, or gone with their enrolment.
    """
    own = (
        select(
            LearningEvent.enrolment_id,
            func.count().label("events"),
            func.max(LearningEvent.id).label("last_event"),
        )
        .group_by(LearningEvent.enrolment_id)
        .subquery()
    )
    return db.session.execute(
        select(
            Enrolment.slug,
            Enrolment.id,
            Enrolment.person_id,
            Enrolment.organisation_id,
            Enrolment.course_version_id,
            Enrolment.enrolled_at,
            own.c.events,
            own.c.last_event,
        )
        .outerjoin(own, own.c.enrolment_id == Enrolment.id)
        .where(Enrolment.slug.in_(slugs))
        .order_by(Enrolment.id)
    ).all()


def touched(slug: str, only: Collection[int] | None) -> Sequence[Any]:
    """Return a row per learner of a course and lesson that they opened, in no order.

    `only` are the enrolments to look at, None all. Columns: enrolment_id, lesson_id, last_at,
    read_at (None: only opened).
    """
    read = case((LearningEvent.kind == EventKind.READ, LearningEvent.at))
    asked = select(
        LearningEvent.enrolment_id,
        LearningEvent.lesson_id,
        func.max(LearningEvent.at).label("last_at"),
        func.min(read).label("read_at"),
    )
    return db.session.execute(
        _of_course(asked, slug, only).group_by(LearningEvent.enrolment_id, LearningEvent.lesson_id)
    ).all()


def passed(slug: str, courses: Mapping[int, Course], only: Collection[int] | None) -> Sequence[Any]:
    """Return when a learner had answered as many different questions in full as a quiz asks for.

    `courses` are the versions in use by id, `only` as in `touched`. A row per learner and passed
    quiz: enrolment_id, lesson_id, passed_at.
    """
    questions, right = _questions(courses), _right(slug, only)
    order = func.row_number().over(
        partition_by=(right.c.enrolment_id, questions.c.lesson_id), order_by=right.c.first_at
    )
    counted = (
        select(
            right.c.enrolment_id,
            questions.c.lesson_id,
            questions.c.m,
            right.c.first_at,
            order.label("place"),
        )
        .join(
            questions,
            and_(
                questions.c.version_id == right.c.version_id,
                questions.c.question == right.c.question,
            ),
        )
        .subquery("counted")
    )
    return db.session.execute(
        select(
            counted.c.enrolment_id, counted.c.lesson_id, counted.c.first_at.label("passed_at")
        ).where(counted.c.place == counted.c.m)
    ).all()


def _table(name: str, columns: tuple[str, ...], rows: list[tuple[Any, ...]], *kinds: Any) -> CTE:
    named = [column(each, kind) for each, kind in zip(columns, kinds, strict=True)]
    # In WITH, since SQLite names no columns of VALUES elsewhere.
    return values(*named, name=name).data(rows).cte(name)


def _questions(courses: Mapping[int, Course]) -> CTE:
    """Return which question of which version belongs to which lesson, which asks for m of them."""
    rows = [
        (key, lesson.id, question.key, lesson.quiz.rule.m)
        for key, course in courses.items()
        for lesson, question in course.asked()
        if question.scored and lesson.quiz is not None
    ]
    columns = ("version_id", "lesson_id", "question", "m")
    return _table("questions", columns, rows or [(0, "", "", 0)], Integer, String, String, Integer)


def _of_course(asked: Any, slug: str, only: Collection[int] | None) -> Any:
    """Return a SELECT of any columns of events, of one course, and of some enrolments only."""
    events = (
        asked.select_from(LearningEvent)
        .join(Enrolment, Enrolment.id == LearningEvent.enrolment_id)
        .where(Enrolment.slug == slug)
    )
    return events if only is None else events.where(Enrolment.id.in_(only))


def _right(slug: str, only: Collection[int] | None) -> CTE:
    """Return when each learner first answered each question in full."""
    score: Any
    if db.engine.dialect.name == "postgresql":
        answers = func.json_each(LearningEvent.payload["answers"]).table_valued("key", "value")
        score = cast(answers.c.value.op("->>")("score_bps"), Integer)
    else:
        answers = func.json_each(LearningEvent.payload, "$.answers").table_valued("key", "value")
        score = func.json_extract(answers.c.value, "$.score_bps")
    right: CTE = (
        _of_course(
            select(
                LearningEvent.enrolment_id,
                Enrolment.course_version_id.label("version_id"),
                answers.c.key.label("question"),
                func.min(LearningEvent.at, type_=UtcDateTime).label("first_at"),
            ),
            slug,
            only,
        )
        .join(answers, LearningEvent.kind == EventKind.ANSWERED)
        .where(score >= FULL_BPS)
        .group_by(LearningEvent.enrolment_id, Enrolment.course_version_id, answers.c.key)
        .cte("right_answers")
    )
    return right
