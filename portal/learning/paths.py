"""Learning paths as they are published, and where a member stands on them.

Nothing of it is stored: a path's progress follows from that of its courses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from courses.course import Texts
from portal.db import db
from portal.learning import rules
from portal.learning.models import LearningPath
from portal.learning.standing import Standing

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PathRow:
    """A path as its file says; `current` is False once the file is gone."""

    slug: str
    title: Texts
    summary: Texts
    courses: Sequence[str]
    ordered: bool
    digest: str
    current: bool


@dataclass(frozen=True, slots=True)
class Walk:
    """A path for one member: those of its courses that the member can open, in its order."""

    path: PathRow
    courses: Sequence[Standing]

    @property
    def begun(self) -> bool:
        """Whether the member has enrolled in one of its courses."""
        return any(each.enrolment is not None for each in self.courses)

    @property
    def complete(self) -> frozenset[str]:
        """The slugs of the courses that are complete."""
        return frozenset(each.slug for each in self.courses if each.progress.completed)

    @property
    def next(self) -> Standing | None:
        """The course under way (the one worked on last), else the first one not complete.

        None when all are complete.
        """
        unfinished = [each for each in self.courses if not each.progress.completed]
        under_way = [each for each in unfinished if each.enrolment is not None]
        if under_way:
            return max(under_way, key=lambda each: each.last_at or _BEFORE_ALL)
        return next(iter(unfinished), None)

    @property
    def last_at(self) -> datetime:
        """When the member was last at one of its courses; long ago for who never was."""
        return max((each.last_at or _BEFORE_ALL for each in self.courses), default=_BEFORE_ALL)


_ROWS = select(
    LearningPath.slug,
    LearningPath.title,
    LearningPath.summary,
    LearningPath.courses,
    LearningPath.ordered,
    LearningPath.digest,
    LearningPath.current,
).order_by(LearningPath.position, LearningPath.slug)
_PUBLISHED = _ROWS.where(LearningPath.current)


def published() -> Sequence[PathRow]:
    """Return the paths that are published now, in their order."""
    return [PathRow(*row) for row in db.session.execute(_PUBLISHED)]


def of(slug: str) -> PathRow | None:
    """Return a path, published or retired; None when there never was one of this name."""
    row = db.session.execute(_ROWS.where(LearningPath.slug == slug)).first()
    return None if row is None else PathRow(*row)


def walk(path: PathRow, standings: Sequence[Standing]) -> Walk:
    """Return a path with its courses; one that is neither published nor begun is left out."""
    known = {each.slug: each for each in standings}
    return Walk(path=path, courses=[known[slug] for slug in path.courses if slug in known])


def walks(standings: Sequence[Standing]) -> Sequence[Walk]:
    """Return the published paths that lead anywhere for the member of `standings`."""
    found = [walk(path, standings) for path in published()]
    return [each for each in found if each.courses]


def waits(walk: Walk) -> Mapping[str, Standing]:
    """Return for each course that is better taken later the one to complete before it."""
    known = {each.slug: each for each in walk.courses}
    found = rules.waits(
        after={each.slug: each.course.after for each in walk.courses},
        complete=walk.complete,
        begun={each.slug for each in walk.courses if each.enrolment is not None},
        ordered=walk.path.ordered,
    )
    return {slug: known[before] for slug, before in found.items()}


def at_hand(standings: Sequence[Standing]) -> Standing | None:
    """Return the course to go on with or to begin; None when every course is complete.

    `standings` as standing.of_member orders them. That is the course worked on last; when none is
    under way, the next one of the path that the member is on; else the first that is not begun.
    """
    unfinished = [each for each in standings if each.state != "complete"]
    if not unfinished or unfinished[0].enrolment is not None:
        return unfinished[0] if unfinished else None
    if len(unfinished) == len(standings):
        return unfinished[0]  # nothing was ever begun, so nobody asks for paths
    on = [each for each in walks(standings) if each.begun and each.next is not None]
    followed = max(on, key=lambda each: each.last_at, default=None)
    return unfinished[0] if followed is None else followed.next
