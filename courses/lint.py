"""What the files of a course get right or wrong beyond what load.py needs: quality, words, links.

`check` is what authors run before they commit, and the test suite over the whole content.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path

from courses.course import SOURCE_LANGUAGE
from courses.finding import Finding, finding, in_order
from courses.lint_links import Known, link_findings
from courses.lint_quiz import given_away, quiz_findings
from courses.lint_use import use_findings
from courses.load import Reading, read_library
from courses.order import after_findings
from courses.path import read_paths
from courses.prose import Slip, count_han, slips, without_code
from courses.source import LessonFile

MINUTES = (3, 10)
HAN_CHARACTERS = (600, 1_500)
_INNER_INDENT = 4
_HEADING = re.compile(r"(#{1,6})[ \t]+\S")
_LIST = re.compile(r"( *)(?:[-*+]|\d{1,9}\.)[ \t]+\S")
_TEXT = re.compile(r"[^\s#>|!/\-*+\0\d]")
_WIDE = re.compile("(?<![\u3400-\u9fff])[，。！？：；（）、]+(?![\u3400-\u9fff])")


def check_content(content: Path, *, today: date) -> tuple[Finding, ...]:
    """Return every remark about the courses and learning paths of a content folder."""
    readings = read_library(content / "courses")
    made = [reading.course for reading in readings if reading.course is not None]
    paths = read_paths(content / "paths", courses=made)
    return in_order([*_check(readings, content / "pages", today), *paths.findings])


def check(folder: Path, *, today: date) -> tuple[Finding, ...]:
    """Return every remark about the courses under `folder`, by file and place."""
    return in_order(_check(read_library(folder), folder.parent / "pages", today))


def _check(readings: tuple[Reading, ...], pages: Path, today: date) -> list[Finding]:
    known = Known.of(readings, pages)
    fields = [reading.source.fields for reading in readings]
    found = (check_course(reading, today=today, known=known) for reading in readings)
    return [*chain.from_iterable(found), *_shared_orders(readings), *after_findings(fields)]


def check_course(
    reading: Reading, *, today: date, known: Known | None = None
) -> tuple[Finding, ...]:
    """Return every remark about one course, those of reading it included.

    `known` is what it may link to; without it, only to itself.
    """
    targets = known or Known.of([reading])
    findings = [*reading.findings, *_course(reading, today), *use_findings(reading)]
    for files in reading.source.lessons:
        for file in files.by_language.values():
            findings.extend(link_findings(file, reading, targets))
            findings.extend(_headings(file))
            findings.extend(_lists(file))
        findings.extend(_lesson(files.source))
        for translation in files.translations:
            findings.extend(_translation(translation))
    findings.extend(given_away([files.source for files in reading.source.lessons]))
    return in_order(findings)


def _course(reading: Reading, today: date) -> Iterator[Finding]:
    fields = reading.source.fields
    due = fields.values.get("review_by")
    if isinstance(due, date) and due < today:
        line, column = fields.place("review_by")
        yield finding("review-overdue", line=line, column=column, file=fields.file, value=due)
    for name in ("title", "summary"):
        texts = fields.values.get(name)
        if isinstance(texts, dict):
            line, column = fields.place(f"{name}.{SOURCE_LANGUAGE}")
            yield from _prose(str(texts.get(SOURCE_LANGUAGE, "")), fields.file, line, column)


def _lesson(file: LessonFile) -> Iterator[Finding]:
    """Check a lesson in the source language."""
    yield from _lengths(file)
    yield from _words(file)
    yield from quiz_findings(file)
    if not file.has_quiz and file.fields.values.get("required", True) is True:
        yield finding("lesson-without-quiz", line=1, file=file.file)


def _translation(file: LessonFile) -> Iterator[Finding]:
    """Check the words of an English lesson, which take no Chinese punctuation."""
    for number, line in enumerate(without_code(file.text), 1):
        for found in _WIDE.finditer(line):
            place = {"line": number, "column": found.start() + 1}
            yield finding("en-fullwidth", file=file.file, value=found[0], **place)


def _lists(file: LessonFile) -> Iterator[Finding]:
    """Check that lists are lists to our Markdown, which is stricter about them than others."""
    before = ""
    in_list = False
    for number, line in enumerate(without_code(file.body), 1):
        found = _LIST.match(line)
        if found is None:
            # A line that begins at the margin after a blank one ends the list.
            in_list = in_list and (not line.strip() or line.startswith(" ") or bool(before.strip()))
        elif not in_list and _TEXT.match(before):
            yield finding("list-joined", line=number, file=file.file)
        elif in_list and 0 < len(found[1]) < _INNER_INDENT:
            yield finding("list-indent", line=number, file=file.file, value=len(found[1]))
        in_list = in_list or (found is not None and not _TEXT.match(before))
        before = line


def _headings(file: LessonFile) -> Iterator[Finding]:
    """Check that headings begin at the second level and leave none out."""
    level = 1
    for number, line in enumerate(without_code(file.body), 1):
        found = _HEADING.match(line)
        if found is None:
            continue
        deeper = len(found[1])
        if deeper == 1 or deeper > level + 1:
            yield finding("heading-level", line=number, file=file.file, value=found[1])
        level = deeper


def _lengths(file: LessonFile) -> Iterator[Finding]:
    minutes = file.fields.values.get("minutes")
    if isinstance(minutes, int) and not MINUTES[0] <= minutes <= MINUTES[1]:
        line, column = file.fields.place("minutes")
        yield finding("minutes-range", line=line, column=column, file=file.file, value=minutes)
    count = count_han(file.body)
    if not HAN_CHARACTERS[0] <= count <= HAN_CHARACTERS[1]:
        yield finding("text-length", line=1, file=file.file, value=count)


def _words(file: LessonFile) -> Iterator[Finding]:
    """Check the copywriting of title, action, body and quiz."""
    title = file.fields.values.get("title")
    action = file.fields.values.get("action")
    yield from _prose(str(title or ""), file.file, *file.fields.place("title"))
    if isinstance(action, dict):
        place = file.fields.places.get("action.text", (1, 1))
        yield from _prose(str(action.get("text") or ""), file.file, *place)
    for slip in slips(file.body):
        yield _slip(slip, file.file)
    for slip in slips(_quiz_only(file), gift=True):
        yield _slip(slip, file.file)


def _quiz_only(file: LessonFile) -> str:
    """Return the file with only the lines of its quiz blocks, the others blank."""
    first = min((item.line for item in file.items), default=0)
    pairs = zip(file.text.split("\n"), file.body.split("\n"), strict=True)
    return "\n".join(
        line if first and number >= first and not kept and not _is_fence(line) else ""
        for number, (line, kept) in enumerate(pairs, 1)
    )


def _is_fence(line: str) -> bool:
    return line.lstrip().startswith(("```", "~~~", "//"))


def _prose(text: str, file: str, line: int, column: int) -> Iterator[Finding]:
    """Check a field's text; the place is that of the field, since YAML may fold the text."""
    for slip in slips(text):
        yield replace(_slip(slip, file), line=line, column=column)


def _slip(slip: Slip, file: str) -> Finding:
    return finding(slip.code, line=slip.line, column=slip.column, file=file, value=slip.text)


def _shared_orders(readings: tuple[Reading, ...]) -> Iterator[Finding]:
    """Remark on courses with the same order, whose sequence would be left to chance."""
    seen: set[object] = set()
    for reading in readings:
        fields = reading.source.fields
        order = fields.values.get("order")
        if order is not None and order in seen:
            line, column = fields.place("order")
            yield finding(
                "duplicate-order", line=line, column=column, file=fields.file, value=order
            )
        seen.add(order)
