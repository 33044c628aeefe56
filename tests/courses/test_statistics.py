"""Item statistics are those of the text books, and are silent where they would be chance."""

from fractions import Fraction
from itertools import product
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.statistics import ENOUGH_ATTEMPTS, ItemStatistics, item_statistics

# Four people, three questions: worked out by hand in the comments below.
FOUR = [
    {"a": 10_000, "b": 10_000, "c": 0},
    {"a": 10_000, "b": 5_000, "c": 0},
    {"a": 0, "b": 5_000, "c": 10_000},
    {"a": 0, "b": 0, "c": 0},
]


def test_the_figures_are_those_worked_out_by_hand() -> None:
    found = item_statistics(FOUR, enough=2)

    # a: mean 1/2; deviations ±1/2, so the variance is 4 x 1/4 / 3 = 1/3.
    a = found["a"]
    assert a.facility == pytest.approx(0.5)
    assert a.sd == pytest.approx(sqrt(1 / 3))
    # The others of a on average: 1/2, 1/4, 3/4, 0, mean 3/8. Together with a:
    # (1/8 - 1/8 - 3/8 + 3/8) x 1/2 / 3 = 0.
    assert a.discrimination == pytest.approx(0)
    assert a.efficiency == pytest.approx(0)
    # b: 1, 1/2, 1/2, 0; others 1/2, 1/2, 1/2, 0, mean 3/8: (1/2 x 1/8 + 1/2 x 3/8) / 3 = 1/12;
    # variances 1/6 and 1/16; sorted they are as they stand, so nothing better could be reached.
    b = found["b"]
    assert b.discrimination == pytest.approx(1 / 12 / sqrt(1 / 6 / 16))
    assert b.efficiency == pytest.approx(1)
    # c against 1, 3/4, 1/4, 0: (-1/4 x 1/2 - 1/4 x 1/4 - 3/4 x 1/4 + 1/4 x 1/2) / 3 = -1/12;
    # at best 3/4 x 1/2 - 1/4 x (1/4 - 1/4 - 1/2) = 1/2, over 3: 1/6.
    c = found["c"]
    assert c.efficiency == pytest.approx(-0.5)
    assert c.misleads
    assert not b.misleads
    # Totals 2/3, 1/2, 1/2, 0, mean 5/12: with a (1/4 + 1/12 - 1/12 + 5/12) x 1/2 / 3 = 1/9,
    # with b (1/4 x 1/2 + 5/12 x 1/2) / 3 = 1/9.
    assert a.effective_weight == pytest.approx(b.effective_weight)


def test_below_thirty_attempts_nothing_is_said() -> None:
    attempts = (FOUR * 8)[: ENOUGH_ATTEMPTS - 1]

    assert item_statistics(attempts)["a"] == ItemStatistics(attempts=29)
    assert not item_statistics(attempts)["a"].enough
    assert item_statistics([*attempts, FOUR[0]])["a"].enough


def test_a_question_that_everybody_solves_tells_nobody_apart() -> None:
    found = item_statistics([{"a": 10_000, "b": n % 2 * 10_000} for n in range(30)])

    assert (found["a"].facility, found["a"].sd) == (1.0, 0.0)
    assert found["a"].discrimination is None
    assert found["a"].efficiency is None
    assert found["b"].effective_weight == 1.0


def test_a_question_asked_alone_has_a_facility_and_no_discrimination() -> None:
    found = item_statistics([{"a": n % 2 * 10_000} for n in range(30)])["a"]

    assert found.facility == 0.5
    assert found.discrimination is None


def test_a_key_set_to_the_wrong_option_is_flagged() -> None:
    """Who knows the rest gets it wrong: the answer key is upside down."""
    knows = [n % 3 * 5_000 for n in range(60)]
    good = [{"a": k, "b": k, "key": k} for k in knows]
    upside_down = [{**attempt, "key": 10_000 - attempt["key"]} for attempt in good]

    assert not item_statistics(good)["key"].misleads
    assert item_statistics(upside_down)["key"].misleads
    assert item_statistics(upside_down)["key"].effective_weight is None


def test_questions_of_a_pool_are_compared_with_the_others_of_their_attempt() -> None:
    """Whoever drew three questions instead of two did not do better for that."""
    pairs = list(product([0, 10_000], repeat=2)) * 10
    attempts = [{"a": a, "b": b} for a, b in pairs]
    wider = [{"a": a, "b": b, "c": b} for a, b in pairs]

    together = item_statistics([*attempts, *wider])

    assert together["a"].discrimination == pytest.approx(0)
    assert together["a"].attempts == 80
    assert together["c"].attempts == 40


scores = st.sampled_from([0, 2_500, 3_333, 5_000, 10_000])
tables = st.lists(st.fixed_dictionaries(dict.fromkeys("abc", scores)), min_size=3, max_size=12)


@given(tables)
def test_a_second_path_in_exact_fractions_gives_the_same(table: list[dict[str, int]]) -> None:
    found = item_statistics(table, enough=3)

    for key in "abc":
        own = [Fraction(row[key], 10_000) for row in table]
        rest = [Fraction(sum(row.values()) - row[key], 20_000) for row in table]
        both, alone, others = cov(own, rest), cov(own, own), cov(rest, rest)
        most = cov(sorted(own), sorted(rest))
        assert found[key].facility == pytest.approx(float(sum(own) / len(own)))
        assert found[key].sd == pytest.approx(sqrt(alone))
        if alone and others:
            assert found[key].discrimination == pytest.approx(float(both) / sqrt(alone * others))
        else:
            assert found[key].discrimination is None
        if alone and others and most:
            assert found[key].efficiency == pytest.approx(float(both / most))


def cov(first: list[Fraction], second: list[Fraction]) -> Fraction:
    """n times the sum of products minus the product of sums, over n (n - 1)."""
    n = len(first)
    products = sum((a * b for a, b in zip(first, second, strict=True)), Fraction(0))
    return (n * products - sum(first) * sum(second)) / (n * (n - 1))


@given(tables)
def test_effective_weights_share_out_the_whole(table: list[dict[str, int]]) -> None:
    shares = [found.effective_weight for found in item_statistics(table, enough=3).values()]

    total = sum(share for share in shares if share is not None)
    assert total == pytest.approx(1) or total == 0


@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_the_attempts_does_not_matter(
    table: list[dict[str, int]], rng: object
) -> None:
    shuffled = sorted(table, key=lambda _: rng.random())  # type: ignore[attr-defined]

    assert item_statistics(shuffled, enough=3) == item_statistics(table, enough=3)
