"""What a dealer should do next, and why: an ordered table of rules over plain facts.

And when the alliance's order facts are late. Pure. The words of each reason are in home/texts.py;
here a reason is the fact itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from reports.metrics.definitions import MIN_BUYERS
from reports.metrics.rounding import half_even, share_bps

# A day ahead there is still an evening to read the figures and to think of a question.
PREPARE_WITHIN = timedelta(hours=24)
# With a hundred buyers one point is one buyer: below it nothing has happened.
RATE_STEP_BPS = 100
# Under a tenth a month may differ from the last by its number of weekends alone.
AMOUNT_STEP_BPS = 1_000
# Below it one order moves the average by a tenth; the same bound as the reports have for buyers.
MIN_ORDERS = MIN_BUYERS
# Shops close their books and send last month's file in the first days of the next.
IMPORT_BY_DAY = 5
BPS = 10_000


class Figure(StrEnum):
    """A figure that a lesson can be about, as course files name it in `kpi`."""

    REPURCHASE_RATE = "repurchase_rate"
    REFUND_RATE = "refund_rate"
    ACTIVE_BUYERS = "active_buyers"
    AVERAGE_ORDER = "average_order"


class Unit(StrEnum):
    """How a figure's integer is meant."""

    RATE = "rate"  # basis points
    COUNT = "count"
    MONEY = "money"  # minor units


@dataclass(frozen=True, slots=True)
class Scale:
    """How a figure is measured, which direction is worse, and how much worse makes it weak.

    `step_bps` is a difference of rates, or a share of the month before for counts and money.
    """

    unit: Unit
    rising_is_worse: bool
    step_bps: int


