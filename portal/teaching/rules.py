"""What figures about learning may be shown, and what they mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median

from courses.statistics import ItemStatistics

FEWEST_DEALERS = 5  # below it a group tells about single shops, not about the group
ACTIVE_WITHIN = timedelta(days=30)
FAIRLY_TELLING = 0.2  # a discrimination below it tells little; the usual mark
TOO_EASY = 0.95
TOO_HARD = 0.3
SHORT_HASH = 8


class Verdict(StrEnum):
    """What an author should make of a question's figures."""

    TOO_FEW = "too_few"
    MISLEADS = "misleads"
    TOO_HARD = "too_hard"
    TOO_EASY = "too_easy"
    WEAK = "weak"
    GOOD = "good"


class Grouping(StrEnum):
    """By what the cohort view puts dealers together."""

    LEVEL = "level"
    REGION = "region"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many; `percent` is None when there is nobody, and rounded down."""

    count: int
    of: int

    @property
    def percent(self) -> int | None:
        """The share in whole per cent."""
        return 100 * self.count // self.of if self.of else None


def verdict(figures: ItemStatistics) -> Verdict:
    """Return what to make of a question; what misleads comes before everything else."""
    if figures.facility is None:
        return Verdict.TOO_FEW
    if figures.misleads:
        return Verdict.MISLEADS
    if figures.facility < TOO_HARD:
        return Verdict.TOO_HARD
    if figures.facility > TOO_EASY:
        return Verdict.TOO_EASY
    if figures.discrimination is not None and figures.discrimination < FAIRLY_TELLING:
        return Verdict.WEAK
    return Verdict.GOOD


def median_days(spans: Sequence[timedelta]) -> float | None:
    """Return the median of spans in days, None without any."""
    return median(span / timedelta(days=1) for span in spans) if spans else None


def is_overdue(*, review_by: date | None, today: date) -> bool:
    """Tell whether a course is past the day by which somebody was to look it through."""
    return review_by is not None and review_by < today


def is_enough(dealers: int) -> bool:
    """Tell whether a group of so many dealers may be shown with figures."""
    return dealers >= FEWEST_DEALERS


def is_active(*, last_at: datetime, at: datetime) -> bool:
    """Tell whether somebody learnt something lately."""
    return at - ACTIVE_WITHIN <= last_at


def province(region: str | None) -> str:
    """Return the first word of a region like "浙江 杭州", "" where none is known."""
    return (region or "").split(" ", 1)[0]
