"""What lessons are called in the versions in which they were read, and whether they can be opened.

For what people write about lessons: notes, questions, reports.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from courses.course import pick
from portal.learning import rules, versions


class AboutLesson(Protocol):
    """A row about a lesson, in the version that was read."""

    id: int
    lesson_id: str
    course_version_id: int


@dataclass(frozen=True, slots=True)
class LessonName:
    """A lesson as it was called in the version that was read; `version` is the whole hash."""

    name: str
    title: str
    course_title: str
    version: str
    readable: bool
    is_current: bool


def of(found: Sequence[AboutLesson], *, language: str) -> Mapping[int, LessonName]:
    """Return the lessons that rows are about, by the row's id."""
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
        name = rules.lesson_name(each.lesson_id)
        names[each.id] = LessonName(
            name=name,
            title=pick(lesson.title, language) if lesson else name,
            course_title=pick(course.title, language),
            version=course.version,
            readable=each.lesson_id in readable,
            is_current=each.course_version_id in newest,
        )
    return names


def titles(row: AboutLesson) -> dict[str, str]:
    """Return what the lesson is called in every language, in the version that was read."""
    version = versions.by_ids([row.course_version_id])[row.course_version_id]
    lesson = versions.course(version).lesson(row.lesson_id)
    return dict(lesson.title) if lesson else {"zh-CN": rules.lesson_name(row.lesson_id)}
