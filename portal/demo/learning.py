"""Lets the demo's dealers learn: publishes the courses and replays who took which lesson when."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from courses.course import (
    Course,
    Lesson,
    Matching,
    MultipleChoice,
    Numeric,
    Question,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
)
from courses.grade import field_name
from courses.load import Library, load_library
from courses.path import read_paths
from courses.version import version_of
from portal.access import Member
from portal.demo.cast import Enrolment, World
from portal.demo.chance import stream
from portal.demo.people import People, local_noon
from portal.learning import actions as learning

Values = dict[str, list[str]]
KNOWS = (0.25, 0.4, 0.95, 1.0)  # how likely somebody is right the first time
# The courses were there before the first intake, and were worked over this long ago.
BEFORE_FIRST = timedelta(days=30)
WORKED_OVER = timedelta(days=150)
# A question whose right option reads like a trap: who knows most gets it wrong most often. It is
# the demo's alone, so that an author sees what such a question looks like.
MISLEADING = "rep-read-03"


def seed(world: World, people: People, *, content: Path, at: datetime) -> None:
    """Publish the courses in `content` and replay every enrolment of the world."""
    library = load_library(content / "courses")
    first = min((local_noon(one.enrolled_on) for one in world.enrolments), default=at)
    learning.publish(library=_earlier(library), at=min(first, at) - BEFORE_FIRST)
    worked_over = at - WORKED_OVER
    early = [one for one in world.enrolments if local_noon(one.enrolled_on) < worked_over]
    for enrolment in early:
        _enrol(enrolment, people)
    paths = read_paths(content / "paths", courses=library.courses).paths
    learning.publish(library=library, paths=paths, at=worked_over)
    courses = {course.id: course for course in library.courses}
    for enrolment in world.enrolments:
        if enrolment not in early:
            _enrol(enrolment, people)
        _replay(enrolment, courses[enrolment.course], people, seed=world.seed)


def _earlier(library: Library) -> Library:
    """Return the library as it might have been before: one text and one question otherwise."""
    return Library(courses=tuple(_first_edition(each) for each in library.courses), findings=())


def _first_edition(course: Course) -> Course:
    """Return a course whose first lesson read differently; half of them asked differently too."""
    lesson = course.lessons[0]
    changed = replace(lesson, source_hash=f"first edition of {lesson.id}")
    if course.id < "o" and changed.quiz is not None:
        first, *others = changed.quiz.questions
        asked = (replace(first, hash=f"first edition of {first.key}"), *others)
        changed = replace(changed, quiz=replace(changed.quiz, questions=asked))
    early = replace(course, lessons=(changed, *course.lessons[1:]))
    return replace(early, version=version_of(early))


def _enrol(enrolment: Enrolment, people: People) -> None:
    learning.enrol(
        member=people.dealers[enrolment.dealer],
        slug=enrolment.course,
        at=local_noon(enrolment.enrolled_on),
    )


def _replay(enrolment: Enrolment, course: Course, people: People, *, seed: int) -> None:
    """Let a dealer take the lessons; what was wrong the first time is answered again, rightly."""
    member = people.dealers[enrolment.dealer]
    chance = stream(seed, "answers", enrolment.dealer, course.id)
    knows = chance.choice(KNOWS)
    for lesson, day in zip(course.lessons, enrolment.lesson_dates, strict=False):
        name = lesson.id.partition("/")[2]
        read_at = local_noon(day)
        if lesson.quiz is None:
            learning.mark_read(member=member, slug=course.id, name=name, at=read_at)
            continue
        wrong = [
            each
            for each in lesson.quiz.scored
            if chance.random() > (1.2 - knows if each.key == MISLEADING else knows)
        ]
        tries: list[Sequence[Question]] = [wrong, ()] if wrong else [()]
        for number, missed in enumerate(tries, start=1):
            learning.answer_quiz(
                member=member,
                slug=course.id,
                name=name,
                answers=_answers(course, lesson, missed, number=number),
                at=read_at + timedelta(minutes=lesson.minutes * number),
            )


def _answers(
    course: Course, lesson: Lesson, wrong: Sequence[Question], *, number: int
) -> learning.Answers:
    asked = lesson.quiz.scored if lesson.quiz else ()
    values: Values = {}
    for question in asked:
        values.update(wrong_values(question) if question in wrong else right_values(question))
    return learning.Answers(
        key=f"{course.version[:8]}-demo-{number}-{lesson.id}",
        asked=tuple(question.key for question in asked),
        values=values,
    )


def pass_lesson(*, member: Member, course: Course, lesson: Lesson, at: datetime) -> None:
    """Let somebody take a lesson and answer its quiz rightly."""
    learning.answer_quiz(
        member=member,
        slug=course.id,
        name=lesson.id.partition("/")[2],
        answers=_answers(course, lesson, (), number=1),
        at=at,
    )


def wrong_values(question: Question) -> Values:
    """Return form values that answer a scored question wrongly, as people do."""
    name = field_name(question)
    right = right_values(question)
    wrong = right.get(name, [])
    match question:
        case SingleChoice(options=options):
            wrong = [str((int(wrong[0]) + 1) % len(options))]
        case MultipleChoice(options=options):
            tempting = [str(at) for at, each in enumerate(options) if each.weight_bps <= 0]
            wrong = [*wrong[:1], *tempting[:1]]
        case TrueFalse():
            wrong = ["false" if wrong == ["true"] else "true"]
        case Numeric():
            wrong = ["1"]
        case ShortAnswer():
            wrong = ["不清楚"]
        case Matching(pairs=pairs):
            return {key: [str((int(put[0]) + 1) % len(pairs))] for key, put in right.items()}
    return {name: wrong}


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
