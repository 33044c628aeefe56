"""Storms on every path that claims a time: one winner a round with the guard, more without it.

A small run of benchmarks/bookings.py, which has the long one.
"""

from itertools import pairwise

import pytest

from benchmarks import bookings as benchmark

WORKERS = 16
ROUNDS = 4  # of each of five paths


@pytest.fixture
def storms(throwaway_app):
    with throwaway_app.app_context():
        world = benchmark.settle(consultants=1, dealers=WORKERS)
    return benchmark.Storms(throwaway_app, world, WORKERS)


def test_each_round_of_a_storm_has_one_winner_on_every_path(storms):
    found = {
        path: storms.rounds(path, ROUNDS, first_day=1 + ROUNDS * number)
        for number, path in enumerate(benchmark.PATHS)
    }

    assert found == {path: {"1 won": ROUNDS} for path in benchmark.PATHS}
    with storms.app.app_context():
        assert benchmark.overlaps() == 0


def test_without_the_guard_every_path_gives_a_time_twice(storms):
    benchmark.without_guard(storms.app)

    found = []
    for number, path in enumerate(benchmark.PATHS):
        storms.rounds(path, 1, first_day=1 + number)
        with storms.app.app_context():
            found.append(benchmark.overlaps())

    assert found[0] > 0
    assert all(more > before for before, more in pairwise(found)), found


def test_of_many_requests_for_eight_places_exactly_eight_get_one(storms):
    assert storms.places(requests=160, places=8) == {"won": 8, "refused": 152}
