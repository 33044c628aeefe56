"""The course engine's progress as one statement over all learners of a course.

200,000 events are too many to replay one by one for a page. Lessons, rules and questions of every
version in use go in as values; a test holds what comes out to the engine's own answer.
"""

from collections.abc import Mapping, Sequence
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


def touched(slug: str) -> Sequence[Any]:
    """Return a row per learner of a course and lesson that they opened, in no order.

    Columns: enrolment_id, lesson_id, last_at, read_at (None: only opened).
    """
    read = case((LearningEvent.kind == EventKind.READ, LearningEvent.at))
    asked = select(
        LearningEvent.enrolment_id,
        LearningEvent.lesson_id,
        func.max(LearningEvent.at).label("last_at"),
        func.min(read).label("read_at"),
    )
    return db.session.execute(
        _of_course(asked, slug).group_by(LearningEvent.enrolment_id, LearningEvent.lesson_id)
    ).all()


def passed(slug: str, courses: Mapping[int, Course]) -> Sequence[Any]:
    """Return when a learner had answered as many different questions in full as a quiz asks for.

    `courses` are the versions in use by id. A row per learner and passed quiz: enrolment_id,
    lesson_id, passed_at.
    """
    questions, right = _questions(courses), _right(slug)
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


def _of_course(asked: Any, slug: str) -> Any:  # a SELECT of any columns
    return (
        asked.select_from(LearningEvent)
        .join(Enrolment, Enrolment.id == LearningEvent.enrolment_id)
        .where(Enrolment.slug == slug)
    )


def _right(slug: str) -> CTE:
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
        )
        .join(answers, LearningEvent.kind == EventKind.ANSWERED)
        .where(score >= FULL_BPS)
        .group_by(LearningEvent.enrolment_id, Enrolment.course_version_id, answers.c.key)
        .cte("right_answers")
    )
    return right
