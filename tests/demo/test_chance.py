"""The demo's chance: the draws it relies on are the same on every Python that we support."""

from math import isclose
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from portal.demo.chance import cumulative, pick, poisson, stream

# In the order in which the test below draws them.
DRAWS = (
    [0, 6, 1, 3, 4, 7, 5, 2],
    [12, 74, 19, 87],
    "h",
    908394,
    1244812988,
    [2, 2, 2, 2, 4],
    0.438006114,
    0.97539166,
    1.854817111,
)


def test_the_first_draws_of_a_stream_are_these_on_every_python():
    # Taken on Python 3.11. Should another version differ here, the demo's bytes differ too.
    chance = stream(7, "orders", "xiaolu_dianka")
    deck = list(range(8))
    chance.shuffle(deck)

    assert (
        deck,
        chance.sample(range(100), 4),
        chance.choice("abcdefgh"),
        chance.randrange(1_000_000),
        chance.getrandbits(32),
        [poisson(chance, 3.5) for _ in range(5)],
        round(chance.random(), 9),
        round(chance.uniform(0.5, 1.6), 9),
        round(chance.gauss(0, 1), 9),
    ) == DRAWS


def test_streams_of_different_themes_are_different():
    draws = {stream(7, name).random() for name in ("orders", "refunds", "sessions")}

    assert len(draws) == 3
    assert stream(7, "orders").random() != stream(8, "orders").random()


@given(st.lists(st.integers(0, 100), min_size=1, max_size=12).filter(any), st.integers(0, 2**32))
def test_pick_never_leaves_the_list_and_never_takes_what_weighs_nothing(weights, seed):
    number = pick(Random(seed), cumulative(weights))

    assert weights[number] > 0


def test_pick_follows_the_weights():
    chance = Random(1)
    drawn = [pick(chance, cumulative((1, 3, 6))) for _ in range(20_000)]

    assert isclose(drawn.count(2) / len(drawn), 0.6, abs_tol=0.02)
    assert isclose(drawn.count(0) / len(drawn), 0.1, abs_tol=0.02)


def test_poisson_has_its_mean_and_its_variance_and_is_zero_for_zero():
    chance = Random(2)
    counts = [poisson(chance, 4.0) for _ in range(20_000)]
    mean = sum(counts) / len(counts)

    assert isclose(mean, 4.0, abs_tol=0.08)
    assert isclose(sum((n - mean) ** 2 for n in counts) / len(counts), 4.0, abs_tol=0.2)
    assert poisson(chance, 0.0) == 0
