"""Lets the demo's dealers learn: publishes the courses and replays who took which lesson when."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from courses.course import (
    Course,
    Matching,
    MultipleChoice,
    Numeric,
    Question,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
)
from courses.grade import field_name
from courses.load import load_library
from portal.demo.cast import World
from portal.demo.people import People, local_noon
from portal.learning import actions as learning

Values = dict[str, list[str]]


def seed(world: World, people: People, *, content: Path, at: datetime) -> None:
    """Publish the courses in `content` and replay every enrolment of the world."""
    library = load_library(content / "courses")
    learning.publish(library=library, at=at)
    courses = {course.id: course for course in library.courses}
    for enrolment in world.enrolments:
        member = people.dealers[enrolment.dealer]
        course = courses[enrolment.course]
        learning.enrol(member=member, slug=course.id, at=local_noon(enrolment.enrolled_on))
        for lesson, day in zip(course.lessons, enrolment.lesson_dates, strict=False):
            name = lesson.id.partition("/")[2]
            read_at = local_noon(day)
            if lesson.quiz is None:
                learning.mark_read(member=member, slug=course.id, name=name, at=read_at)
                continue
            learning.answer_quiz(
                member=member,
                slug=course.id,
                name=name,
                answers=_all_right(course, lesson.quiz.scored, key=f"demo-{lesson.id}"),
                at=read_at + timedelta(minutes=lesson.minutes),
            )


def _all_right(course: Course, asked: Sequence[Question], *, key: str) -> learning.Answers:
    values: Values = {}
    for question in asked:
        values.update(right_values(question))
    return learning.Answers(
        key=f"{course.version[:8]}-{key}",
        asked=tuple(question.key for question in asked),
        values=values,
    )


def right_values(question: Question) -> Values:
    """Return form values that answer a scored question rightly."""
    name = field_name(question)
    if isinstance(question, Matching):
        return {f"{name}-{at}": [str(at)] for at in range(len(question.pairs))}
    return {name: _right(question)}


def _right(question: Question) -> list[str]:
    right: list[str] = []
    match question:
        case SingleChoice(options=options):
            right = [str(max(range(len(options)), key=lambda at: options[at].weight_bps))]
        case MultipleChoice(options=options):
            right = [str(at) for at, each in enumerate(options) if each.weight_bps > 0]
        case TrueFalse(answer=answer):
            right = ["true" if answer else "false"]
        case Numeric(answers=ranges):
            right = [str(max(ranges, key=lambda each: each.weight_bps).low)]
        case ShortAnswer(answers=words):
            best = max(words, key=lambda each: each.weight_bps)
            right = [best.text["zh-CN"].replace("*", "")]
    return right
