"""What the files of a course get right or wrong beyond what load.py needs: quality, words, links.

`check` is what authors run before they commit, and the test suite over the whole content.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from courses.course import SOURCE_LANGUAGE
from courses.finding import Finding, finding, in_order
from courses.gift.model import Choices, Item, Numbers, Truth, Words
from courses.load import Reading, read_library
from courses.order import after_findings
from courses.prose import Slip, count_han, slips, without_code
from courses.render import is_elsewhere
from courses.source import LessonFile

MINUTES = (3, 10)
HAN_CHARACTERS = (600, 1_500)
_NO_ALT = re.compile(r"!\[\s*\]\(")
_LINK = re.compile(r"\]\(\s*<?([^)\s>]*)")


def check(folder: Path, *, today: date) -> tuple[Finding, ...]:
    """Return every remark about the courses under `folder`, by file and place."""
    readings = read_library(folder)
    findings = [found for reading in readings for found in check_course(reading, today=today)]
    fields = [reading.source.fields for reading in readings]
    return in_order([*findings, *_shared_orders(readings), *after_findings(fields)])


def check_course(reading: Reading, *, today: date) -> tuple[Finding, ...]:
    """Return every remark about one course, those of reading it included."""
    findings = [*reading.findings, *_course(reading, today)]
    for files in reading.source.lessons:
        for file in files.by_language.values():
            findings.extend(_links(file, reading.source.folder))
        findings.extend(_lesson(files.source))
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
    for item in file.items:
        yield from _question(item, file.file)


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


def _links(file: LessonFile, folder: Path) -> Iterator[Finding]:
    """Check the pictures and links of a body in any language."""
    for number, line in enumerate(without_code(file.body), 1):
        for found in _NO_ALT.finditer(line):
            column = found.start() + 1
            yield finding("image-without-alt", line=number, column=column, file=file.file)
        for found in _LINK.finditer(line):
            if not _leads_somewhere(found[1], folder):
                column = found.start(1) + 1
                yield finding(
                    "dead-link", line=number, column=column, file=file.file, value=found[1]
                )


def _leads_somewhere(address: str, folder: Path) -> bool:
    """Say whether an address leads elsewhere, within the page, or to a file of the course."""
    if address.startswith(("#", "/")) or is_elsewhere(address):
        return True
    inside = folder.resolve()
    path = (inside / address.partition("#")[0]).resolve()
    return bool(address) and path.is_relative_to(inside) and path.is_file()


def _question(item: Item, file: str) -> Iterator[Finding]:
    if item.body is None:
        return
    place = {"line": item.line, "column": item.column}
    key = item.key or "?"
    if item.general is None:
        yield finding("question-without-explanation", file=file, value=key, **place)
    if not _has_all_feedback(item):
        yield finding("option-without-feedback", file=file, value=key, **place)
    if isinstance(item.body, Choices) and item.body.several:
        wrong = [choice for choice in item.body.choices if not choice.percent]
        right = [choice for choice in item.body.choices if (choice.percent or Decimal(0)) > 0]
        if wrong and len(wrong) + len(right) == len(item.body.choices):
            yield finding("several-without-penalty", file=file, value=key, **place)


def _has_all_feedback(item: Item) -> bool:
    match item.body:
        case Choices(choices=answers) | Words(answers=answers):
            return all(answer.feedback is not None for answer in answers)
        case Numbers(answers=ranges):
            return all(answer.feedback is not None for answer in ranges)
        case Truth(feedback_wrong=wrong, feedback_right=right):
            return wrong is not None and right is not None
        case _:
            return True


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