SCALES: Mapping[Figure, Scale] = {
    Figure.REPURCHASE_RATE: Scale(Unit.RATE, rising_is_worse=False, step_bps=RATE_STEP_BPS),
    Figure.REFUND_RATE: Scale(Unit.RATE, rising_is_worse=True, step_bps=RATE_STEP_BPS),
    Figure.ACTIVE_BUYERS: Scale(Unit.COUNT, rising_is_worse=False, step_bps=AMOUNT_STEP_BPS),
    Figure.AVERAGE_ORDER: Scale(Unit.MONEY, rising_is_worse=False, step_bps=AMOUNT_STEP_BPS),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFacts:
    """One complete month of a shop; None where the order files do not say or say too little."""

    gmv_minor: int
    refund_minor: int | None
    orders: int
    active_buyers: int | None
    repurchase_bps: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A figure of the last complete month beside the month before, both in the figure's unit."""

    figure: Figure
    now: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A lesson as far as choosing one needs it; `figures` has the one it is mostly about first."""

    slug: str
    name: str
    figures: tuple[str, ...]
    complete: bool


class Kind(StrEnum):
    """What kind of thing is to be done next."""

    PREPARE = "prepare"  # a session is near
    READ_NOTE = "read_note"  # the note of a session waits to be read
    LEARN = "learn"  # a lesson about a figure that got worse
    ASK = "ask"  # a figure got worse and its lessons are done: talk to a consultant
    GO_ON = "go_on"  # a course that was begun
    BEGIN = "begin"  # the first lesson of a course
    READ_ANSWER = "read_answer"  # a supplier answered
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do next, with the fact that is its reason."""

    kind: Kind
    reading: Reading | None = None  # for LEARN and ASK
    lesson: Lesson | None = None  # for LEARN, GO_ON and BEGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known about a dealer at the instant `at`.

    `lessons` are all lessons, those of the course at hand first; `next_lesson` is where it goes
    on, None when every course is complete.
    """

    at: datetime
    session_starts_at: datetime | None = None  # of the next session, one going on included
    note_unread: bool = False
    answer_unread: bool = False
    readings: Sequence[Reading] = ()
    lessons: Sequence[Lesson] = ()
    next_lesson: Lesson | None = None
    course_begun: bool = False  # of `next_lesson`


def readings(*, now: MonthFacts, before: MonthFacts) -> tuple[Reading, ...]:
    """Return the figures that both months know, where there is enough to compare."""
    pairs: Mapping[Figure, tuple[int | None, int | None]] = {
        Figure.REPURCHASE_RATE: (now.repurchase_bps, before.repurchase_bps),
        Figure.REFUND_RATE: (_refund_bps(now), _refund_bps(before)),
        Figure.ACTIVE_BUYERS: (now.active_buyers, _at_least(before.active_buyers, MIN_BUYERS)),
        Figure.AVERAGE_ORDER: (_average_minor(now), _average_minor(before)),
    }
    return tuple(
        Reading(figure=figure, now=this, before=last)
        for figure, (this, last) in pairs.items()
        if this is not None and last is not None
    )


def _at_least(count: int | None, minimum: int) -> int | None:
    return count if count is not None and count >= minimum else None


def _refund_bps(month: MonthFacts) -> int | None:
    if month.refund_minor is None or month.orders < MIN_ORDERS:
        return None
    return share_bps(month.refund_minor, month.gmv_minor)


def _average_minor(month: MonthFacts) -> int | None:
    return half_even(month.gmv_minor, month.orders) if month.orders >= MIN_ORDERS else None


def severity(reading: Reading) -> Fraction:
    """Return by how many of its steps a figure got worse; negative when it got better.

    It puts rates, counts and money on one scale: at 1 and above a figure is weak.
    """
    scale = SCALES[reading.figure]
    change = reading.now - reading.before
    worse = change if scale.rising_is_worse else -change
    if scale.unit is Unit.RATE:
        return Fraction(worse, scale.step_bps)
    if reading.before <= 0:
        return Fraction(0)  # a share of nothing has no value
    return Fraction(worse * BPS, reading.before * scale.step_bps)


def weak(found: Sequence[Reading]) -> list[Reading]:
    """Return the figures that got worse by a step or more, worst first."""
    order = list(Figure)
    return sorted(
        (each for each in found if severity(each) >= 1),
        key=lambda each: (-severity(each), order.index(each.figure)),
    )


def lesson_about(figure: Figure, lessons: Sequence[Lesson]) -> Lesson | None:
    """Return the lesson to take when a figure is weak, None when all about it are complete.

    A lesson that is mostly about the figure goes before one that only touches it.
    """
    about = [each for each in lessons if figure in each.figures and not each.complete]
    return min(about, key=lambda each: each.figures.index(figure), default=None)


def _prepare(facts: Facts) -> Iterator[Step]:
    starts_at = facts.session_starts_at
    if starts_at is not None and starts_at - facts.at <= PREPARE_WITHIN:
        yield Step(kind=Kind.PREPARE)


def _read_note(facts: Facts) -> Iterator[Step]:
    if facts.note_unread:
        yield Step(kind=Kind.READ_NOTE)


def _mend_figures(facts: Facts) -> Iterator[Step]:
    for reading in weak(facts.readings):
        lesson = lesson_about(reading.figure, facts.lessons)
        if lesson is not None:
            yield Step(kind=Kind.LEARN, reading=reading, lesson=lesson)
        elif facts.session_starts_at is None:
            yield Step(kind=Kind.ASK, reading=reading)


def _learn_on(facts: Facts) -> Iterator[Step]:
    if facts.next_lesson is not None:
        kind = Kind.GO_ON if facts.course_begun else Kind.BEGIN
        yield Step(kind=kind, lesson=facts.next_lesson)


def _read_answer(facts: Facts) -> Iterator[Step]:
    if facts.answer_unread:
        yield Step(kind=Kind.READ_ANSWER)


# In this order: what has a time, what others wrote for the dealer, what the shop needs, the rest.
RULES: Sequence[Callable[[Facts], Iterator[Step]]] = (
    _prepare,
    _read_note,
    _mend_figures,
    _learn_on,
    _read_answer,
)


def next_steps(facts: Facts) -> tuple[Step, ...]:
    """Return what to do next, most important first, never empty; each target occurs once."""
    by_target: dict[tuple[Kind | None, str, str], Step] = {}
    for rule in RULES:
        for step in rule(facts):
            by_target.setdefault(_target(step), step)
    return tuple(by_target.values()) or (Step(kind=Kind.NOTHING),)


def _target(step: Step) -> tuple[Kind | None, str, str]:
    # Two weak figures may lead to one lesson, or both to the consultants: the worse one tells why.
    if step.lesson is not None:
        return None, step.lesson.slug, step.lesson.name
    return step.kind, "", ""


def facts_are_late(*, until: date, today: date) -> bool:
    """Tell whether last month's orders should be there by now and are not; local dates.

    `until` is the last day that the facts cover.
    """
    last_of_month_before = today.replace(day=1) - timedelta(days=1)
    return today.day > IMPORT_BY_DAY and until < last_of_month_before
