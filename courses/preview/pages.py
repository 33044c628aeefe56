"""What the preview shows: lessons rendered from their files even while these have mistakes.

The portal shows published courses, which have none; an author looks while there still are some.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from markupsafe import Markup

from courses.course import SOURCE_LANGUAGE, Question, pick
from courses.finding import Finding
from courses.gift.model import Item
from courses.lint import check, check_content
from courses.load import read_library
from courses.measure import MEASURES
from courses.path import LearningPath, read_paths
from courses.quiz import question
from courses.render import render
from courses.source import CourseFolder, LessonFile, LessonFiles


@dataclass(frozen=True, kw_only=True)
class SourceLine:
    """A line of a lesson's file, with the remarks about it."""

    number: int
    text: str
    remarks: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class LessonLink:
    """A lesson in its course's list; `name` is the last part of its id, or of its file's name."""

    name: str
    title: str
    minutes: object
    required: bool
    errors: int
    warnings: int


@dataclass(frozen=True, kw_only=True)
class CourseLink:
    """A course with its lessons, and the remarks of all its files."""

    id: str
    title: str
    summary: str
    lessons: tuple[LessonLink, ...]
    remarks: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class LessonShown:
    """A lesson's page: its text and quiz in one language, its source with the remarks."""

    file: LessonFile
    title: str
    translated: bool
    body: Markup
    questions: tuple[Question, ...]
    lines: tuple[SourceLine, ...]
    remarks: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class Film:
    """A film as its fields name it, whether the files are there or not."""

    src: str
    captions: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Task:
    """What to do in the shop; `check` is what is compared with orders, '' for a dealer's word."""

    text: str
    days: str
    check: str


@dataclass(frozen=True)
class Library:
    """All courses as their files are now."""

    courses: tuple[CourseFolder, ...]
    findings: tuple[Finding, ...]
    paths: tuple[LearningPath, ...]

    def folder(self, course_id: str) -> CourseFolder | None:
        """Return the course in the folder of this name, None when there is none."""
        return next((found for found in self.courses if found.folder.name == course_id), None)

    def about(self, files: Sequence[str]) -> tuple[Finding, ...]:
        """Return the remarks about some files, errors first."""
        found = [finding for finding in self.findings if finding.file in files]
        return tuple(sorted(found, key=lambda finding: (not finding.is_error, finding.line)))


def read(folder: Path, *, today: date) -> Library:
    """Read a content folder, or a folder of courses, with every remark."""
    root = folder / "courses" if (folder / "courses").is_dir() else folder
    findings = (check if root == folder else check_content)(folder, today=today)
    readings = read_library(root)
    made = [reading.course for reading in readings if reading.course is not None]
    paths = read_paths(folder / "paths", courses=made).paths if root != folder else ()
    return Library(tuple(reading.source for reading in readings), findings, paths)


def course_link(library: Library, source: CourseFolder, language: str) -> CourseLink:
    """Return a course for the list of courses and for its own page."""
    inside = str(source.folder)
    files = [
        f.file for f in library.findings if f.file == inside or f.file.startswith(f"{inside}/")
    ]
    return CourseLink(
        id=source.folder.name,
        title=_text(source.fields.values.get("title"), language) or source.folder.name,
        summary=_text(source.fields.values.get("summary"), language),
        lessons=tuple(_link(library, files, language) for files in source.lessons),
        remarks=library.about(files),
    )


def _link(library: Library, files: LessonFiles, language: str) -> LessonLink:
    remarks = library.about([file.file for file in files.by_language.values()])
    fields = files.source.fields.values
    return LessonLink(
        name=lesson_name(files),
        title=_title(files, language),
        minutes=fields.get("minutes"),
        required=fields.get("required", True) is True,
        errors=sum(found.is_error for found in remarks),
        warnings=sum(not found.is_error for found in remarks),
    )


def lesson_name(files: LessonFiles) -> str:
    """Return the name in a lesson's address: from its id, else from its file."""
    own = str(files.source.fields.values.get("id") or "").rpartition("/")[2]
    return own or files.name


def _title(files: LessonFiles, language: str) -> str:
    file = files.by_language.get(language, files.source)
    return str(
        file.fields.values.get("title") or files.source.fields.values.get("title") or files.name
    )


def lesson_shown(library: Library, files: LessonFiles, language: str) -> LessonShown:
    """Return a lesson's page in a language, in Chinese where it is not translated."""
    file = files.by_language.get(language, files.source)
    remarks = library.about([file.file])
    return LessonShown(
        file=file,
        title=_title(files, language),
        translated=language in files.by_language,
        body=_html(file.body, language),
        questions=tuple(_questions(file)),
        lines=_lines(file, remarks),
        remarks=remarks,
    )


def _html(text: str, language: str) -> Markup:
    return Markup(render(text, language=language))  # noqa: S704 – render() ends in the allow-list


def _questions(file: LessonFile) -> Iterator[Question]:
    for number, item in enumerate(file.items, 1):
        yield question({SOURCE_LANGUAGE: _keyed(item, number)})


def _keyed(item: Item, number: int) -> Item:
    return item if item.key else replace(item, key=f"?{number}")


def _lines(file: LessonFile, remarks: Sequence[Finding]) -> tuple[SourceLine, ...]:
    return tuple(
        SourceLine(number=number, text=text, remarks=tuple(f for f in remarks if f.line == number))
        for number, text in enumerate(file.text.split("\n"), 1)
    )


def film(fields: Mapping[str, object]) -> Film | None:
    """Return a lesson's film, None when no film is named."""
    video = fields.get("video")
    if not isinstance(video, dict) or not isinstance(video.get("src"), str):
        return None
    captions = video.get("captions")
    named = captions.items() if isinstance(captions, dict) else ()
    return Film(src=video["src"], captions={str(tag): str(file) for tag, file in named})


def task(files: LessonFiles, shown: LessonFile, language: str) -> Task | None:
    """Return what a lesson asks to do, None when it asks nothing; the text is that of `shown`."""
    action = files.source.fields.values.get("action")
    own = shown.fields.values.get("action")
    if not isinstance(action, dict):
        return None
    text = own.get("text") if isinstance(own, dict) else None
    return Task(
        text=str(text or action.get("text") or ""),
        days=str(action.get("within_days") or "?"),
        check=_check(action.get("check"), language),
    )


def _check(check: object, language: str) -> str:
    if not isinstance(check, dict):
        return ""
    name = str(check.get("measure"))
    measure = MEASURES.get(name)
    parts = [pick(measure.name, language) if measure else name]
    bounds = (("≥", check.get("at_least")), ("≤", check.get("at_most")))
    return " ".join([*parts, *(f"{sign} {value}" for sign, value in bounds if value is not None)])


def _text(value: object, language: str) -> str:
    if not isinstance(value, dict):
        return ""
    return str(value.get(language) or value.get(SOURCE_LANGUAGE) or "")
