"""Make courses of their folders: check what the files say together, render, and version it.

For the command line and for the portal's publishing. Every mistake is a Finding; a course
with an error is not made at all, so that nobody learns from half a lesson.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from courses.action import read_action
from courses.course import (
    FULL_BPS,
    LANGUAGES,
    SOURCE_LANGUAGE,
    Course,
    Lesson,
    MOfN,
    Question,
    Quiz,
)
from courses.fields import Fields
from courses.finding import Finding, finding, in_order
from courses.gift.model import Item
from courses.media import inside, read_video, video_files
from courses.order import after_findings
from courses.pictures import with_sizes
from courses.quiz import question, shape
from courses.render import is_elsewhere, render
from courses.source import CourseFolder, LessonFile, LessonFiles, read_folder
from courses.version import version_of

LESSON_FIELDS = (
    *("id", "title", "minutes", "kpi", "video", "action", "product", "pass", "required"),
)
TRANSLATED_FIELDS = ("id", "title", "action")
COURSE_FIELDS = (
    *("id", "title", "summary", "level", "kpi", "order", "pass", "certificate", "owner"),
    *("review_by", "languages", "after"),
)
KEY = re.compile(r"[a-z0-9][a-z0-9\-]{0,79}\Z")
_LESSON_ID = re.compile(r"[a-z0-9\-]{1,60}/[a-z0-9\-]{1,60}\Z")
_ADDRESS = re.compile(r"\]\(\s*<?([^)\s>]+)")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What came of one folder: the course unless there were errors, all remarks, the files."""

    course: Course | None
    findings: tuple[Finding, ...]
    source: CourseFolder


@dataclass(frozen=True, kw_only=True)
class Library:
    """All courses of a content folder that have no errors, in their order, and all remarks."""

    courses: tuple[Course, ...]
    findings: tuple[Finding, ...]

    def course(self, course_id: str) -> Course | None:
        """Return the course with this id, None when there is none without errors."""
        return next((course for course in self.courses if course.id == course_id), None)


class CourseInvalidError(ValueError):
    """A folder holds no valid course; `findings` say why."""

    def __init__(self, *, folder: Path, findings: tuple[Finding, ...]) -> None:
        """Keep the findings and name the first errors."""
        self.findings = findings
        errors = [f"{f.file}:{f.line}: {f.message('en')}" for f in findings if f.is_error]
        super().__init__(f"{folder}: {'; '.join(errors[:5])}")


def load_course(folder: Path) -> Course:
    """Return the course in a folder. Raises CourseInvalidError when it has any error."""
    reading = read_course(folder)
    if reading.course is None:
        raise CourseInvalidError(folder=folder, findings=reading.findings)
    return reading.course


def load_library(folder: Path) -> Library:
    """Return all courses in the folders under `folder`, by order and id."""
    readings = read_library(folder)
    found = [reading.course for reading in readings if reading.course is not None]
    findings = [f for reading in readings for f in reading.findings]
    fields = [reading.source.fields for reading in readings]
    return Library(
        courses=tuple(sorted(found, key=lambda course: (course.order, course.id))),
        findings=in_order([*findings, *after_findings(fields)]),
    )


def read_library(folder: Path) -> tuple[Reading, ...]:
    """Read every folder under `folder` that is not hidden; all it has are courses."""
    folders = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    return tuple(read_course(path) for path in folders)


def read_course(folder: Path) -> Reading:
    """Read one folder; the course is None when there is an error."""
    source = read_folder(folder=folder)
    findings = [*source.findings]
    lessons = _lessons(source, findings)
    course = _course(source, lessons, findings)
    findings.extend(source.fields.remarks)
    valid = not any(found.is_error for found in findings)
    return Reading(
        course=replace(course, version=version_of(course)) if valid else None,
        findings=in_order(findings),
        source=source,
    )


