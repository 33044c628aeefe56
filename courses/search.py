"""Search in courses, lessons and questions: Chinese without a dictionary, the same every time.

Words of Chinese are not set apart, so what was typed is looked for as it stands; a longer
phrase that nobody wrote is cut into pairs of characters. Pure: the portal gives the courses
that a reader may see and shows what is found. What would give an answer away (right answers,
feedback, explanations) is not searched.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import accumulate
from math import ceil

from courses.course import (
    Course,
    Lesson,
    Matching,
    MultipleChoice,
    Question,
    SingleChoice,
    Texts,
    pick,
)
from courses.plain import plain_text, text_blocks

MAX_QUERY_CHARS = 100
MAX_TERMS = 8
EXCERPT_CHARS = 80
_LEAD_CHARS = 20  # of an excerpt, before the first match
_MOST_COUNTED = 5
_TERM = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+|[^\W\u3400-\u4dbf\u4e00-\u9fff_]+")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_ASKING = re.compile(
    "为什么|怎么样|怎么办|怎么|怎样|如何|什么|哪些|哪个|多少|请问|能不能|可不可以|可以|是否|是不是"
    "|的|了|吗|呢|把|给|要|我|你|和|与|在|有"
)
_PAIR = 2
_ENOUGH_PAIRS = 0.6

Span = tuple[int, int]


class Place(IntEnum):
    """Where something was found; the greater, the more it says what a lesson is about."""

    QUESTION = 1
    TEXT = 3
    HEADING = 9
    TITLE = 27


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A piece of text; `anchor` is the id of its section on the page, `question` its key."""

    place: Place
    text: str
    anchor: str | None = None
    question: str | None = None


