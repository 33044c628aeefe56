"""What the lessons of questions are called, and whether they can still be opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from courses.course import pick
from portal.learning import rules as learning
from portal.learning import versions
from portal.questions.models import LessonQuestion


@dataclass(frozen=True, slots=True)
class LessonName:
    """The lesson of a question, as it was called in the version that was read."""

    name: str
    title: str
    course_title: str
    version: str
    readable: bool
    is_current: bool


def of(found: Sequence[LessonQuestion], *, language: str) -> Mapping[int, LessonName]:
    """Return the lessons of questions by the question's id."""
    if not found:
        return {}
    courses = versions.courses(
        list(versions.by_ids({each.course_version_id for each in found}).values())
    )
    current = versions.current().values()
    open_ones = versions.courses(list(current)).values()
    readable = {lesson.id for course in open_ones for lesson in course.lessons}
    newest = {row.id for row in current}
    names = {}
    for each in found:
        course = courses[each.course_version_id]
        lesson = course.lesson(each.lesson_id)
        name = learning.lesson_name(each.lesson_id)
        names[each.id] = LessonName(
            name=name,
            title=pick(lesson.title, language) if lesson else name,
            course_title=pick(course.title, language),
            version=course.version,
            readable=each.lesson_id in readable,
            is_current=each.course_version_id in newest,
        )
    return names


def titles(question: LessonQuestion) -> dict[str, str]:
    """Return what the lesson is called in every language, in the version of the question."""
    row = versions.by_ids([question.course_version_id])[question.course_version_id]
    lesson = versions.course(row).lesson(question.lesson_id)
    name = learning.lesson_name(question.lesson_id)
    return dict(lesson.title) if lesson else {"zh-CN": name}