def _course(source: CourseFolder, lessons: tuple[Lesson, ...], findings: list[Finding]) -> Course:
    fields = source.fields
    fields.only(*COURSE_FIELDS)
    course = Course(
        id=fields.slug("id"),
        title=fields.texts("title"),
        summary=fields.texts("summary"),
        level=fields.number("level", low=1, high=3),
        kpi=fields.codes("kpi"),
        order=fields.number("order", low=0, high=9999),
        lessons=lessons,
        pass_bps=_pass_bps(fields),
        certificate=fields.flag("certificate", default=False),
        owner=fields.text("owner"),
        review_by=fields.day("review_by"),
        languages=fields.languages("languages"),
        version="",
        after=fields.slugs("after") if "after" in fields.values else (),
    )
    if course.id and course.id != source.folder.name:
        fields.remark("course-id-folder", "id", value=course.id, expected=source.folder.name)
    if not source.lessons:
        fields.remark("course-without-lessons", "id")
    elif lessons and not any(lesson.required for lesson in lessons):
        fields.remark("course-without-required", "id")
    findings.extend(_missing_languages(source, course.languages))
    return course


def _pass_bps(fields: Fields) -> int:
    rule = fields.inner("pass")
    if rule is not None:
        rule.only("rule")
        if rule.values.get("rule") != "all_required":
            rule.invalid("rule", "all_required")
    return FULL_BPS


def _missing_languages(source: CourseFolder, languages: tuple[str, ...]) -> Iterator[Finding]:
    for files in source.lessons:
        for language in languages:
            if language not in files.by_language:
                yield finding("language-missing", line=1, file=files.source.file, value=language)


def _lessons(source: CourseFolder, findings: list[Finding]) -> tuple[Lesson, ...]:
    """Make the lessons that can be made, and check what they must not share."""
    course_id = source.folder.name
    ids: dict[str, str] = {}
    keys: dict[str, str] = {}
    orders: dict[int, str] = {}
    lessons = []
    for files in source.lessons:
        main = files.source
        lesson = _lesson(files, course_id, source.folder, findings)
        if lesson.id in ids:
            main.fields.remark("duplicate-id", "id", value=lesson.id, other=ids[lesson.id])
        if files.order in orders:
            main.fields.remark("duplicate-order", "id", value=f"{files.order:03d}")
        ids.setdefault(lesson.id, main.file)
        orders.setdefault(files.order, main.file)
        _check_keys(main, keys, findings)
        for file in files.by_language.values():
            findings.extend(file.fields.remarks)
        lessons.append(lesson)
    return tuple(lessons)


def _lesson(files: LessonFiles, course_id: str, folder: Path, findings: list[Finding]) -> Lesson:
    fields = files.source.fields
    fields.only(*LESSON_FIELDS)
    lesson_id = fields.text("id")
    if lesson_id and not (_LESSON_ID.match(lesson_id) and lesson_id.startswith(f"{course_id}/")):
        fields.remark("lesson-id-course", "id", value=lesson_id, expected=f"{course_id}/")
    for translation in files.translations:
        _check_translation(translation, lesson_id)
    every = files.by_language
    return Lesson(
        id=lesson_id,
        order=files.order,
        title={language: file.fields.text("title") for language, file in every.items()},
        html={
            language: with_sizes(render(f.body, language=language), folder)
            for language, f in every.items()
        },
        minutes=fields.number("minutes", low=1, high=120),
        kpi=fields.codes("kpi"),
        action=read_action(files),
        quiz=_quiz(files, findings),
        required=fields.flag("required", default=True),
        source_hash=_source_hash(files, folder),
        video=read_video(fields, folder),
        product=fields.text("product", limit=60) if "product" in fields.values else None,
    )


def _check_translation(translation: LessonFile, lesson_id: str) -> None:
    fields = translation.fields
    fields.only(*TRANSLATED_FIELDS, code="field-not-translated")
    given = fields.text("id")
    if given and given != lesson_id:
        fields.remark("translation-id", "id", value=given, expected=lesson_id)


