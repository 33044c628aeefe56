"""Make a course of somebody's handbook: a Markdown file cut at its chapters, or a folder of them.

What a course may not do is put right and told: pictures that are not there, links that would
lead nowhere, headings of the first level. The author then shortens, asks, and translates.
"""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from courses.exchange.gift_in import CannotImport, slug
from courses.prose import count_han, without_code
from courses.render import is_elsewhere
from courses.text_file import read_text

HAN_A_MINUTE = 350
MINUTES = (1, 120)
MAX_LESSONS = 99
PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp")
_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t#]*\Z")
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(\s*<?([^)\s>]*)>?((?:\s+[\"'][^)]*)?)\)")
_PICTURE = re.compile(r"(!)\[([^\[\]]*)\]\(\s*<?([^)\s>]*)>?((?:\s+[\"'][^)]*)?)\)")
_MARKS = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|<[^<>]+>|[*_`]")
_FENCE = re.compile(r"(\s*)(`{3,}|~{3,})\s*gift\b")


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A lesson to be: where it comes from, its name in ids, its title, its Markdown."""

    source: Path
    name: str
    title: str
    body: str


@dataclass(kw_only=True)
class Course:
    """What was written: the folder, its lessons, and what had to be changed, in both languages."""

    folder: Path
    lessons: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def import_markdown(
    path: Path, *, course_id: str, into: Path, title: str | None = None, owner: str = "-"
) -> Course:
    """Write a course into the folder `into`/`course_id`. Raises CannotImport."""
    if slug(course_id) != course_id:
        raise CannotImport(f"{course_id}: a-z 0-9 -")
    folder = into / course_id
    if folder.exists():
        raise CannotImport(f"{folder} 已经存在 / exists already")
    made = Course(folder=folder)
    chapters = _chapters(path, made)
    if not chapters:
        raise CannotImport(f"{path} 里没有 Markdown 正文 / holds no Markdown text")
    folder.mkdir(parents=True)
    heading = title or _first_title(path) or course_id
    (folder / "course.yaml").write_text(_course_yaml(course_id, heading, owner), encoding="utf-8")
    names = {chapter.source.resolve(): chapter.name for chapter in reversed(chapters)}
    for number, chapter in enumerate(chapters, 1):
        file = folder / f"{number * 10:03d}-{chapter.name}.zh-CN.md"
        text = _lesson(course_id, chapter, _Links(path, names, made))
        file.write_text(text, encoding="utf-8")
        made.lessons.append(file.name)
    return made


def _chapters(path: Path, made: Course) -> Sequence[Chapter]:
    if path.is_file():
        found = list(_cut(path, _text(path, made)))
    else:
        files = sorted(path.rglob("*.md"), key=lambda file: (len(file.parts), file.as_posix()))
        found = [chapter for file in files if (chapter := _whole(file, _text(file, made)))]
    if len(found) > MAX_LESSONS:
        left = len(found) - MAX_LESSONS
        made.changed.append(f"只取前 {MAX_LESSONS} 节，略去 {left} 节 / {left} lessons left out")
    return _named(found[:MAX_LESSONS])


def _text(path: Path, made: Course) -> str:
    findings = []  # type: ignore[var-annotated]  # of Finding, as read_text says
    text = read_text(path, findings)
    made.changed.extend(f"{path}: {f.message()} / {f.message('en')}" for f in findings)
    return text or ""


def _whole(path: Path, text: str) -> Chapter | None:
    """Return a file as one lesson, its first heading as the title."""
    if not text.strip():
        return None
    title, body = _without_title(text)
    return Chapter(source=path, name=slug(path.stem), title=title or path.stem, body=body)


def _cut(path: Path, text: str) -> Iterator[Chapter]:
    """Cut a file at its headings of the second level; what stands before is a lesson as well."""
    title, body = _without_title(text)
    lines = body.split("\n")
    cuts = [
        number
        for number, line in enumerate(without_code(body))
        if (found := _HEADING.match(line)) and len(found[1]) == 2  # "## "
    ]
    first = "\n".join(lines[: cuts[0]] if cuts else lines)
    if first.strip():
        yield Chapter(source=path, name="introduction", title=title or path.stem, body=first)
    for start, end in zip(cuts, [*cuts[1:], len(lines)], strict=True):
        heading = _HEADING.match(lines[start])
        name = _plain(heading[2]) if heading else ""
        part = "\n".join(lines[start + 1 : end])
        if part.strip():
            yield Chapter(source=path, name=slug(name), title=name or path.stem, body=part)


def _without_title(text: str) -> tuple[str, str]:
    """Take the first heading off when nothing but white space stands before it."""
    lines = text.split("\n")
    at = next((number for number, line in enumerate(lines) if line.strip()), 0)
    found = _HEADING.match(lines[at])
    if found is None:
        return "", text
    return _plain(found[2]), "\n".join(lines[at + 1 :])


def _named(chapters: Sequence[Chapter]) -> Sequence[Chapter]:
    """Give every chapter a name of its own; Chinese headings leave no letters for an id."""
    taken: set[str] = {"assets", "complete", "enrol", "renew"}
    named: list[Chapter] = []
    for number, chapter in enumerate(chapters, 1):
        name = chapter.name[:50] or f"part-{number:02d}"
        name = name if name not in taken else f"{name}-{number:02d}"
        taken.add(name)
        named.append(replace(chapter, name=name))
    return named


def _first_title(path: Path) -> str:
    start = path if path.is_file() else path / "README.md"
    text = start.read_text(encoding="utf-8-sig", errors="replace") if start.is_file() else ""
    return _without_title(text)[0]


def _plain(text: str) -> str:
    """Return a heading without the marks of Markdown and HTML."""
    return " ".join(_MARKS.sub(lambda found: found[1] or "", text).split())[:200]


def _course_yaml(course_id: str, title: str, owner: str) -> str:
    shown = _quoted(title)
    return (
        f"id: {course_id}\ntitle: {{zh-CN: {shown}}}\nsummary: {{zh-CN: {shown}}}\nlevel: 1\n"
        "kpi: []\norder: 900\npass: {rule: all_required}\ncertificate: false\n"
        f"owner: {_quoted(owner)}\nreview_by: 2099-12-31\nlanguages: [zh-CN]\n"
    )


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _lesson(course_id: str, chapter: Chapter, links: "_Links") -> str:
    body = links.mended(chapter)
    minutes = max(MINUTES[0], min(MINUTES[1], round(count_han(body) / HAN_A_MINUTE)))
    return (
        f"---\nid: {course_id}/{chapter.name}\ntitle: {_quoted(chapter.title)}\n"
        f"minutes: {minutes}\nkpi: []\n---\n\n{body.strip()}\n"
    )


@dataclass(frozen=True)
class _Links:
    """Puts right what a chapter links to and shows; `names` are lessons by their source."""

    root: Path
    names: Mapping[Path, str]
    made: Course

    def mended(self, chapter: Chapter) -> str:
        """Return the body with its headings, links and pictures as a lesson may have them."""
        lines = chapter.body.split("\n")
        # Code keeps its links: they are examples.
        for number, shown in enumerate(without_code(chapter.body)):
            if "\0" not in shown or "](" in shown:
                lines[number] = self._line(lines[number], shown, chapter)
            if _FENCE.match(lines[number]):
                lines[number] = lines[number].replace("gift", "text")
        return "\n".join(lines)

    def _line(self, line: str, shown: str, chapter: Chapter) -> str:
        heading = _HEADING.match(shown)
        if heading and len(heading[1]) == 1:
            line = f"#{line}"
            shown = f"#{shown}"
        # Pictures first: one may stand inside a link.
        line = self._replaced(_PICTURE, line, shown, chapter)
        return self._replaced(_LINK, line, next(without_code(line)), chapter)

    def _replaced(self, pattern: re.Pattern[str], line: str, shown: str, chapter: Chapter) -> str:
        parts: list[str] = []
        end = 0
        for found in pattern.finditer(shown):
            parts.append(line[end : found.start()])
            parts.append(self._link(found, line, chapter))
            end = found.end()
        return "".join([*parts, line[end:]])

    def _link(self, found: re.Match[str], line: str, chapter: Chapter) -> str:
        text = line[found.start(2) : found.end(2)]
        address = found[3]
        if found[1]:
            mended = address.startswith("assets/") and found.re is _LINK
            return found[0] if mended else self._picture(text, address, chapter)
        if address and is_elsewhere(address):
            return line[found.start() : found.end()]
        target = self._file(address, chapter)
        name = self.names.get(target) if target else None
        # Anchors of other systems are not ours, so a link goes to the lesson as a whole.
        if name is not None and not address.startswith("#"):
            return f"[{text}]({name})"
        self._note(chapter, f"链接变成文字 / link becomes text: {address}")
        return text

    def _picture(self, alt: str, address: str, chapter: Chapter) -> str:
        shown = alt.strip() or _plain(Path(unquote(urlsplit(address).path)).stem) or "图"
        path = self._file(address, chapter)
        if is_elsewhere(address) or path is None or path.suffix.lower() not in PICTURES:
            self._note(chapter, f"图片没有带过来 / picture left out: {address}")
            return f"（图：{shown}）"
        assets = self.made.folder / "assets"
        assets.mkdir(exist_ok=True)
        target = assets / f"{slug(path.stem) or 'picture'}{path.suffix.lower()}"
        if target.exists() and target.read_bytes() != path.read_bytes():
            target = assets / f"{chapter.name}-{target.name}"
        shutil.copyfile(path, target)
        return f"![{shown}](assets/{target.name})"

    def _file(self, address: str, chapter: Chapter) -> Path | None:
        """Return the file of the handbook that an address names, None when there is none."""
        path = unquote(urlsplit(address).path)
        if not path:
            return None
        base = self.root if self.root.is_dir() else self.root.parent
        start = base / path.lstrip("/") if path.startswith("/") else chapter.source.parent / path
        found = start.resolve()
        return found if found.is_relative_to(base.resolve()) and found.is_file() else None

    def _note(self, chapter: Chapter, text: str) -> None:
        self.made.changed.append(f"{chapter.source}: {text}")
