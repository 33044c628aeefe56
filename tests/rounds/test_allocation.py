"""Who gets which hour: the best sum under the caps, the shares, the draw, and true reasons."""

import random
from itertools import product

import pytest

from portal.rounds.rules import lottery
from portal.rounds.rules.allocation import Hour, Request, Terms, Way, allocate

SEED = "00112233445566778899aabbccddeeff"


def terms(*, cap=1, small_bps=0, lottery_bps=0, seed=SEED):
    return Terms(cap=cap, small_bps=small_bps, lottery_bps=lottery_bps, seed=seed)


def week(count, days=5):
    return [Hour(id=number, day=number % days) for number in range(count)]


def asking(*wishes):
    """Requests out of (benefit, hours) or (benefit, hours, small)."""
    return [
        Request(number, frozenset(hours), benefit, bool(rest and rest[0]))
        for number, (benefit, hours, *rest) in enumerate(wishes, start=1)
    ]


def scarce(rng, *, dealers, hours):
    """A week in which each hour suits about a third of the dealers."""
    return asking(
        *(
            (
                rng.randrange(101),
                [hour for hour in range(hours) if rng.random() < 0.35],
                rng.random() < 0.3,
            )
            for _ in range(dealers)
        )
    )


def best_by_trying(requests, hours):
    """The greatest sum of benefits, by trying everything: one hour or none for each dealer."""
    best = 0
    for chosen in product(*[[None, *sorted(each.hours)] for each in requests]):
        used = [hour for hour in chosen if hour is not None]
        if len(used) == len(set(used)):
            pairs = zip(requests, chosen, strict=True)
            best = max(best, sum(each.benefit for each, hour in pairs if hour is not None))
    return best


@pytest.mark.parametrize("seed", range(12))
def test_the_sum_is_as_great_as_trying_everything_finds(seed):
    requests = scarce(random.Random(seed), dealers=6, hours=4)

    assert allocate(hours=week(4), requests=requests, terms=terms()).benefit == pytest.approx(
        best_by_trying(requests, 4)
    )


def test_nobody_gets_an_hour_that_they_did_not_tick_and_none_is_given_twice():
    requests = scarce(random.Random(1), dealers=60, hours=25)
    result = allocate(
        hours=week(25), requests=requests, terms=terms(small_bps=2500, lottery_bps=2000)
    )

    wishes = {each.dealer_id: each.hours for each in requests}
    given = [hour for each in result.decisions for hour in each.hours]
    assert all(set(each.hours) <= wishes[each.dealer_id] for each in result.decisions)
    assert len(given) == len(set(given)) == 25
    assert result.benefit > result.first_come


def test_the_more_it_brings_the_sooner_and_first_come_would_bring_less():
    requests = asking((10, [0]), (90, [0, 1]), (50, [1]))
    result = allocate(hours=week(2), requests=requests, terms=terms())

    assert [each.hours for each in result.decisions] == [(), (0,), (1,)]
    assert (result.benefit, result.first_come) == (140, 100)


def test_a_cap_holds_and_two_sessions_never_fall_on_one_day():
    requests = asking((100, [0, 1, 5]), (1, [0, 1, 5]))  # 0 and 5 are on the same day
    result = allocate(hours=week(6), requests=requests, terms=terms(cap=2))

    days = [{hour % 5 for hour in each.hours} for each in result.decisions]
    assert [len(each.hours) for each in result.decisions] == [2, 1]
    assert len(days[0]) == 2


def test_a_second_session_brings_half_so_that_others_come_first():
    requests = asking((100, [0, 1]), (60, [0, 1]))
    result = allocate(hours=week(2), requests=requests, terms=terms(cap=2))

    assert [len(each.hours) for each in result.decisions] == [1, 1]


def test_small_shops_get_their_share_and_without_it_they_would_not():
    requests = asking(*[(90, range(4)) for _ in range(6)], (5, [0, 1], True), (4, [2], True))

    plain = allocate(hours=week(4), requests=requests, terms=terms())
    shared = allocate(hours=week(4), requests=requests, terms=terms(small_bps=5000))

    assert [bool(each.hours) for each in plain.decisions[-2:]] == [False, False]
    assert [each.way for each in shared.decisions[-2:]] == [Way.SHARE, Way.SHARE]


