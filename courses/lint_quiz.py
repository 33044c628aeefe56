"""What a quiz leaves out or gives away: explanations, feedback, penalties, answers by length."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from courses.finding import Finding, finding
from courses.gift.model import Choices, Item, Numbers, Truth, Words
from courses.source import LessonFile

LENGTHS_NEEDED = 4
LONGEST_SHARE = 0.6
LONGER_BY = 1.2
SAME_SHARE = 0.8
_ALL_OF_THEM = ("以上都", "以上全", "都对", "都不对", "all of the above", "none of the above")


def quiz_findings(file: LessonFile) -> Iterator[Finding]:
    """Check the questions of one lesson."""
    for item in file.items:
        if item.body is not None:
            yield from _question(item, file.file)


def _question(item: Item, file: str) -> Iterator[Finding]:
    place = {"line": item.line, "column": item.column}
    key = item.key or "?"
    if item.general is None:
        yield finding("question-without-explanation", file=file, value=key, **place)
    if not _has_all_feedback(item):
        yield finding("option-without-feedback", file=file, value=key, **place)
    if isinstance(item.body, Choices):
        if item.body.several and _without_penalty(item.body):
            yield finding("several-without-penalty", file=file, value=key, **place)
        for choice in item.body.choices:
            if choice.text.text.strip().lower().startswith(_ALL_OF_THEM):
                at = {"line": choice.line, "column": choice.column}
                yield finding("option-all-of-them", file=file, value=choice.text.text[:40], **at)


def _without_penalty(body: Choices) -> bool:
    wrong = [choice for choice in body.choices if not choice.percent]
    right = [choice for choice in body.choices if (choice.percent or Decimal(0)) > 0]
    return bool(wrong) and len(wrong) + len(right) == len(body.choices)


def _has_all_feedback(item: Item) -> bool:
    match item.body:
        case Choices(choices=answers) | Words(answers=answers):
            return all(answer.feedback is not None for answer in answers)
        case Numbers(answers=ranges):
            return all(answer.feedback is not None for answer in ranges)
        case Truth(feedback_wrong=wrong, feedback_right=right):
            return wrong is not None and right is not None
        case _:
            return True


def given_away(files: Sequence[LessonFile]) -> Iterator[Finding]:
    """Remark where a whole course's answers can be guessed: by their length, or always "true".

    Over the course, since a few questions of one lesson show nothing. Placed at the first.
    """
    yield from _longest(files)
    yield from _always_the_same(files)


def _longest(files: Sequence[LessonFile]) -> Iterator[Finding]:
    singles = [
        (file, item, item.body)
        for file in files
        for item in file.items
        if isinstance(item.body, Choices) and not item.body.several and len(item.body.choices) > 1
    ]
    long = [(file, item) for file, item, body in singles if _right_is_longest(body)]
    if len(singles) >= LENGTHS_NEEDED and len(long) > LONGEST_SHARE * len(singles):
        file, item = long[0]
        counts = {"value": len(long), "limit": len(singles)}
        yield finding("right-is-longest", line=item.line, file=file.file, **counts)


def _right_is_longest(body: Choices) -> bool:
    """Say whether the right option is clearly longer than every other one."""
    right = max(len(choice.text.text) for choice in body.choices if choice.right)
    wrong = [len(choice.text.text) for choice in body.choices if not choice.right]
    return bool(wrong) and right > LONGER_BY * max(wrong)


def _always_the_same(files: Sequence[LessonFile]) -> Iterator[Finding]:
    truths = [
        (file, item, item.body)
        for file in files
        for item in file.items
        if isinstance(item.body, Truth)
    ]
    held = sum(body.holds for _, _, body in truths)
    most = max(held, len(truths) - held)
    if len(truths) >= LENGTHS_NEEDED and most > SAME_SHARE * len(truths):
        file, item, _ = truths[0]
        counts = {"value": most, "limit": len(truths)}
        yield finding("truth-always-same", line=item.line, file=file.file, **counts)
