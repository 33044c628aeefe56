"""How each demo shop trades: the hidden truth behind its orders. Never stored, never shown.

The programme's true effect lives here, so that the impact page can be held against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp
from random import Random

from portal.demo.calendar import days_before, first_order_day
from portal.demo.cast import Dealer, Enrolment, World
from portal.demo.chance import stream
from portal.demo.programme import FIRST_COURSE, LESSONS

DAYS_A_MONTH = 30.4
MARKET_TREND = 0.007  # a month, for everybody
DRIFT_SPREAD = 0.010  # a month, one shop against the others
MOOD_MEMORY = 0.5  # of last month's good or bad luck
MOOD_SPREAD = 0.16
FADE = -0.085  # a month, once a shop has begun to fade
RAMP_DAYS = 75  # until the programme works in full
# Three favourites of a shop for game, video, gift and life; every shop sells a little of all.
TASTES = (
    (6.0, 2.0, 1.0, 1.2),
    (4.5, 2.0, 1.0, 1.5),
    (1.8, 4.5, 1.2, 1.4),
    (1.3, 1.6, 3.0, 2.6),
    (1.2, 1.3, 1.3, 4.5),
)


@dataclass(frozen=True, slots=True)
class Habits:
    """One shop's way of trading. Rates are fractions: 0.15 is 15 %.

    `tastes` weighs the four categories; `moods` is the luck of each month, by number from the
    first; `return_share` is how many orders come from people who bought in the last weeks.
    `lift` is the programme's true effect on the number of orders in full strength, `lift_from`
    the day it begins, None for a shop that never enrolled.
    """

    opens_on: date
    fades_from: date | None
    drift: float
    moods: tuple[float, ...]
    tastes: tuple[float, float, float, float]
    return_share: float
    price_factor: float
    refund_factor: float
    lift: float
    lift_from: date | None


def habits_of(world: World) -> Mapping[str, Habits]:
    """Return every dealer's habits by its ref."""
    first = {one.dealer: one for one in world.enrolments if one.course == FIRST_COURSE}
    return {dealer.ref: _habits(world, dealer, first.get(dealer.ref)) for dealer in world.dealers}


def _habits(world: World, dealer: Dealer, enrolment: Enrolment | None) -> Habits:
    chance = stream(world.seed, "habits", dealer.ref)
    fades_from = None
    if dealer.story in {"fading", "closed"}:
        fades_from = days_before(world.today, chance.randrange(230, 430))
    opening = dealer.joined_on + timedelta(days=chance.randrange(3, 12))
    tastes = chance.choice(TASTES)
    return Habits(
        opens_on=max(opening, first_order_day(world.today)),
        fades_from=fades_from,
        drift=chance.gauss(0, DRIFT_SPREAD),
        moods=_moods(chance, months=20),
        tastes=(
            tastes[0] * chance.uniform(0.6, 1.5),
            tastes[1] * chance.uniform(0.6, 1.5),
            tastes[2] * chance.uniform(0.6, 1.5),
            tastes[3] * chance.uniform(0.6, 1.5),
        ),
        return_share=chance.uniform(0.22, 0.50),
        price_factor=chance.uniform(0.97, 1.005),
        refund_factor=chance.uniform(0.75, 1.3),
        lift=0.0 if enrolment is None else _lift(chance, enrolment),
        lift_from=None if enrolment is None else enrolment.enrolled_on,
    )


def _lift(chance: Random, enrolment: Enrolment) -> float:
    """Return the true effect: near 15 % on average, more for those who did the lessons."""
    done = len(enrolment.lesson_dates) / LESSONS
    return min(0.40, max(-0.05, 0.05 + 0.14 * done + chance.gauss(0, 0.07)))


def _moods(chance: Random, *, months: int) -> tuple[float, ...]:
    """Return one factor a month: luck that fades rather than jumps."""
    moods: list[float] = []
    mood = 0.0
    for _ in range(months):
        mood = MOOD_MEMORY * mood + chance.gauss(0, MOOD_SPREAD)
        moods.append(exp(mood))
    return tuple(moods)


def orders_a_day(*, dealer: Dealer, habits: Habits, month: int, day: date) -> float:
    """Return the expected orders of an ordinary (seasonless) day; `month` counts from the first."""
    if day < habits.opens_on or (dealer.closed_on is not None and day >= dealer.closed_on):
        return 0.0
    rate = dealer.monthly_orders / DAYS_A_MONTH * habits.moods[month]
    rate *= exp((MARKET_TREND + habits.drift) * month)
    if habits.fades_from is not None and day > habits.fades_from:
        rate *= exp(FADE * (day - habits.fades_from).days / DAYS_A_MONTH)
    return rate * (1 + effect(habits=habits, day=day))


def effect(*, habits: Habits, day: date) -> float:
    """Return the programme's true effect on `day` as a fraction; 0 before the enrolment."""
    if habits.lift_from is None or day < habits.lift_from:
        return 0.0
    return habits.lift * min(1.0, (day - habits.lift_from).days / RAMP_DAYS)
