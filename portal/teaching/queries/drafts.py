"""What publishing would do now: the content folder against what is published."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from courses.course import Course, pick
from courses.finding import Finding
from courses.lint import check_content
from courses.load import Library, load_library
from courses.path import LearningPath, read_paths
from courses.version import diff
from portal import i18n, tenancy
from portal.db import db
from portal.learning import paths, versions
from portal.learning.models import Enrolment
from portal.learning.paths import PathRow
from portal.teaching import rules, texts


@dataclass(frozen=True, slots=True)
class Draft:
    """A course that publishing would change: "new", "changed" or "withdrawn"."""

    slug: str
    title: str
    state: str
    old: str  # the beginning of the published version's hash, "" for a new course
    new: str
    changes: tuple[str, ...]
    effect: str
    moved: int  # learners who go along
    staying: int  # learners who keep the version that they are on


@dataclass(frozen=True, slots=True)
class PathDraft:
    """A learning path that publishing would change: "new", "changed" or "withdrawn"."""

    slug: str
    title: str
    state: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something wrong in a file, where, and what to do about it."""

    where: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class DraftPage:
    """The content folder against what is published; `digest` names what was looked at.

    With errors nothing can be published. `missing` says that there is no such folder.
    """

    drafts: Sequence[Draft]
    paths: Sequence[PathDraft]
    unchanged: int
    errors: Sequence[Remark]
    warnings: Sequence[Remark]
    digest: str
    missing: bool = False

    @property
    def publishable(self) -> bool:
        """Whether there is something to publish and nothing in its way."""
        return bool(self.drafts or self.paths) and not self.errors


@dataclass(frozen=True, slots=True)
class Reading:
    """The content folder as it was read: its courses and paths, and what is wrong there."""

    library: Library
    paths: tuple[LearningPath, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> Sequence[Finding]:
        """What keeps the folder from being published."""
        return [each for each in self.findings if each.is_error]

    @property
    def digest(self) -> str:
        """The hash of every course and path: what an author has seen is what gets published."""
        courses = sorted(f"{each.id} {each.version}" for each in self.library.courses)
        listed = "\n".join([*courses, *(f"paths/{each.id} {each.digest}" for each in self.paths)])
        return hashlib.sha256(listed.encode()).hexdigest()[:32]


def read(folder: Path, *, today: date) -> Reading | None:
    """Return what is in the content's folder of courses and beside it, None when it is missing."""
    if not folder.is_dir():
        return None
    library = load_library(folder)
    return Reading(
        library=library,
        paths=read_paths(folder.parent / "paths", courses=library.courses).paths,
        findings=check_content(folder.parent, today=today),
    )


def page(folder: Path, *, today: date) -> DraftPage:
    """Return what publishing would do now, and what is in its way."""
    reading = read(folder, today=today)
    if reading is None:
        return DraftPage((), (), 0, (), (), digest="", missing=True)
    language = i18n.language_tag()
    drafts = list(_drafts(reading.library, language))
    changed = {each.slug for each in drafts}
    return DraftPage(
        drafts=drafts,
        paths=list(_path_drafts(reading, language)),
        unchanged=sum(course.id not in changed for course in reading.library.courses),
        errors=[_remark(each, language) for each in reading.errors],
        warnings=[_remark(each, language) for each in reading.findings if not each.is_error],
        digest=reading.digest,
    )


def _remark(found: Finding, language: str) -> Remark:
    return Remark(
        where=f"{found.file}:{found.line}",
        message=found.message(language),
        fix=found.fix(language),
    )


def _drafts(library: Library, language: str) -> Iterator[Draft]:
    current = versions.current()
    published = versions.courses(list(current.values()))
    learners = _learners()
    for course in library.courses:
        row = current.get(course.id)
        if row is None:
            yield _new(course, language)
        elif row.version != course.version:
            yield _changed(published[row.id], course, learners.get(course.id, {}), language)
    for slug in sorted(current.keys() - {course.id for course in library.courses}):
        gone = published[current[slug].id]
        staying = sum(learners.get(slug, {}).values())
        yield Draft(
            slug=slug,
            title=pick(gone.title, language),
            state="withdrawn",
            old=gone.version[: rules.SHORT_HASH],
            new="",
            changes=(),
            effect=texts.withdrawn(),
            moved=0,
            staying=staying,
        )


def _new(course: Course, language: str) -> Draft:
    return Draft(
        slug=course.id,
        title=pick(course.title, language),
        state="new",
        old="",
        new=course.version[: rules.SHORT_HASH],
        changes=(),
        effect="",
        moved=0,
        staying=0,
    )


def _changed(old: Course, new: Course, learners: Mapping[int, int], language: str) -> Draft:
    """Compare with the current version; learners on older ones are compared with theirs."""
    change = diff(old, new)
    pinned = versions.courses(list(versions.by_ids(learners.keys()).values()))
    moved = sum(count for key, count in learners.items() if diff(pinned[key], new).moves_everyone)
    return Draft(
        slug=new.id,
        title=pick(new.title, language),
        state="changed",
        old=old.version[: rules.SHORT_HASH],
        new=new.version[: rules.SHORT_HASH],
        changes=texts.changes(change, old=old, new=new, language=language),
        effect=texts.effect(change),
        moved=moved,
        staying=sum(learners.values()) - moved,
    )


def _path_drafts(reading: Reading, language: str) -> Iterator[PathDraft]:
    known = {each.slug: each for each in paths.published()}
    courses = {each.id: pick(each.title, language) for each in reading.library.courses}
    for given in reading.paths:
        before = known.get(given.id)
        if before is None:
            state, changes = "new", texts.new_path(given, courses=courses)
        elif before.digest != given.digest:
            state, changes = "changed", texts.path_changes(before, given, courses=courses)
        else:
            continue
        yield PathDraft(given.id, pick(given.title, language), state, changes)
    for slug in sorted(known.keys() - {each.id for each in reading.paths}):
        yield _withdrawn_path(known[slug], language)


def _withdrawn_path(path: PathRow, language: str) -> PathDraft:
    return PathDraft(path.slug, pick(path.title, language), "withdrawn", ())


def _learners() -> Mapping[str, Mapping[int, int]]:
    """Return how many are on which version, by course."""
    found: dict[str, Counter[int]] = {}
    with tenancy.for_everyone(reason="how many of every dealer's learners a change would move"):
        rows = db.session.execute(
            select(Enrolment.slug, Enrolment.course_version_id, func.count()).group_by(
                Enrolment.slug, Enrolment.course_version_id
            )
        )
        for slug, version_id, count in rows:
            found.setdefault(slug, Counter())[version_id] = count
    return found
