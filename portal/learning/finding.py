"""Search over the courses a member may read: what is found, cut into marked pieces."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from courses.course import Course, pick
from courses.search import MAX_QUERY_CHARS, Hit, Index, Place, Span
from portal.access import Member
from portal.i18n import gettext as _
from portal.learning import rules, standing
from portal.paging import Page, Paged

__all__ = ["MAX_QUERY_CHARS", "found"]
KEPT = 32  # indexes: one for each set of versions and language that somebody searched

_indexes: dict[tuple[str, frozenset[tuple[str, str]]], Index] = {}
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text; `marked` where it is what was looked for."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A lesson, or a course with `name` None; `anchor` is the place on its page, "" for the top.

    `place_text` says where it was found.
    """

    slug: str
    name: str | None
    course_title: str
    title: Sequence[Piece]
    excerpt: Sequence[Piece]
    place_text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class FoundPage:
    """What a search found; `complete` is False when nothing had all of the words."""

    query: str
    paged: Paged[FoundRow]
    complete: bool


def found(*, member: Member, query: str, language: str, page: Page) -> FoundPage:
    """Return a page of what is found for a query, best first; nothing for one without a word.

    Searched is what the member would open: the version they learn, else the current one.
    """
    courses = {each.slug: each.course for each in standing.of_member(member)}
    told = _index(list(courses.values()), language).search(
        query, limit=page.size, offset=page.offset
    )
    titles = {slug: pick(course.title, language) for slug, course in courses.items()}
    return FoundPage(
        query=query,
        paged=Paged(rows=[_row(each, titles) for each in told.hits], total=told.total, page=page),
        complete=told.complete,
    )


def _index(courses: Sequence[Course], language: str) -> Index:
    """Return the index of these versions, built once per process."""
    key = (language, frozenset((each.id, each.version) for each in courses))
    with _lock:
        known = _indexes.get(key)
    if known is not None:
        return known
    made = Index.of(sorted(courses, key=lambda each: each.id), language=language)
    with _lock:
        if len(_indexes) >= KEPT:
            _indexes.clear()
        _indexes[key] = made
    return made


def _row(hit: Hit, titles: Mapping[str, str]) -> FoundRow:
    return FoundRow(
        slug=hit.course_id,
        name=None if hit.lesson_id is None else rules.lesson_name(hit.lesson_id),
        course_title=titles[hit.course_id],
        title=list(_pieces(hit.title, hit.title_marks)),
        excerpt=list(_pieces(hit.excerpt, hit.excerpt_marks)),
        place_text=_place_text(hit),
        anchor="quiz" if hit.question else hit.anchor or "",
    )


def _place_text(hit: Hit) -> str:
    if hit.lesson_id is None:
        return str(_("课程"))
    return str(_("小测里的题")) if hit.place is Place.QUESTION else str(_("课时"))


def _pieces(text: str, marks: Sequence[Span]) -> Iterator[Piece]:
    at = 0
    for start, end in marks:
        if start > at:
            yield Piece(text[at:start], marked=False)
        yield Piece(text[start:end], marked=True)
        at = end
    if at < len(text):
        yield Piece(text[at:], marked=False)