@dataclass(frozen=True, kw_only=True)
class Document:
    """A lesson, or a course with `lesson_id` None; passages by place, the best first."""

    course_id: str
    lesson_id: str | None
    title: str
    sequence: tuple[int, str, int]
    passages: tuple[Passage, ...]
    folded: str
    starts: tuple[int, ...]

    def folded_passage(self, at: int) -> str:
        """Return the text of a passage as it is compared with what was typed."""
        start = self.starts[at]
        return self.folded[start : start + len(self.passages[at].text)]

    def passage_at(self, offset: int) -> tuple[Passage, int]:
        """Return the passage at an offset of `folded`, and the offset within it."""
        at = bisect_right(self.starts, offset) - 1
        return self.passages[at], offset - self.starts[at]


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A lesson or course that was found; spans are half-open, in characters of their text."""

    course_id: str
    lesson_id: str | None
    title: str
    title_marks: tuple[Span, ...]
    place: Place
    excerpt: str
    excerpt_marks: tuple[Span, ...]
    anchor: str | None
    question: str | None


@dataclass(frozen=True, kw_only=True)
class Found:
    """A page of hits out of `total`; not `complete` when nothing had all of the words."""

    hits: tuple[Hit, ...]
    total: int
    terms: tuple[str, ...]
    complete: bool


@dataclass(frozen=True)
class _Term:
    """A word of the query, and the pairs it may be cut into; none for a short or Latin word."""

    word: str
    pairs: tuple[str, ...]
    latin: bool


@dataclass(frozen=True)
class _Match:
    """How well a term is met: its best place, how often, and what of it was found."""

    place: Place
    count: int
    found: tuple[str, ...]
    whole: bool


@dataclass(frozen=True)
class Index:
    """Documents to search; building it again takes some milliseconds per course."""

    documents: tuple[Document, ...]

    @classmethod
    def of(cls, courses: Iterable[Course], *, language: str) -> "Index":
        """Return the index of courses in a language; what is not translated is in Chinese."""
        return cls(tuple(doc for course in courses for doc in documents(course, language)))

    def search(self, query: str, *, limit: int = 20, offset: int = 0) -> Found:
        """Return the hits from `offset`, best first; none for a query without a word."""
        terms = tuple(_terms(query))
        rated = sorted(_rated(self.documents, terms), key=lambda rating: rating[0])
        complete = bool(rated) and rated[0][0][0] == 0
        # Once something has every word, what has only some of them is noise.
        kept = [rating for rating in rated if rating[0][0] == 0] if complete else rated
        return Found(
            hits=tuple(_hit(doc, found) for _, doc, found in kept[offset : offset + limit]),
            total=len(kept),
            terms=tuple(term.word for term in terms),
            complete=complete or not terms,
        )


def documents(course: Course, language: str) -> tuple[Document, ...]:
    """Return what can be found of a course: itself, and each of its lessons."""
    own = [
        Passage(place=Place.TITLE, text=pick(course.title, language)),
        Passage(place=Place.TEXT, text=pick(course.summary, language)),
    ]
    first = _document(course, None, pick(course.title, language), own)
    lessons = (
        _document(course, lesson, pick(lesson.title, language), list(_passages(lesson, language)))
        for lesson in course.lessons
    )
    return first, *lessons


def fold(text: str) -> str:
    """Return `text` without differences of case and width, of the same length."""
    return "".join(map(_fold_one, text)) if not text.isascii() else text.lower()


def _fold_one(sign: str) -> str:
    if "\u4e00" <= sign <= "\u9fff":
        return sign
    folded = unicodedata.normalize("NFKC", sign).casefold()
    # Places in the folded text must be places in the text: ﬁ and ß stay as they are.
    return folded if len(folded) == 1 else sign


def _document(
    course: Course, lesson: Lesson | None, title: str, passages: list[Passage]
) -> Document:
    kept = tuple(sorted((p for p in passages if p.text), key=lambda p: -p.place))
    starts = accumulate((len(passage.text) + 1 for passage in kept[:-1]), initial=0)
    return Document(
        course_id=course.id,
        lesson_id=lesson.id if lesson else None,
        title=title,
        sequence=(course.order, course.id, lesson.order if lesson else -1),
        passages=kept,
        # No word crosses a line break, so nothing is found across two passages.
        folded=fold("\n".join(passage.text for passage in kept)),
        starts=tuple(starts),
    )


def _passages(lesson: Lesson, language: str) -> Iterator[Passage]:
    yield Passage(place=Place.TITLE, text=pick(lesson.title, language))
    for block in text_blocks(pick(lesson.html, language)):
        place = Place.HEADING if block.heading else Place.TEXT
        yield Passage(place=place, text=block.text, anchor=block.anchor)
    if lesson.action is not None:
        yield Passage(place=Place.TEXT, text=pick(lesson.action.text, language))
    for question in lesson.quiz.questions if lesson.quiz else ():
        text = " ".join(plain_text(pick(part, language)) for part in _asked(question))
        yield Passage(place=Place.QUESTION, text=text, question=question.key)


def _asked(question: Question) -> Iterator[Texts]:
    """What a question shows before it is answered."""
    yield question.html
    match question:
        case SingleChoice(options=options) | MultipleChoice(options=options):
            yield from (option.html for option in options)
        case Matching(pairs=pairs):
            yield from (pair.left for pair in pairs)
        case _:
            return


def _terms(query: str) -> Iterator[_Term]:
    words = dict.fromkeys(_TERM.findall(fold(query[:MAX_QUERY_CHARS])))
    for word in list(words)[:MAX_TERMS]:
        latin = _HAN.match(word) is None
        yield _Term(word=word, pairs=() if latin else _pairs(word), latin=latin)


def _pairs(word: str) -> tuple[str, ...]:
    """Cut a longer Chinese phrase into overlapping pairs, without the words that only ask."""
    parts = [part for part in _ASKING.split(word) if part]
    pairs = [part[at : at + _PAIR] for part in parts for at in range(max(1, len(part) - _PAIR + 1))]
    return tuple(pair for pair in dict.fromkeys(pairs) if pair != word)


_Rating = tuple[tuple[int, int, int, tuple[int, str, int]], Document, tuple[_Match, ...]]


def _rated(documents: Sequence[Document], terms: Sequence[_Term]) -> Iterator[_Rating]:
    """Each document that has any of the terms, with what it is sorted by: the smallest first."""
    for document in documents:
        found = tuple(match for term in terms if (match := _match(document, term)) is not None)
        if found:
            # A phrase found in one piece counts twice one that was put together of pairs.
            worth = sum(match.place * (2 if match.whole else 1) for match in found)
            often = sum(match.count for match in found)
            missing = len(terms) - len(found)
            yield (missing, -worth, -often, document.sequence), document, found


def _match(document: Document, term: _Term) -> _Match | None:
    start = _find(document.folded, term.word, latin=term.latin)
    if start >= 0:
        count = min(_MOST_COUNTED, document.folded.count(term.word))
        return _Match(document.passage_at(start)[0].place, count, (term.word,), whole=True)
    found = _found_pairs(document.folded, term.pairs)
    if not found:
        return None
    # As good as its worst place: a title with half of the words is not what was asked for.
    place = min(document.passage_at(at)[0].place for at in found.values())
    return _Match(place, 1, tuple(found), whole=False)


def _found_pairs(text: str, pairs: Sequence[str]) -> dict[str, int]:
    """Return where the pairs stand, nothing unless enough of them do."""
    found: dict[str, int] = {}
    spare = len(pairs) - ceil(_ENOUGH_PAIRS * len(pairs))
    for pair in pairs:
        at = text.find(pair)
        if at >= 0:
            found[pair] = at
            continue
        spare -= 1
        if spare < 0:
            return {}
    return found


def _find(text: str, word: str, *, latin: bool, start: int = 0) -> int:
    """Return where a word stands, -1 for nowhere; a Latin one only at the beginning of a word."""
    at = text.find(word, start)
    while latin and at > 0 and text[at - 1].isascii() and text[at - 1].isalnum():
        at = text.find(word, at + 1)
    return at


def _hit(document: Document, matches: Sequence[_Match]) -> Hit:
    words = [word for match in matches for word in match.found]
    passage, at = _shown(document, words)
    excerpt, lead = _window(passage.text, at) if passage else ("", 0)
    marks = _marks(excerpt[lead:], words)
    return Hit(
        course_id=document.course_id,
        lesson_id=document.lesson_id,
        title=document.title,
        title_marks=_marks(document.title, words),
        place=max(match.place for match in matches),
        excerpt=excerpt,
        excerpt_marks=tuple((start + lead, end + lead) for start, end in marks),
        anchor=passage.anchor if passage else None,
        question=passage.question if passage else None,
    )


def _shown(document: Document, words: Sequence[str]) -> tuple[Passage | None, int]:
    """Return the passage to show below the title, and where: the first with most of the words."""
    below = [at for at, p in enumerate(document.passages) if p.place is not Place.TITLE]
    # A heading alone says less than a sentence, so it is shown only when no sentence has a word.
    inner = [at for at in below if document.passages[at].place is not Place.HEADING]
    best, most, where = next(iter(inner or below), None), 0, 0
    for at in (*inner, *below):
        folded = document.folded_passage(at)
        places = [_find(folded, word, latin=_HAN.match(word) is None) for word in words]
        found = [place for place in places if place >= 0]
        if len(found) > most:
            best, most, where = at, len(found), min(found)
    return None if best is None else document.passages[best], where


def _window(text: str, at: int) -> tuple[str, int]:
    """Return an excerpt around a place, and the length of the ellipsis that it begins with."""
    start = max(0, at - _LEAD_CHARS) if len(text) > EXCERPT_CHARS else 0
    start = max(0, min(start, len(text) - EXCERPT_CHARS))
    end = min(len(text), start + EXCERPT_CHARS)
    before, after = "…" if start else "", "…" if end < len(text) else ""
    return f"{before}{text[start:end]}{after}", len(before)


def _marks(text: str, words: Sequence[str]) -> tuple[Span, ...]:
    """Return the places of the words in a text, joined where they touch, in order."""
    folded = fold(text)
    spans: list[Span] = []
    for word in words:
        latin = _HAN.match(word) is None
        at = _find(folded, word, latin=latin)
        while at >= 0:
            spans.append((at, at + len(word)))
            at = _find(folded, word, latin=latin, start=at + len(word))
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
