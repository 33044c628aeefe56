"""What a session is expected to bring a shop: points out of a few facts, each with its reason.

A declared rule instead of a model: everybody can read why, and nobody has data enough yet to fit
one. The lottery's share is what will tell whether the rule is any good (docs/decisions/0049).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

SMALL_ORDERS = 30  # fewer in three months, and a shop counts as small
NEW_DAYS = 180  # a shop counts as new as long as that


class PartName(StrEnum):
    """What counts."""

    DECLINE = "decline"  # sales fell
    SIZE = "size"  # the same advice moves more in a bigger shop
    SESSION = "session"  # long without a session
    LEARNING = "learning"  # does what is agreed: completed lessons
    WAITED = "waited"  # came away with nothing before


MOST = {
    PartName.DECLINE: 40,
    PartName.SIZE: 20,
    PartName.SESSION: 15,
    PartName.LEARNING: 15,
    PartName.WAITED: 10,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a shop when a round closes; months are complete ones, money minor units."""

    recent_minor: int | None  # GMV of the last three months; None without a report
    before_minor: int | None  # of the three months before; None when there are none
    orders: int  # of the last three months
    days_since_session: int | None  # None: never had one
    lessons: int  # completed in the last 60 days
    missed: int  # rounds in a row in which the shop asked and got nothing
    days_in_alliance: int | None  # None: nobody wrote down when it joined


@dataclass(frozen=True, slots=True)
class Part:
    """Points for one thing; `value` is what they follow from: per cent, days, lessons, rounds.

    It is None where nothing is known, or, for the last session, when there was none.
    """

    name: PartName
    points: int
    value: int | None


def parts(facts: Facts) -> Sequence[Part]:
    """Return what counts for a shop, in a fixed order."""
    change = _change_percent(facts)
    size = facts.recent_minor or 0
    since = facts.days_since_session
    return (
        Part(PartName.DECLINE, _within(PartName.DECLINE, -(change or 0)), change),
        # 5 points for each factor of ten over 1,000 in three months.
        Part(
            PartName.SIZE,
            _within(PartName.SIZE, int(5 * math.log10(size / 100_000)) if size > 0 else 0),
            facts.recent_minor,
        ),
        Part(
            PartName.SESSION,
            MOST[PartName.SESSION] if since is None else _within(PartName.SESSION, since // 12),
            since,
        ),
        Part(PartName.LEARNING, _within(PartName.LEARNING, 3 * facts.lessons), facts.lessons),
        Part(PartName.WAITED, _within(PartName.WAITED, 5 * facts.missed), facts.missed),
    )


def benefit(found: Sequence[Part]) -> int:
    """Return the sum of the points, 0 to 100."""
    return sum(each.points for each in found)


def is_small(facts: Facts) -> bool:
    """Tell whether a share of the hours is set aside for shops like this one."""
    is_new = facts.days_in_alliance is not None and facts.days_in_alliance < NEW_DAYS
    return is_new or facts.orders < SMALL_ORDERS


def _within(name: PartName, points: int) -> int:
    return max(0, min(MOST[name], points))


def _change_percent(facts: Facts) -> int | None:
    if facts.recent_minor is None or not facts.before_minor or facts.before_minor < 0:
        return None
    return round(100 * (facts.recent_minor - facts.before_minor) / facts.before_minor)
