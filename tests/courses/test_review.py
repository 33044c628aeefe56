"""Review cards: what comes back when, whatever the order of what happened."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from learning.conftest import write_course

from courses import review
from courses.course import Course
from courses.load import load_course
from courses.review import INTERVALS, Card, ReviewAnswer

DONE = date(2026, 11, 1)
Due = Callable[..., tuple[Card, ...]]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return load_course(write_course(tmp_path_factory.mktemp("review")) / "trial-101")


def keys(cards: tuple[Card, ...]) -> list[str]:
    return [card.question.key for card in cards]


def answered(course: Course, key: str, *, on: date, interval: int = 1, score_bps: int = 10_000):
    found = course.question(key)
    assert found is not None
    return ReviewAnswer(
        question_key=key,
        question_hash=found[1].hash,
        interval=interval,
        score_bps=score_bps,
        on=on,
    )


def waiting(course: Course, *answers: ReviewAnswer, after: int) -> list[str]:
    """Return the keys that are due so many days after the first lesson was completed."""
    today = DONE + timedelta(days=after)
    completed = {"trial-101/one": DONE}
    return keys(review.due(course, completed=completed, answers=answers, today=today))


def test_three_questions_come_back_the_day_after_and_not_before(course):
    assert waiting(course, after=0) == []
    assert waiting(course, after=1) == ["one-multiple", "one-numeric", "one-single"]
    assert waiting(course, after=5) == ["one-multiple", "one-numeric", "one-single"]


def test_what_was_right_is_done_until_the_next_interval(course):
    right = answered(course, "one-single", on=DONE + timedelta(days=1))

    assert waiting(course, right, after=2) == ["one-multiple", "one-numeric"]
    assert "one-single" in waiting(course, right, after=7)


def test_what_was_wrong_comes_again_the_day_after(course):
    wrong = answered(course, "one-single", on=DONE + timedelta(days=2), score_bps=0)

    assert "one-single" not in waiting(course, wrong, after=2)
    assert "one-single" in waiting(course, wrong, after=3)


def test_who_was_away_a_month_gets_one_set(course):
    cards = review.due(
        course,
        completed={"trial-101/one": DONE},
        answers=(),
        today=DONE + timedelta(days=40),
    )

    assert len(cards) == 3
    assert {card.interval for card in cards} == {30}


def test_a_question_that_was_changed_is_asked_anew(course):
    right = answered(course, "one-single", on=DONE + timedelta(days=1))
    other = ReviewAnswer(
        question_key=right.question_key, question_hash="of before", interval=1, score_bps=10_000,
        on=right.on,
    )  # fmt: skip

    assert "one-single" in waiting(course, other, after=2)


def test_a_lesson_without_a_quiz_has_no_cards(course):
    done = {"trial-101/three": DONE}
    today = DONE + timedelta(days=2)

    assert review.due(course, completed=done, answers=(), today=today) == ()
    assert review.next_due_on(course, completed=done, answers=(), today=today) is None


def test_the_next_day_is_the_first_on_which_something_comes(course):
    def next_on(*answers: ReviewAnswer, after: int) -> date | None:
        today = DONE + timedelta(days=after)
        return review.next_due_on(
            course, completed={"trial-101/one": DONE}, answers=answers, today=today
        )

    wrong = answered(course, "one-single", on=DONE + timedelta(days=1), score_bps=0)
    assert next_on(after=0) == DONE + timedelta(days=1)
    assert next_on(after=1) == DONE + timedelta(days=7)
    assert next_on(wrong, after=1) == DONE + timedelta(days=2)
    assert next_on(after=30) is None


def histories(course: Course) -> st.SearchStrategy[list[ReviewAnswer]]:
    asked = [question for _, question in course.asked() if question.scored]
    one = st.builds(
        lambda question, interval, right, day: ReviewAnswer(
            question_key=question.key,
            question_hash=question.hash,
            interval=interval,
            score_bps=10_000 if right else 0,
            on=DONE + timedelta(days=day),
        ),
        st.sampled_from(asked),
        st.sampled_from(INTERVALS),
        st.booleans(),
        st.integers(0, 40),
    )
    return st.lists(one, max_size=12)


def promises(course: Course, due: Due, *, examples: int = 60) -> None:
    """Check what always holds, for a function that says what is due."""

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True)
    @given(
        answers=histories(course),
        order=st.randoms(use_true_random=False),
        done=st.dictionaries(
            st.sampled_from(["trial-101/one", "trial-101/two"]),
            st.integers(0, 10).map(lambda day: DONE + timedelta(days=day)),
        ),
        today=st.integers(-3, 45).map(lambda day: DONE + timedelta(days=day)),
    )
    def check(answers, order, done, today):
        cards = due(course, completed=done, answers=answers, today=today)
        shuffled = [*answers, *answers[:3]]
        order.shuffle(shuffled)
        again = due(course, completed=done, answers=shuffled, today=today)
        assert cards == again, "order and repeats change what is due"
        names = [(card.question.key, card.interval) for card in cards]
        assert len(names) == len(set(names)), "a card stands twice"
        for card in cards:
            on = done.get(card.lesson_id)
            assert on is not None, "a lesson that is not complete is asked"
            assert on < today, "asked before the day after"

    check()


def test_cards_are_single_late_enough_and_the_same_in_any_order(course):
    promises(course, review.due)


@pytest.mark.parametrize("broken", ["last answer counts", "every lesson", "each interval"])
def test_control_wrong_formulas_break_a_promise(course, broken):
    def last_answer_counts(course, *, completed, answers, today):
        last = {(a.question_key, a.interval): a for a in answers}
        return review.due(course, completed=completed, answers=last.values(), today=today)

    def every_lesson(course, *, completed, answers, today):
        done = {lesson.id: completed.get(lesson.id, DONE) for lesson in course.lessons}
        return review.due(course, completed=done, answers=answers, today=today)

    def each_interval(course, *, completed, answers, today):
        first = review.due(course, completed=completed, answers=answers, today=today)
        return (*first, *first[:1])

    wrong: dict[str, Due] = {
        "last answer counts": last_answer_counts,
        "every lesson": every_lesson,
        "each interval": each_interval,
    }
    with pytest.raises(AssertionError):
        promises(course, wrong[broken], examples=1_000)