def test_a_share_that_too_few_ask_for_leaves_no_hour_empty():
    requests = asking((90, [0, 1]), (80, [0, 1]), (5, [1], True))
    result = allocate(hours=week(2), requests=requests, terms=terms(small_bps=10000))

    assert sum(len(each.hours) for each in result.decisions) == 2
    assert result.decisions[2].way is Way.SHARE


def test_the_draw_follows_from_the_seed_alone():
    rng = random.Random(3)
    requests = scarce(rng, dealers=40, hours=20)
    drawn = {
        seed: [
            each.dealer_id
            for each in allocate(
                hours=week(20), requests=order, terms=terms(lottery_bps=3000, seed=seed)
            ).decisions
            if each.drawn
        ]
        for seed, order in ((SEED, requests), (lottery.new_seed(), requests))
    }
    again = allocate(
        hours=week(20), requests=rng.sample(requests, 40), terms=terms(lottery_bps=3000)
    )

    assert len(drawn[SEED]) == 6
    assert sorted(drawn[SEED]) == sorted(each.dealer_id for each in again.decisions if each.drawn)
    assert len({tuple(each) for each in drawn.values()}) == 2


def test_whom_the_lottery_draws_is_served_whatever_it_would_bring():
    requests = asking(*[(100, range(5)) for _ in range(20)], *[(0, range(5)) for _ in range(20)])
    result = allocate(hours=week(5), requests=requests, terms=terms(lottery_bps=10000))

    assert all(each.way is Way.LOTTERY for each in result.decisions if each.hours)
    firsts = [each.dealer_id for each in result.decisions if each.hours]
    assert sorted(firsts) == sorted(
        lottery.order([each.dealer_id for each in requests], seed=SEED)[:5]
    )


def test_who_is_drawn_and_cannot_be_served_beside_the_others_is_passed_over():
    requests = asking((1, [0]), (1, [0]), (1, [1]))
    result = allocate(hours=week(2), requests=requests, terms=terms(lottery_bps=10000))

    assert sum(each.drawn for each in result.decisions) == 2
    assert result.decisions[2].drawn


def test_the_lottery_is_fair_over_many_seeds():
    requests = asking(*[(50, [0]) for _ in range(5)])
    wins = dict.fromkeys(range(1, 6), 0)
    for number in range(1000):
        drawn = lottery.order([each.dealer_id for each in requests], seed=f"seed {number}")
        wins[drawn[0]] += 1

    assert all(150 < count < 250 for count in wins.values())  # 200 expected, deviation 12.6


@pytest.mark.parametrize("seed", range(8))
def test_what_is_said_to_who_got_nothing_is_true(seed):
    """An hour that somebody ticked in vain went to a greater benefit, a draw, or the share."""
    rng = random.Random(seed)
    requests = scarce(rng, dealers=50, hours=15)
    result = allocate(
        hours=week(15), requests=requests, terms=terms(small_bps=4000, lottery_bps=2000)
    )
    by_id = {each.dealer_id: each for each in requests}
    winner = {hour: each for each in result.decisions for hour in each.hours}

    losers = [each for each in result.decisions if not each.hours]
    assert losers
    for each in losers:
        own = by_id[each.dealer_id]
        assert sum(each.lost_to.values()) == len(own.hours)  # each of them was taken
        lower = [
            winner[hour]
            for hour in own.hours
            if by_id[winner[hour].dealer_id].benefit < own.benefit and not winner[hour].drawn
        ]
        assert len(lower) == each.lost_to.get(Way.SHARE, 0)
        assert all(by_id[other.dealer_id].small for other in lower)
        assert each.least is None or each.least >= own.benefit


def test_a_week_without_requests_or_hours_gives_nothing():
    assert allocate(hours=[], requests=asking((5, [1])), terms=terms()).benefit == 0
    assert allocate(hours=week(3), requests=[], terms=terms(lottery_bps=5000)).decisions == ()
    (nothing,) = allocate(hours=week(3), requests=asking((5, [])), terms=terms()).decisions
    assert (nothing.hours, nothing.way, nothing.place) == ((), None, 0)


def test_the_digest_fits_the_seed_and_tells_nothing_of_the_order():
    assert lottery.digest(SEED) == lottery.digest(SEED) != lottery.digest(SEED[::-1])
    assert len(lottery.new_seed()) == 32
