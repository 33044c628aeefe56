"""Learning paths: courses in an order that somebody recommends, one YAML file each.

`content/paths/<id>.yaml` has id, title, summary, courses and ordered. A path is not versioned:
it names courses, and each of them carries its own version.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from courses.course import Course, Texts
from courses.fields import SLUG, Fields, read_fields
from courses.finding import Finding, finding, in_order
from courses.text_file import read_text

_FIELDS = ("id", "title", "summary", "courses", "ordered")
_NAME = re.compile(r"[a-z0-9][a-z0-9\-]{0,59}\.yaml\Z")


@dataclass(frozen=True, kw_only=True)
class LearningPath:
    """Courses by id, in the path's order; when `ordered`, each waits for the one before it."""

    id: str
    title: Texts
    summary: Texts
    courses: tuple[str, ...]
    ordered: bool

    @property
    def digest(self) -> str:
        """The hash of all that the path says: the same words in the same order, the same hash."""
        said = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Paths:
    """All paths of a folder without errors, by id, and every remark."""

    paths: tuple[LearningPath, ...]
    findings: tuple[Finding, ...]


def read_paths(folder: Path, *, courses: Sequence[Course]) -> Paths:
    """Read the paths under `folder`, content/paths; a folder that is absent holds none.

    `courses` are those that a path may name.
    """
    found: list[LearningPath] = []
    findings: list[Finding] = []
    known = {course.id: course for course in courses}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith("."):
            continue
        made, remarks = _read(path, known)
        findings.extend(remarks)
        if made is not None:
            found.append(made)
    return Paths(paths=tuple(found), findings=in_order(findings))


def _read(
    path: Path, known: Mapping[str, Course]
) -> tuple[LearningPath | None, tuple[Finding, ...]]:
    findings: list[Finding] = []
    if not _NAME.match(path.name):
        return None, (finding("path-file-name", line=1, file=str(path), value=path.name),)
    text = read_text(path, findings)
    if text is None:
        return None, tuple(findings)
    fields = read_fields(text, file=str(path))
    made = _path(fields, path, known)
    valid = not any(found.is_error for found in fields.remarks)
    return made if valid else None, fields.remarks


def _path(fields: Fields, file: Path, known: Mapping[str, Course]) -> LearningPath:
    fields.only(*_FIELDS)
    made = LearningPath(
        id=fields.slug("id"),
        title=fields.texts("title"),
        summary=fields.texts("summary"),
        courses=_courses(fields, known),
        ordered=fields.flag("ordered", default=True),
    )
    if made.id and made.id != file.stem:
        fields.remark("path-id-file", "id", value=made.id, expected=file.stem)
    if made.ordered:
        _check_order(fields, made.courses, known)
    return made


def _courses(fields: Fields, known: Collection[str]) -> tuple[str, ...]:
    given = fields.values.get("courses")
    if isinstance(given, list) and all(isinstance(n, str) and SLUG.match(n) for n in given):
        for name in dict.fromkeys(given):
            if given.count(name) > 1:
                fields.remark("path-course-twice", "courses", value=name)
            if name not in known:
                fields.remark("path-course-unknown", "courses", value=name)
        if not given:
            fields.invalid("courses", "[slug, …]")
        return tuple(given)
    return fields.slugs("courses")


def _check_order(fields: Fields, names: Sequence[str], known: Mapping[str, Course]) -> None:
    """Remark on a course that stands before one of its own prerequisites."""
    for at, name in enumerate(names):
        later = names[at + 1 :]
        for before in known[name].after if name in known else ():
            if before in later:
                fields.remark("path-order", "courses", value=name, expected=before)
