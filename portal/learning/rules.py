"""Which questions a learner gets, whether they are answered, and what comes after a lesson."""

import hashlib
import re
from collections.abc import Mapping, Sequence, Set
from enum import StrEnum

from courses.course import Course, Essay, Matching, Question, Quiz
from courses.grade import Chosen, Matched, Replied, Response, Typed, field_name, grade
from courses.progress import Progress

# Addresses under /courses/<course>/ that are not lessons.
RESERVED_NAMES = frozenset({"assets", "complete", "enrol", "renew", "seen"})
# Addresses right under /courses/ that are not courses.
RESERVED_COURSES = frozenset({"notes", "paths", "questions", "search"})
_NAME = re.compile(r"[a-z0-9\-]{1,80}\Z")
ESSAY_CHARS = 2000
STUCK_ATTEMPTS = 2  # from here on the page offers a consultant


class EventKind(StrEnum):
    """What a learner did in a lesson."""

    OPENED = "opened"
    READ = "read"
    ANSWERED = "answered"


class ReportState(StrEnum):
    """Where a report that a lesson is wrong stands."""

    OPEN = "open"
    MENDED = "mended"
    DECLINED = "declined"  # it is right as it stands


class Problem(StrEnum):
    """Why a question does not count as answered."""

    MISSING = "missing"
    INCOMPLETE = "incomplete"
    UNREADABLE = "unreadable"


class ReservedName(ValueError):
    """A lesson is named like a page of the portal, so nobody could open it."""


def is_name(text: str) -> bool:
    """Say whether a course or a lesson can be called so."""
    return _NAME.match(text) is not None


def lesson_name(lesson_id: str) -> str:
    """Return a lesson's name within its course: "layering" of "repurchase-101/layering"."""
    return lesson_id.rpartition("/")[2]


def lesson_id(*, slug: str, name: str) -> str:
    """Return the id of the lesson that an address names."""
    return f"{slug}/{name}"


def check_names(lesson_ids: Sequence[str]) -> None:
    """Raise ReservedName when a lesson's address would be one of the portal's own pages."""
    for each in lesson_ids:
        slug, _, name = each.rpartition("/")
        if name in RESERVED_NAMES or slug in RESERVED_COURSES:
            raise ReservedName(each)


def to_ask(*, quiz: Quiz, right: Set[str], attempts: int) -> tuple[Question, ...]:
    """Return the questions to ask now, in the author's order.

    Asked are the questions whose keys are not in `right` yet, at most the rule's n; who starts
    over after they are all right gets n of all. Where more than n are open, each of the
    `attempts` so far moves the choice on, so that a retry brings other questions. What is not
    scored (a description, an essay) goes with the scored question after it.
    """
    scored = quiz.scored
    still_open = [question for question in scored if question.key not in right] or list(scored)
    start = attempts * quiz.rule.n % len(still_open) if len(still_open) > quiz.rule.n else 0
    chosen = {each.key for each in (still_open[start:] + still_open[:start])[: quiz.rule.n]}
    return tuple(_with_what_leads_to_them(quiz.questions, chosen))


def _with_what_leads_to_them(questions: Sequence[Question], chosen: Set[str]) -> list[Question]:
    asked: list[Question] = []
    leading: list[Question] = []
    for question in questions:
        if not question.scored:
            leading.append(question)
            continue
        if question.key in chosen:
            asked += [*leading, question]
        leading = []
    # What stands after the last question belongs to the quiz as a whole.
    return asked + leading


def shuffled(count: int, *, seed: str) -> tuple[int, ...]:
    """Return 0 … count-1 in an order that depends on `seed` only.

    Authors write the right option first; the same page must show the same order again after an
    error, and another attempt another order.
    """
    return tuple(sorted(range(count), key=lambda index: _digest(f"{seed}:{index}")))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def problem_of(question: Question, response: Response) -> Problem | None:
    """Return why a scored question is not answered in full, None when it is.

    A wrong answer is an answer; a word where a number belongs is none.
    """
    if response is None:
        return Problem.MISSING
    if isinstance(question, Matching) and isinstance(response, Matched):
        return None if _all_matched(question, response) else Problem.INCOMPLETE
    return None if grade(question, response).answered else Problem.UNREADABLE


def _all_matched(question: Matching, response: Matched) -> bool:
    return all(
        right is not None and right < len(question.pairs)
        for pair, right in zip(question.pairs, response.rights, strict=True)
        if any(pair.left.values())
    )


def as_fields(question: Question, response: Response) -> Mapping[str, list[str]]:
    """Return the form fields that give this response again: what is kept of an answer."""
    name = field_name(question)
    match response:
        case Chosen(options=options):
            return {name: [str(place) for place in sorted(options)]}
        case Replied(holds=holds):
            return {name: ["true" if holds else "false"]}
        case Typed(text=text):
            return {name: [text]}
        case Matched(rights=rights):
            return {f"{name}-{at}": [str(r)] for at, r in enumerate(rights) if r is not None}
        case _:
            return {}


def essay_text(question: Essay, values: Mapping[str, Sequence[str]]) -> str:
    """Return what was typed for an essay, which nobody grades, at most ESSAY_CHARS of it."""
    return (values.get(field_name(question)) or ("",))[0].strip()[:ESSAY_CHARS]


def lesson_after(*, course: Course, progress: Progress, lesson_id: str) -> str | None:
    """Return the lesson to go on with from this one: the next that is not complete.

    Lessons that were skipped come after the last one. None when the course is complete, or
    nothing is left but this lesson itself.
    """
    if progress.completed:
        return None
    ids = [lesson.id for lesson in course.lessons]
    start = ids.index(lesson_id) + 1
    complete = {each.lesson_id for each in progress.completions}
    return next((each for each in ids[start:] + ids[: start - 1] if each not in complete), None)


def waits(
    *,
    after: Mapping[str, Sequence[str]],
    complete: Set[str],
    begun: Set[str],
    ordered: bool,
) -> Mapping[str, str]:
    """Return, for courses of a path that better come later, the course to complete before each.

    `after` has the path's courses in its order with their own prerequisites. On an `ordered` path
    that is the nearest earlier course that is not complete, else the first open prerequisite on
    the path. What is begun waits for nothing: it is advice, and the learner has decided.
    """
    found: dict[str, str] = {}
    for place, (slug, wanted) in enumerate(after.items()):
        if slug in complete or slug in begun:
            continue
        earlier = list(after)[:place][::-1] if ordered else []
        candidates = [*earlier, *(each for each in wanted if each in after)]
        before = next((each for each in candidates if each not in complete), None)
        if before is not None:
            found[slug] = before
    return found


def unmet(*, after: Sequence[str], complete: Mapping[str, bool]) -> tuple[str, ...]:
    """Return the prerequisites that are not complete.

    `complete` has the courses that the learner can open: nobody is told of another.
    """
    return tuple(each for each in after if not complete.get(each, True))
