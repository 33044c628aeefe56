"""A response earns what the author wrote, and no forged response makes grading fail."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.course import SOURCE_LANGUAGE, Question, pick
from courses.gift.parse import parse
from courses.grade import (
    Chosen,
    Graded,
    Matched,
    Replied,
    Typed,
    field_name,
    grade,
    parse_response,
    read_number,
)
from courses.quiz import question

TEXTS = {
    "single": "题{=全对#好 ~%50%半对#差一点 ~错#不对}",
    "several": "题{~%33.33333%甲 ~%33.33333%乙 ~%33.33333%丙 ~%-50%丁 ~戊}",
    "statement": "题{TRUE#错了#对了}",
    "number": "题{#\n=10:1#对\n=%50%20..30\n~#差得远\n}",
    "words": "题{=北京#首都 =%50%*京* =a*b*c =xy*yz}",
    "pairs": "题{=甲 -> 一 =乙 -> 二 =丙 -> 一 = -> 三}",
    "essay": "题{}",
    "description": "题",
}


def ask(name: str) -> Question:
    (item,) = parse(f"::k:: {TEXTS[name]}").items
    return question({SOURCE_LANGUAGE: item})


QUESTIONS = {name: ask(name) for name in TEXTS}


def send(name: str, **values: Sequence[str]) -> Graded:
    """Grade what a form sends, its field names given after `q_`: `q_=["0"]`, `q_1=["2"]`."""
    asked = QUESTIONS[name]
    form = {
        field_name(asked) + (f"-{key[2:]}" if key[2:] else ""): sent for key, sent in values.items()
    }
    return grade(asked, parse_response(asked, form))


@pytest.mark.parametrize(
    ("name", "values", "score_bps"),
    [
        ("single", ["0"], 10_000),
        ("single", ["1"], 5_000),
        ("single", ["2"], 0),
        ("single", ["0", "1"], 0),
        ("several", ["0", "1", "2"], 10_000),
        ("several", ["0", "1"], 6_666),
        ("several", ["0", "1", "2", "4"], 9_999),
        ("several", ["0", "3"], 0),
        ("several", ["0", "1", "2", "3"], 4_999),
        ("statement", ["true"], 10_000),
        ("statement", ["false"], 0),
        ("number", ["11"], 10_000),
        ("number", ["11.1"], 0),
        ("number", ["25"], 5_000),
        ("words", ["北京"], 10_000),
        ("words", [" 北 京 "], 5_000),
        ("words", ["北京。"], 10_000),
        ("words", ["\uff21xxBc"], 10_000),
        ("words", ["ab"], 0),
        ("words", ["xyyz"], 10_000),
        ("words", ["xyz"], 0),
        ("words", ["上海"], 0),
    ],
)
def test_a_response_earns_what_the_author_wrote(
    name: str, values: list[str], score_bps: int
) -> None:
    graded = send(name, q_=values)

    assert graded.score_bps == score_bps
    assert graded.correct is (score_bps == 10_000)


def test_pairs_count_the_same_and_equal_right_sides_stand_for_each_other() -> None:
    assert send("pairs", q_0=["2"], q_1=["1"], q_2=["0"]).score_bps == 10_000
    assert send("pairs", q_0=["0"], q_1=["1"]).score_bps == 6_666
    assert send("pairs", q_0=["3"], q_1=["3"], q_2=["3"]).score_bps == 0


def test_the_feedback_is_that_of_the_answer_given() -> None:
    assert [pick(f, "zh-CN") for f in send("single", q_=["1"]).feedback] == ["差一点"]
    assert [pick(f, "zh-CN") for f in send("statement", q_=["false"]).feedback] == ["错了"]
    assert [pick(f, "zh-CN") for f in send("statement", q_=["true"]).feedback] == ["对了"]
    assert [pick(f, "zh-CN") for f in send("number", q_=["99"]).feedback] == ["差得远"]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("\uff14\uff15", "45"),
        ("45%", "45"),
        ("1,200.5", "1200.5"),
        ("\N{MINUS SIGN}3", "-3"),
        (".5", "0.5"),
        ("四十五", None),
        ("1e9", None),
        ("1,2", None),
        ("NaN", None),
        ("9" * 400, None),
    ],
)
def test_numbers_are_read_as_people_type_them(typed: str, number: str | None) -> None:
    found = read_number(typed)

    assert (None if found is None else f"{found}") == number


@pytest.mark.parametrize("name", ["essay", "description"])
def test_what_nobody_grades_is_not_scored(name: str) -> None:
    graded = send(name, q_=["一段话"])

    assert (graded.scored, graded.correct, graded.score_bps) == (False, False, 0)


names = st.sampled_from(sorted(TEXTS))
values = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from(["-1", "0", "1", "999", "1000", "٣", "true", "NaN", "1" * 5_000, "*"]),
    ),
    max_size=4,
)
forms = st.dictionaries(st.sampled_from(["q-k", "q-k-0", "q-k-1", "q-k-9", "other"]), values)
places = st.integers() | st.none()
responses = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.builds(Chosen, options=st.frozensets(st.integers())),
    st.builds(Replied, holds=st.booleans()),
    st.builds(Typed, text=st.text(max_size=600)),
    st.builds(Matched, rights=st.lists(places, max_size=9).map(tuple)),
)


def check(graded: Graded) -> None:
    assert 0 <= graded.score_bps <= 10_000
    assert graded.correct == (graded.score_bps == 10_000)
    assert graded.answered or graded.score_bps == 0


@given(name=names, form=forms)
def test_no_form_makes_grading_fail(name: str, form: Mapping[str, list[str]]) -> None:
    asked = QUESTIONS[name]

    check(grade(asked, parse_response(asked, form)))


@given(name=names, response=responses)
def test_no_response_makes_grading_fail(name: str, response: object) -> None:
    check(grade(QUESTIONS[name], response))


@given(text=st.text(max_size=30))
def test_a_typed_text_is_no_reply_to_a_statement(text: str) -> None:
    graded = grade(QUESTIONS["statement"], Typed(text=text))

    assert not graded.answered


@pytest.mark.parametrize("place", [-1, -3, 3, 999])
def test_a_place_that_the_question_does_not_have_is_no_answer(place: int) -> None:
    assert not grade(QUESTIONS["single"], Chosen(options=frozenset({place}))).answered
    assert not grade(QUESTIONS["several"], Chosen(options=frozenset({place * 9}))).answered
    forged = Matched(rights=(place * 9, None, None, None))
    assert not grade(QUESTIONS["pairs"], forged).answered
    assert not send("single", q_=[str(place)]).answered
