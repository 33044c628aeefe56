"""When an action item is due, what closes it, and what its life allows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from courses.measure import MEASURES
from reports.metrics.rounding import BPS, half_even
from reports.metrics.window import WindowSums

UNDO_WITHIN = timedelta(hours=24)
"""How long a shop may take back that it closed an item itself."""

REMIND_DAYS = 2
"""Days before the due day from which on a person is reminded."""

RECENT_DAYS = 60
"""How long an item that is over still matters to who prepares a session."""


class State(StrEnum):
    """Where an action item stands."""

    OPEN = "open"
    DONE = "done"
    MISSED = "missed"  # its due day went by; order facts or the shop may still close it
    DROPPED = "dropped"  # the shop thought better of it


class ClosedBy(StrEnum):
    """What showed that it was done."""

    FACTS = "facts"
    PICTURE = "picture"
    WORDS = "words"


class Source(StrEnum):
    """Where an action item comes from."""

    LESSON = "lesson"
    SESSION = "session"


class Chip(StrEnum):
    """The piles of a shop's own list."""

    ALL = "all"
    OPEN = "open"
    DONE = "done"
    MISSED = "missed"
    DROPPED = "dropped"


MOVES: Mapping[State, frozenset[State]] = {
    State.OPEN: frozenset({State.DONE, State.MISSED, State.DROPPED}),
    State.MISSED: frozenset({State.DONE, State.DROPPED}),
    # Back only when the shop itself had closed it, and within a day.
    State.DONE: frozenset({State.OPEN, State.MISSED}),
    State.DROPPED: frozenset(),
}


def sources_of(target: State) -> tuple[State, ...]:
    """Return the states from which an item may move to `target`."""
    return tuple(state for state in State if target in MOVES[state])


def due_on(*, taken_on: date, within_days: int) -> date:
    """Return the last local day of an item's window; the day of taking on is not counted."""
    return taken_on + timedelta(days=within_days)


def is_overdue(*, due_on: date, today: date) -> bool:
    """Tell whether the due day has gone by; on the day itself there is still time."""
    return today > due_on


def is_to_be_reminded(*, taken_on: date, due_on: date, today: date) -> bool:
    """Tell whether an open item is near its end; what was taken on today needs no reminder."""
    return taken_on < today <= due_on <= today + timedelta(days=REMIND_DAYS)


def may_undo(*, closed_by: ClosedBy | None, closed_at: datetime | None, at: datetime) -> bool:
    """Tell whether the shop may take a closing back: its own, for a day; facts' never."""
    return (
        closed_by in {ClosedBy.PICTURE, ClosedBy.WORDS}
        and closed_at is not None
        and at - closed_at < UNDO_WITHIN
    )


@dataclass(frozen=True, slots=True)
class Target:
    """The figure of the shop's orders that closes an item; one bound, the other None."""

    measure: str  # one of courses.measure.MEASURES
    at_least: int | None
    at_most: int | None

    @property
    def bound(self) -> int:
        """The figure to reach, or not to exceed."""
        bound = self.at_least if self.at_least is not None else self.at_most
        return bound or 0


class Lacking(StrEnum):
    """Why the facts cannot tell yet, or not at all."""

    NO_ORDERS = "no_orders"  # no facts of this shop at all
    NOT_YET = "not_yet"  # the facts end before the day on which it was taken on
    FEW_ORDERS = "few_orders"  # an average or a rate of so few orders says nothing
    NO_BUYERS = "no_buyers"
    NO_CATEGORIES = "no_categories"
    NO_REFUNDS = "no_refunds"
    SHORT_HISTORY = "short_history"  # what is new cannot be told from what was sold before


@dataclass(frozen=True, slots=True)
class Reading:
    """What the facts say of a target: the figure so far (as shown, rounded once) or what lacks.

    `reached` is judged on the exact sums. An average or a rate is only judged once the facts
    cover the whole window, since it may still turn; a count stays once it is reached.
    """

    figure: int | None = None
    reached: bool = False
    lacking: Lacking | None = None


_UNKNOWN: Mapping[str, Lacking] = {
    "buyers": Lacking.NO_BUYERS,
    "returning_buyers": Lacking.NO_BUYERS,
    "new_products": Lacking.SHORT_HISTORY,
    "categories": Lacking.NO_CATEGORIES,
    "refund_rate": Lacking.NO_REFUNDS,
}


def read(
    target: Target,
    *,
    sums: WindowSums | None,
    taken_on: date,
    due_on: date,
    facts_until: date,
) -> Reading:
    """Return what the sums of an item's window say; `sums` is None for a shop without facts.

    `facts_until` is the last local day that the facts cover.
    """
    if sums is None:
        return Reading(lacking=Lacking.NO_ORDERS)
    if facts_until < taken_on:
        return Reading(lacking=Lacking.NOT_YET)
    ratio = _ratio(target.measure, sums)
    if ratio is not None:
        return _read_ratio(target, sums, *ratio, complete=facts_until >= due_on)
    count: int | None = getattr(sums, target.measure) if target.measure in COUNTS else None
    if count is None:
        return Reading(lacking=_UNKNOWN[target.measure])
    return Reading(figure=count, reached=count >= target.bound)


COUNTS = frozenset({"orders", "buyers", "returning_buyers", "new_products", "categories"})


def _ratio(measure: str, sums: WindowSums) -> tuple[int, int, int] | None:
    """Return numerator, denominator and scale of an average or a rate; None for a count."""
    if measure == "average_order":
        return sums.gmv_minor, sums.orders, 1
    if measure == "refund_rate" and sums.refund_minor is not None:
        return sums.refund_minor, sums.gmv_minor, BPS
    return None


def _read_ratio(
    target: Target, sums: WindowSums, over: int, under: int, scale: int, *, complete: bool
) -> Reading:
    if sums.orders < MEASURES[target.measure].needs_orders or under <= 0:
        return Reading(lacking=Lacking.FEW_ORDERS)
    # Compared as products of integers: the rounded figure could seem to keep the bound.
    exact, bound = over * scale, target.bound * under
    within = exact >= bound if target.at_least is not None else exact <= bound
    return Reading(figure=half_even(exact, under), reached=within and complete)


def headline(text: str, *, at_most: int = 40) -> str:
    """Return the text in one line, cut at `at_most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= at_most else f"{line[: at_most - 1]}…"
