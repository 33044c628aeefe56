"""Bring a GIFT file's questions into a course: as a new lesson, or at the end of one.

Other systems give questions titles for people; here a key has to be short and unique in the
course, so a title that is no key gets one, and the author is told which.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from courses.finding import Finding
from courses.gift.model import FreeText, Item
from courses.gift.parse import parse
from courses.gift.write import to_gift
from courses.load import KEY, read_course
from courses.source import LESSON_NAME
from courses.text_file import read_text

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_TICKS = re.compile(r"`{3,}")
_STEP = 10


class CannotImport(ValueError):
    """The questions cannot go where they were sent; the message says why, in both languages."""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """The questions with their keys, what was renamed (title, key), and the file's remarks."""

    items: tuple[Item, ...]
    renamed: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        """Whether a remark keeps the questions from being used."""
        return any(found.is_error for found in self.findings)

    @property
    def scored(self) -> int:
        """How many questions earn a score."""
        return sum(
            item.body is not None and not isinstance(item.body, FreeText) for item in self.items
        )


def read_gift(path: Path, *, taken: Collection[str] = (), prefix: str = "") -> Imported:
    """Read a GIFT file; keys that are none, or are `taken`, become `prefix`-01, -02, …"""
    findings: list[Finding] = []
    text = read_text(path, findings)
    parsed = parse(text or "")
    findings.extend(replace(found, file=str(path)) for found in parsed.findings)
    items, renamed = _with_keys(parsed.items, set(taken), prefix or slug(path.stem) or "q")
    return Imported(items=items, renamed=renamed, findings=tuple(findings))


def _with_keys(
    items: Sequence[Item], taken: set[str], prefix: str
) -> tuple[tuple[Item, ...], tuple[tuple[str, str], ...]]:
    named: list[Item] = []
    renamed: list[tuple[str, str]] = []
    for item in items:
        key = item.key or ""
        if not KEY.match(key) or key in taken:
            key = next(free for free in _free(prefix) if free not in taken)
            renamed.append((item.key or item.stem.text[:30], key))
        taken.add(key)
        named.append(replace(item, key=key))
    return tuple(named), tuple(renamed)


def _free(prefix: str) -> Iterator[str]:
    number = 1
    while True:
        yield f"{prefix}-{number:02d}"
        number += 1


def slug(text: str) -> str:
    """Return what of a text may stand in an id: small letters, digits, hyphens; '' for nothing."""
    return _NOT_SLUG.sub("-", text.lower()).strip("-")[:60].strip("-")


def import_gift(
    path: Path, *, into: Path, title: str | None = None
) -> tuple[Imported, Path | None]:
    """Put a file's questions into a course's folder or lesson; return them and the file written.

    Nothing is written when the GIFT has an error. Raises CannotImport.
    """
    lesson = into.is_file()
    folder = into.parent if lesson else into
    if not (folder / "course.yaml").is_file():
        raise CannotImport(f"{folder} 不是课程文件夹 / is no course folder")
    reading = read_course(folder)
    taken = {item.key or "" for f in reading.source.lessons for item in f.source.items}
    name = slug(path.stem) or "imported"
    imported = read_gift(path, taken=taken, prefix=name)
    if imported.has_errors:
        return imported, None
    if not imported.scored:
        raise CannotImport(f"{path} 里没有可以计分的题目 / has no question that can be scored")
    if lesson:
        return imported, _append(into, imported)
    ids = [str(f.source.fields.values.get("id")) for f in reading.source.lessons]
    number = max((f.order for f in reading.source.lessons), default=0) + _STEP
    names = {one.rpartition("/")[2] for one in ids}
    free = next(n for n in chain([name], _free(name)) if n not in names)
    target = folder / f"{number:03d}-{free}.zh-CN.md"
    target.write_text(_lesson(folder.name, free, title or path.stem, imported), encoding="utf-8")
    return imported, target


def _append(lesson: Path, imported: Imported) -> Path:
    named = LESSON_NAME.match(lesson.name)
    if named is None or named[3] != "zh-CN":
        raise CannotImport(f"{lesson} 不是 zh-CN 课时文件 / is no lesson file in zh-CN")
    text = lesson.read_text(encoding="utf-8").rstrip("\n")
    lesson.write_text(f"{text}\n\n{fenced(imported.items)}", encoding="utf-8")
    return lesson


def _lesson(course: str, name: str, title: str, imported: Imported) -> str:
    asked = imported.scored
    needed = -(-asked * 3 // 4)
    quoted = title.replace("\\", "").replace('"', "”")
    return (
        f'---\nid: {course}/{name}\ntitle: "{quoted}"\nminutes: 5\nkpi: []\n'
        f"pass: {{rule: m_of_n, m: {needed}, n: {asked}}}\n---\n\n{fenced(imported.items)}"
    )


def fenced(items: Sequence[Item]) -> str:
    """Return questions as a ```gift block, its fence longer than any inside."""
    gift = to_gift([replace(item, category=None) for item in items])
    longest = max((len(ticks) for ticks in _TICKS.findall(gift)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}gift\n{gift}{fence}\n"
