"""Published versions as courses: read once per process, since a version never changes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sqlalchemy import select

from courses.course import Course
from courses.version import from_json
from portal.db import db
from portal.learning.models import CourseVersion

KEPT = 64  # a few courses in a few versions; each is some 100 KB


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A published version without its content."""

    id: int
    slug: str
    version: str
    published_at: datetime


_courses: dict[tuple[int, str], Course] = {}
_lock = Lock()


def current() -> Mapping[str, VersionRow]:
    """Return the current version of every published course by slug."""
    return {row.slug: row for row in _rows(only_current=True)}


def current_of(slug: str) -> VersionRow | None:
    """Return the current version of a course, None when there is none."""
    return next(iter(_rows(only_current=True, slug=slug)), None)


def published(slug: str | None = None) -> list[VersionRow]:
    """Return every version that was ever published, of one course or of all, oldest first."""
    return _rows(slug=slug)


def by_ids(ids: Collection[int]) -> Mapping[int, VersionRow]:
    """Return versions by id."""
    return {row.id: row for row in _rows(ids=ids)} if ids else {}


def _rows(
    *,
    only_current: bool = False,
    slug: str | None = None,
    version: str | None = None,
    ids: Collection[int] | None = None,
) -> list[VersionRow]:
    wanted = select(
        CourseVersion.id, CourseVersion.slug, CourseVersion.version, CourseVersion.published_at
    ).order_by(CourseVersion.slug, CourseVersion.id)
    if only_current:
        wanted = wanted.where(CourseVersion.current)
    if slug is not None:
        wanted = wanted.where(CourseVersion.slug == slug)
    if version is not None:
        wanted = wanted.where(CourseVersion.version == version)
    if ids is not None:
        wanted = wanted.where(CourseVersion.id.in_(ids))
    return [VersionRow(*row) for row in db.session.execute(wanted)]


def of(*, slug: str, version: str) -> Course | None:
    """Return one version of a course, current or not; None when it was never published."""
    row = next(iter(_rows(slug=slug, version=version)), None)
    return None if row is None else course(row)


def courses(rows: Collection[VersionRow]) -> Mapping[int, Course]:
    """Return the courses of versions by version id; one query for all that are not known yet."""
    with _lock:
        known = {row.id: _courses.get((row.id, row.version)) for row in rows}
    found = {key: course for key, course in known.items() if course is not None}
    missing = known.keys() - found.keys()
    return {**found, **_read(missing)} if missing else found


def course(row: VersionRow) -> Course:
    """Return the course of a version."""
    return courses([row])[row.id]


def _read(ids: Collection[int]) -> Mapping[int, Course]:
    rows = db.session.execute(
        select(CourseVersion.id, CourseVersion.version, CourseVersion.body)
        .where(CourseVersion.id.in_(ids))
        .order_by(CourseVersion.id)
    )
    read = {(row.id, row.version): from_json(row.body) for row in rows}
    with _lock:
        if len(_courses) + len(read) > KEPT:
            _courses.clear()
        _courses.update(read)
    return {version_id: course for (version_id, _), course in read.items()}
