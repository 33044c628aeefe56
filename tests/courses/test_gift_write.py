"""What is written as GIFT reads back as the same questions."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from courses.gift.model import (
    Body,
    Choice,
    Choices,
    FreeText,
    Item,
    Marked,
    Match,
    Matches,
    Numbers,
    Range,
    Truth,
    Words,
)
from courses.gift.parse import parse
from courses.gift.write import to_gift

# GIFT cannot say that a text begins with "%", "//" or a format name, so none here does.
LETTERS = "甲乙丙店，。ab1~=#{}:\\n \n>-*"
texts = (
    st.text(alphabet=LETTERS, min_size=1, max_size=12)
    .map(lambda text: "文" + text + "末")
    .filter(lambda text: "->" not in text)
)
formats = st.sampled_from([None, "markdown", "html", "plain", "moodle"])
marked = st.builds(Marked, text=texts, format=formats)
maybe = st.none() | marked
percents = st.none() | st.decimals(-100, 100, places=3, allow_nan=False)
numbers = st.decimals(-1000, 1000, places=2, allow_nan=False)


def choice(*, right: bool, weights: st.SearchStrategy[Decimal | None]) -> st.SearchStrategy[Choice]:
    return st.builds(Choice, text=marked, right=st.just(right), percent=weights, feedback=maybe)


@st.composite
def single(draw: st.DrawFn) -> Choices:
    right = draw(choice(right=True, weights=st.none()))
    wrong = draw(st.lists(choice(right=False, weights=percents), min_size=1, max_size=3))
    return Choices(choices=(right, *wrong))


@st.composite
def several(draw: st.DrawFn) -> Choices:
    halves = st.just(Decimal(50))
    right = draw(st.lists(choice(right=False, weights=halves), min_size=2, max_size=2))
    wrong = draw(st.lists(choice(right=False, weights=st.none()), max_size=2))
    return Choices(choices=(*right, *wrong))


@st.composite
def number(draw: st.DrawFn) -> Range:
    low, high = sorted((draw(numbers), draw(numbers)))
    return Range(low=low, high=high, right=True, percent=draw(percents), feedback=draw(maybe))


bodies: st.SearchStrategy[Body | None] = st.one_of(
    single(),
    several(),
    st.builds(
        Words,
        answers=st.lists(choice(right=True, weights=st.none()), min_size=1, max_size=3).map(tuple),
    ),
    st.builds(Truth, holds=st.booleans(), feedback_wrong=maybe, feedback_right=maybe),
    st.builds(Numbers, answers=st.lists(number(), min_size=1, max_size=3).map(tuple)),
    st.builds(
        Matches,
        pairs=st.lists(st.builds(Match, left=marked, right=texts), min_size=1).map(tuple),
    ),
    st.just(FreeText()),
)
keys = st.text(alphabet="abc-1:店", min_size=1, max_size=8).map(lambda key: "k" + key + "z")
tags = st.lists(st.text(alphabet="abc-", min_size=1, max_size=5), max_size=2).map(tuple)
questions = st.builds(
    Item,
    key=keys,
    stem=marked,
    body=bodies,
    tail=st.none() | texts,
    general=maybe,
    category=st.just("上/下"),
    id=st.none() | st.integers(1, 99).map(str),
    tags=tags,
)


def expressible(item: Item) -> Item:
    """A description has neither a gap nor an explanation, since it has no braces."""
    if item.body is not None:
        return item
    return replace(item, tail=None, general=None)


@given(st.lists(questions.map(expressible), min_size=1, max_size=3))
def test_questions_survive_being_written_and_read(items: list[Item]) -> None:
    parsed = parse(to_gift(items))

    assert parsed.items == tuple(items)
    assert not parsed.has_errors


def test_without_escapes_the_same_question_would_not_survive() -> None:
    item = Item(key="k", stem=Marked(text="1 {2} = 3"), body=Truth(holds=True))

    assert parse(to_gift([item])).items == (item,)
    assert parse(to_gift([item]).replace("\\", "")).items != (item,)
