"""Where the links and pictures of a lesson lead: within the page, the library, or nowhere.

A lesson is shown at /courses/<course>/<lesson>, so that `assets/a.svg` and `layering` beside it
and `../other-101/timing` lead where they would lead in the reader's browser.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from courses.course import SOURCE_LANGUAGE
from courses.finding import Finding, finding
from courses.load import Reading
from courses.prose import without_code
from courses.render import is_elsewhere
from courses.source import LessonFile

_NO_ALT = re.compile(r"!\[\s*\]\(")
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(\s*<?([^)\s>]*)")
_REFERENCE = re.compile(r"^\s{0,3}\[[^\]^][^\]]*\]:\s+<?([^\s>]+)")
_ID = re.compile(r'<[a-z0-9]+[^>]*\bid="([^"]*)"')
_SAYS_NOTHING = {"这里", "点这里", "点击这里", "此处", "链接", "here", "click here", "link", "this"}
_FIXED = {"complete"}
_UNKNOWN = frozenset({"*"})
"""The ids of a page that is not ours to read, or of a course that has errors."""

Anchors = Mapping[str, frozenset[str]]
"""For each language of a lesson the ids on its page."""


@dataclass(frozen=True)
class Known:
    """What can be linked to: lessons by course, and pages; `pages` None when none were read."""

    folders: Mapping[str, Path]
    lessons: Mapping[str, Mapping[str, Anchors]]
    pages: frozenset[str] | None

    @classmethod
    def of(cls, readings: Sequence[Reading], pages: Path | None = None) -> "Known":
        """Collect it from courses as they were read; anchors only of those without errors."""
        return cls(
            folders={reading.source.folder.name: reading.source.folder for reading in readings},
            lessons={reading.source.folder.name: dict(_lessons(reading)) for reading in readings},
            pages=_pages(pages) if pages is not None and pages.is_dir() else None,
        )


def _lessons(reading: Reading) -> Iterator[tuple[str, Anchors]]:
    for files in reading.source.lessons:
        name = str(files.source.fields.values.get("id") or "").rpartition("/")[2]
        made = reading.course.lesson(f"{reading.course.id}/{name}") if reading.course else None
        html = made.html if made else {}
        yield name, {language: frozenset(_ID.findall(text)) for language, text in html.items()}


def _pages(folder: Path) -> frozenset[str]:
    return frozenset(path.name.partition(".")[0] for path in folder.glob("*.md"))


def link_findings(file: LessonFile, reading: Reading, known: Known) -> Iterator[Finding]:
    """Check the pictures and links of a body in any language."""
    lesson = str(reading_id(file)).rpartition("/")[2]
    page = f"/courses/{reading.source.folder.name}/{lesson}"
    for number, line in enumerate(without_code(file.body), 1):
        for found in _NO_ALT.finditer(line):
            place = {"line": number, "column": found.start() + 1}
            yield finding("image-without-alt", file=file.file, **place)
        for column, address in _addresses(line):
            code, value = _verdict(address, page, file.language, known)
            if code:
                yield finding(code, line=number, column=column, file=file.file, value=value)
        for found in _LINK.finditer(line):
            if not found[1] and found[2].strip().lower() in _SAYS_NOTHING:
                place = {"line": number, "column": found.start(2) + 1}
                yield finding("link-says-nothing", file=file.file, value=found[2], **place)


def reading_id(file: LessonFile) -> object:
    """Return the id that a lesson's file gives itself."""
    return file.fields.values.get("id") or ""


def _addresses(line: str) -> Iterator[tuple[int, str]]:
    for found in _LINK.finditer(line):
        yield found.start(3) + 1, found[3]
    for found in _REFERENCE.finditer(line):
        yield found.start(1) + 1, found[1]


def _verdict(address: str, page: str, language: str, known: Known) -> tuple[str, str]:
    """Return the code of what is wrong with an address, '' when it leads somewhere."""
    if not address:
        return "dead-link", address
    if is_elsewhere(address):
        return ("link-insecure", address) if address.lower().startswith("http:") else ("", "")
    if address.endswith(".md"):
        return "link-to-file", address
    parts = urlsplit(urljoin(page, address))
    anchors = _target(unquote(parts.path), language, known)
    if anchors is None:
        return "dead-link", address
    wanted = unquote(parts.fragment)
    if wanted and anchors is not _UNKNOWN and wanted not in anchors:
        return "dead-anchor", wanted
    return "", ""


def _target(path: str, language: str, known: Known) -> frozenset[str] | None:
    """Return the ids on the page at a path, none for what has none, None for no such page."""
    room, *rest = path.strip("/").split("/")
    if room == "about":
        there = known.pages is None or (bool(rest) and rest[0] in known.pages)
        return _UNKNOWN if there else None
    if room != "courses" or not rest:
        return _UNKNOWN
    if rest[0] not in known.folders:
        return None
    return _in_course(rest[0], rest[1:], language, known)


def _in_course(
    course: str, rest: Sequence[str], language: str, known: Known
) -> frozenset[str] | None:
    if rest and rest[0] == "assets":
        return _UNKNOWN if _is_asset(known.folders[course], "/".join(rest)) else None
    if not rest or rest[0] in _FIXED:
        return _UNKNOWN
    anchors = known.lessons[course].get(rest[0])
    if anchors is None or len(rest) > 1:
        return None
    return anchors.get(language, anchors.get(SOURCE_LANGUAGE, _UNKNOWN))


def _is_asset(folder: Path, address: str) -> bool:
    assets = (folder / "assets").resolve()
    path = (folder / address).resolve()
    return path.is_relative_to(assets) and path.is_file()
