"""Read a course's folder: files by name, front matter, body, quiz blocks, each with its place.

Knows what the files say, not yet what it means; load.py makes a course of it, lint.py reads
the words themselves.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from courses.course import SOURCE_LANGUAGE
from courses.fields import Fields, read_fields
from courses.finding import Finding, finding
from courses.gift.model import Item
from courses.gift.parse import parse
from courses.text_file import read_text

MAX_FILES = 400
LESSON_NAME = re.compile(r"(\d{3})-([a-z0-9\-]{1,60})\.(zh-CN|en)\.md\Z")
_FENCE = re.compile(r"(?P<marks>`{3,}|~{3,})\s*(?P<info>.*?)\s*\Z")
_FRONT = "---"


@dataclass(frozen=True, kw_only=True)
class LessonFile:
    """One language of a lesson. `body` has the file's own line numbers: what is not body is blank.

    `items` are the questions of all its quiz blocks, placed in the file.
    """

    file: str
    language: str
    order: int
    text: str
    fields: Fields
    body: str
    items: tuple[Item, ...]
    has_quiz: bool


@dataclass(frozen=True, kw_only=True)
class LessonFiles:
    """A lesson in all its languages; the source language is among them."""

    order: int
    name: str
    by_language: Mapping[str, LessonFile]

    @property
    def source(self) -> LessonFile:
        """The file in the source language, which decides."""
        return self.by_language[SOURCE_LANGUAGE]

    @property
    def translations(self) -> tuple[LessonFile, ...]:
        """The files in other languages."""
        return tuple(f for f in self.by_language.values() if f.language != SOURCE_LANGUAGE)


@dataclass(frozen=True, kw_only=True)
class CourseFolder:
    """What was read of a course, and the remarks made on the way."""

    folder: Path
    fields: Fields
    lessons: tuple[LessonFiles, ...]
    findings: tuple[Finding, ...]


def read_folder(*, folder: Path) -> CourseFolder:
    """Read all files of a course; what cannot be read is a remark. Remarks name full paths."""
    findings: list[Finding] = []
    text = read_text(folder / "course.yaml", findings)
    fields = read_fields(text or "", file=str(folder / "course.yaml"))
    if text is None:
        fields.findings.clear()
    lessons = _lessons(folder, findings)
    return CourseFolder(folder=folder, fields=fields, lessons=lessons, findings=tuple(findings))


def _lessons(folder: Path, findings: list[Finding]) -> tuple[LessonFiles, ...]:
    groups: dict[tuple[int, str], dict[str, LessonFile]] = {}
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    if len(paths) > MAX_FILES:
        size = {"value": len(paths), "limit": MAX_FILES}
        findings.append(finding("folder-too-large", line=1, file=str(folder), **size))
    for path in paths[:MAX_FILES]:
        if path.name in {"course.yaml", "assets"} or path.name.startswith("."):
            continue
        named = LESSON_NAME.match(path.name)
        if named is None:
            findings.append(finding("file-name", line=1, file=str(path), value=path.name))
            continue
        text = read_text(path, findings)
        if text is not None:
            order, name, language = int(named[1]), named[2], named[3]
            found = read_lesson(text, file=str(path), language=language, order=order)
            findings.extend(found.fields.findings)
            found.fields.findings.clear()
            groups.setdefault((order, name), {})[language] = found
    return tuple(_grouped(folder, groups, findings))


def _grouped(
    folder: Path, groups: dict[tuple[int, str], dict[str, LessonFile]], findings: list[Finding]
) -> list[LessonFiles]:
    lessons = []
    for (order, name), by_language in sorted(groups.items()):
        if SOURCE_LANGUAGE in by_language:
            lessons.append(LessonFiles(order=order, name=name, by_language=by_language))
            continue
        orphan = next(iter(by_language.values()))
        wanted = folder / f"{order:03d}-{name}.{SOURCE_LANGUAGE}.md"
        findings.append(
            finding("source-language-missing", line=1, file=orphan.file, value=wanted.name)
        )
    return lessons


def read_lesson(text: str, *, file: str, language: str, order: int) -> LessonFile:
    """Take a lesson file apart; the remarks are in its `fields`."""
    lines = text.split("\n")
    end = _front_end(lines)
    if end is None:
        fields = read_fields("", file=file)
        fields.findings[:] = [finding("front-matter-missing", line=1, file=file)]
    else:
        fields = read_fields("\n".join(lines[1:end]), file=file, line=2)
    start = 0 if end is None else end + 1
    body = [""] * start + lines[start:]
    blocks = _take_gift(body, file, fields.findings)
    items: list[Item] = []
    for first, gift in blocks:
        # Blank lines before the block give its questions the line numbers of the file.
        parsed = parse("\n" * first + gift)
        items.extend(parsed.items)
        fields.findings.extend(found.moved(file=file, lines=0) for found in parsed.findings)
    return LessonFile(
        file=file,
        language=language,
        order=order,
        text=text,
        fields=fields,
        body="\n".join(body),
        items=tuple(items),
        has_quiz=bool(blocks),
    )


def _front_end(lines: list[str]) -> int | None:
    """Return the index of the line that ends the front matter, None when there is none."""
    if lines[0].rstrip() != _FRONT:
        return None
    ends = (index for index, line in enumerate(lines[1:], 1) if line.rstrip() == _FRONT)
    return next(ends, None)


def _take_gift(body: list[str], file: str, findings: list[Finding]) -> list[tuple[int, str]]:
    """Blank out the ```gift blocks of `body`; return each with the number of lines before it.

    Blocks inside other fences are examples and stay.
    """
    taken: list[tuple[int, str]] = []
    index = 0
    while index < len(body):
        opened = _FENCE.match(body[index])
        if opened is None:
            index += 1
            continue
        end = _fence_end(body, index, opened["marks"])
        if opened["info"] == "gift":
            if end is None:
                findings.append(finding("gift-fence-unclosed", line=index + 1, file=file))
            stop = len(body) if end is None else end
            taken.append((index + 1, "\n".join(body[index + 1 : stop])))
            body[index : stop + 1] = [""] * len(body[index : stop + 1])
        index = len(body) if end is None else end + 1
    return taken


def _fence_end(body: list[str], start: int, marks: str) -> int | None:
    """Return the index of the line that closes a fence: the same mark, at least as often."""
    for index in range(start + 1, len(body)):
        line = body[index].rstrip()
        if len(line) >= len(marks) and not line.strip(marks[0]):
            return index
    return None
