"""Which questions are asked, what counts as answered, what comes after a lesson."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.course import Description, Essay, Matching, MOfN, Numeric, Pair, Quiz, ShortAnswer
from courses.grade import Matched, Typed, parse_response
from courses.progress import LessonRead, progress
from portal.learning import rules
from portal.learning.rules import Problem


def asked(kind, key, **fields):
    return kind(key=key, hash=key, html={"zh-CN": key}, explanation={}, **fields)


def words(key):
    return asked(ShortAnswer, key, answers=())


def quiz(*questions, m=1, n=2):
    return Quiz(questions=questions, rule=MOfN(m=m, n=n))


def keys(questions):
    return [question.key for question in questions]


FIVE = quiz(*(words(key) for key in "abcde"), m=3, n=3)
MATCHING = asked(
    Matching,
    "match",
    pairs=(
        Pair(left={"zh-CN": "一"}, right={"zh-CN": "1"}),
        Pair(left={"zh-CN": "二"}, right={"zh-CN": "2"}),
        Pair(left={"zh-CN": ""}, right={"zh-CN": "3"}),
    ),
)


@pytest.mark.parametrize(
    ("right", "attempts", "expected"),
    [
        ("", 0, "abc"),
        ("", 1, "ade"),  # a retry moves on to the others, and around
        ("ab", 1, "cde"),
        ("abcd", 3, "e"),
        ("abcde", 0, "abc"),  # who starts over
    ],
)
def test_questions_not_right_yet_are_asked_at_most_n_at_a_time(right, attempts, expected):
    assert keys(rules.to_ask(quiz=FIVE, right=set(right), attempts=attempts)) == list(expected)


@given(st.sets(st.sampled_from("abcde")), st.integers(0, 50))
def test_something_is_always_asked_and_never_more_than_n(right, attempts):
    chosen = rules.to_ask(quiz=FIVE, right=right, attempts=attempts)

    assert 1 <= len(chosen) <= FIVE.rule.n
    assert len(right) == 5 or not right & set(keys(chosen))


def test_a_text_goes_with_the_question_that_it_leads_to():
    text, essay = asked(Description, "text"), asked(Essay, "essay")
    mixed = quiz(words("a"), text, words("b"), essay, n=1)

    first = rules.to_ask(quiz=mixed, right=set(), attempts=0)
    second = rules.to_ask(quiz=mixed, right={"a"}, attempts=1)

    assert keys(first) == ["a", "essay"]
    assert keys(second) == ["text", "b", "essay"]


@given(st.integers(0, 12), st.text())
def test_shuffling_keeps_every_place_and_depends_on_the_seed_only(count, seed):
    order = rules.shuffled(count, seed=seed)

    assert sorted(order) == list(range(count))
    assert order == rules.shuffled(count, seed=seed)


def test_the_first_option_does_not_stay_first_for_everybody():
    firsts = {rules.shuffled(4, seed=str(learner))[0] for learner in range(50)}

    assert firsts == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("question", "response", "expected"),
    [
        (words("a"), None, Problem.MISSING),
        (words("a"), Typed(text="随便"), None),
        (asked(Numeric, "n", answers=()), Typed(text="很多"), Problem.UNREADABLE),
        (asked(Numeric, "n", answers=()), Typed(text="１０％"), None),
        (MATCHING, Matched(rights=(0, None, None)), Problem.INCOMPLETE),
        (MATCHING, Matched(rights=(0, 99, None)), Problem.INCOMPLETE),
        (MATCHING, Matched(rights=(2, 2, None)), None),  # the decoy's left side asks nothing
    ],
)
def test_a_wrong_answer_is_an_answer_and_a_gap_is_none(question, response, expected):
    assert rules.problem_of(question, response) is expected


def test_what_is_kept_of_an_answer_gives_the_same_response_again(library):
    sent = {
        "q-one-single": ["1", "junk"],
        "q-one-numeric": [" 45 "],
        "q-one-multiple": ["1", "0", "1"],
        "q-two-truth": ["false", "true"],
        "q-two-words": ["活跃"],
        "q-two-match-0": ["1"],
        "q-two-match-1": ["0"],
    }

    for _, question in library.courses[0].asked():
        response = parse_response(question, sent)
        kept = rules.as_fields(question, response)
        assert response is not None
        assert parse_response(question, kept) == response


def test_the_next_lesson_is_the_next_open_one_and_then_what_was_skipped(library, moment_of):
    course = library.courses[0]
    read = [LessonRead(lesson_id="trial-101/three", at=moment_of(0))]
    standing = progress(course, read)

    def after(name):
        return rules.lesson_after(course=course, progress=standing, lesson_id=f"trial-101/{name}")

    assert after("one") == "trial-101/two"
    assert after("two") == "trial-101/one"  # three is done
    assert after("three") == "trial-101/one"


def test_a_lessons_name_and_id_belong_together():
    assert rules.lesson_name("a-course/a-lesson") == "a-lesson"
    assert rules.lesson_id(slug="a-course", name="a-lesson") == "a-course/a-lesson"
