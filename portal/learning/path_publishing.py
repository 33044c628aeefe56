"""Writes: publish the learning paths of the content folder, and retire those that are gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from courses.path import LearningPath as Given
from portal.db import db
from portal.learning.models import LearningPath


@dataclass(frozen=True, slots=True)
class PathsPublished:
    """What a publication changed: slugs of paths."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything changed."""
        return bool(self.new or self.changed or self.withdrawn)


def publish(*, paths: Sequence[Given], at: datetime) -> PathsPublished:
    """Make `paths` the published ones, in this order; the same again changes nothing.

    Who had begun a path that is gone still finds it; nobody else does.
    """
    known = {row.slug: row for row in db.session.scalars(select(LearningPath))}
    before = {slug: row.digest for slug, row in known.items() if row.current}
    for position, given in enumerate(paths):
        _put(known.get(given.id), given, position=position, at=at)
    given_slugs = {given.id for given in paths}
    withdrawn = sorted(before.keys() - given_slugs)
    for slug in withdrawn:
        known[slug].current = False
    db.session.flush()
    return PathsPublished(
        new=tuple(given.id for given in paths if given.id not in before),
        changed=tuple(g.id for g in paths if before.get(g.id, g.digest) != g.digest),
        withdrawn=tuple(withdrawn),
    )


def _put(row: LearningPath | None, given: Given, *, position: int, at: datetime) -> None:
    if row is None:
        row = LearningPath(slug=given.id, digest="")
        db.session.add(row)
    row.position, row.current = position, True
    if row.digest == given.digest:
        return
    row.title, row.summary = dict(given.title), dict(given.summary)
    row.courses, row.ordered = list(given.courses), given.ordered
    row.digest, row.published_at = given.digest, at