def _quiz(files: LessonFiles, findings: list[Finding]) -> Quiz | None:
    """Make the quiz of a lesson, None when it has none or its rule cannot be read."""
    fields, items = files.source.fields, files.source.items
    if not files.source.has_quiz:
        if "pass" in fields.values:
            fields.remark("pass-rule-without-quiz", "pass")
        return None
    questions = tuple(_questions(files, findings))
    rule = fields.inner("pass")
    if rule is None:
        return None
    rule.only("rule", "m", "n")
    if rule.values.get("rule") != "m_of_n":
        rule.invalid("rule", "m_of_n")
    m, n = rule.number("m", low=1, high=100), rule.number("n", low=1, high=100)
    count = sum(1 for asked in questions if asked.scored)
    if items and not m <= n <= count:
        fields.remark("pass-rule-impossible", "pass", m=m, n=n, count=count)
    return Quiz(questions=questions, rule=MOfN(m=m, n=n))


def _questions(files: LessonFiles, findings: list[Finding]) -> Iterator[Question]:
    others: dict[str, Mapping[str, Item]] = {}
    for translation in files.translations:
        if _same_quiz(files.source, translation, findings):
            others[translation.language] = {item.key or "": item for item in translation.items}
    for item in files.source.items:
        by_language = {SOURCE_LANGUAGE: item}
        for language in LANGUAGES:
            if language in others:
                by_language[language] = others[language][item.key or ""]
        yield question(by_language)


def _same_quiz(source: LessonFile, translation: LessonFile, findings: list[Finding]) -> bool:
    """Compare a translation's quiz with its source: all keys, kinds, options, right answers."""
    wanted = {item.key: shape(item) for item in source.items}
    given = {item.key: item for item in translation.items}
    different = [key for key, item in given.items() if wanted.get(key) != shape(item)]
    for key in different:
        item = given[key]
        findings.append(_differs(translation, item.line, item.column, key))
    missing = [key for key in wanted if key not in given]
    findings.extend(_differs(translation, 1, 1, key) for key in missing)
    return not different and not missing


def _differs(translation: LessonFile, line: int, column: int, key: str | None) -> Finding:
    return finding(
        "translation-quiz", line=line, column=column, file=translation.file, value=key or "?"
    )


def _check_keys(main: LessonFile, keys: dict[str, str], findings: list[Finding]) -> None:
    """Remark on questions without a key, with a bad one, or with one used before."""
    for item in main.items:
        place = {"line": item.line, "column": item.column}
        if item.key is None:
            findings.append(finding("question-without-key", file=main.file, **place))
        elif not KEY.match(item.key):
            findings.append(
                finding("question-key-invalid", file=main.file, value=item.key[:80], **place)
            )
        elif item.key in keys:
            other = keys[item.key]
            findings.append(
                finding("duplicate-id", file=main.file, value=item.key, other=other, **place)
            )
        else:
            keys[item.key] = f"{main.file}:{item.line}"


def _source_hash(files: LessonFiles, folder: Path) -> str:
    """Return the SHA-256 of a lesson's files in all languages and of the assets they show."""
    digest = hashlib.sha256()
    assets: set[Path] = set()
    for language in LANGUAGES:
        if language in files.by_language:
            text = files.by_language[language].text
            digest.update(f"{language}\0{text}\0".encode())
            assets.update(linked_files(text, folder))
    assets.update(video_files(files.source.fields, folder))
    for path in sorted(assets):
        digest.update(f"{path.relative_to(folder.resolve()).as_posix()}\0".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def linked_files(text: str, folder: Path) -> Iterator[Path]:
    """The files inside the course's folder that a text links to or shows, and that exist."""
    for found in _ADDRESS.finditer(text):
        address = found[1].partition("#")[0]
        if address and not is_elsewhere(address) and not address.startswith("/"):
            path = inside(folder, address)
            if path is not None:
                yield path
