"""Item statistics: how hard each question of a quiz is and whether it tells who knows it.

Pure functions over first answers, with the definitions of classical test theory as Moodle's
quiz statistics use them. For the author page; knows neither learners nor courses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt

from courses.course import FULL_BPS

ENOUGH_ATTEMPTS = 30
"""Below so many attempts at a question its figures are chance, and none is given."""


@dataclass(frozen=True, kw_only=True)
class ItemStatistics:
    """One question. All figures but `attempts` are None with fewer than 30 attempts.

    `facility` is the mean score, 0 to 1; `sd` the scores' standard deviation (n - 1) on the same
    scale. `discrimination` is the correlation of the question with the mean of the attempt's
    other questions, -1 to 1; `efficiency` their covariance as a share of the greatest that
    these scores could reach (both sorted), at most 1. Both are None when one of the two never
    varies, or there is no other question. `effective_weight` is the question's share, 0 to 1,
    in what tells attempts apart; None for a question that works against the others.
    """

    attempts: int
    facility: float | None = None
    sd: float | None = None
    discrimination: float | None = None
    efficiency: float | None = None
    effective_weight: float | None = None

    @property
    def enough(self) -> bool:
        """Whether there were attempts enough to say anything."""
        return self.facility is not None

    @property
    def misleads(self) -> bool:
        """Whether those who know the rest do worse here: the question or its key is wrong."""
        return self.discrimination is not None and self.discrimination < 0


def item_statistics(
    attempts: Sequence[Mapping[str, int]], *, enough: int = ENOUGH_ATTEMPTS
) -> Mapping[str, ItemStatistics]:
    """Return the statistics of every question that occurs, by key, in the order of the keys.

    An attempt maps the questions it asked to the score of the first answer, 0 to 10000. Attempts
    may have asked different questions of a pool, so a question is compared with the *mean* of
    the others of its attempt; where all asked the same ones this is the published definition.
    """
    keys = sorted({key for attempt in attempts for key in attempt})
    columns = {key: _columns(key, attempts) for key in keys}
    spread = {key: _share(column.scores, column.totals) for key, column in columns.items()}
    whole = fsum(share for share in spread.values() if share is not None)
    return {key: _statistics(columns[key], spread[key], whole, enough) for key in keys}


@dataclass(frozen=True)
class _Columns:
    """What each attempt at one question scored there, on average on the others, and on all.

    `others` leaves out attempts that asked nothing else; `paired` are the scores beside it.
    """

    scores: Sequence[float]
    totals: Sequence[float]
    paired: Sequence[float]
    others: Sequence[float]


def _columns(key: str, attempts: Sequence[Mapping[str, int]]) -> _Columns:
    own = [attempt for attempt in attempts if key in attempt]
    wider = [attempt for attempt in own if len(attempt) > 1]
    return _Columns(
        scores=[attempt[key] / FULL_BPS for attempt in own],
        totals=[sum(attempt.values()) / FULL_BPS / len(attempt) for attempt in own],
        paired=[attempt[key] / FULL_BPS for attempt in wider],
        others=[
            (sum(attempt.values()) - attempt[key]) / FULL_BPS / (len(attempt) - 1)
            for attempt in wider
        ],
    )


def _statistics(
    columns: _Columns, share: float | None, whole: float, enough: int
) -> ItemStatistics:
    count = len(columns.scores)
    if count < enough:
        return ItemStatistics(attempts=count)
    together = covariance(columns.paired, columns.others)
    most = covariance(sorted(columns.paired), sorted(columns.others))
    apart = sqrt(
        covariance(columns.paired, columns.paired) * covariance(columns.others, columns.others)
    )
    # Rounding may leave a hair above one, and nothing correlates better than fully.
    varies = apart > _NOTHING and len(columns.paired) >= enough
    return ItemStatistics(
        attempts=count,
        facility=fsum(columns.scores) / count,
        sd=sqrt(covariance(columns.scores, columns.scores)),
        discrimination=max(-1.0, min(1.0, together / apart)) if varies else None,
        efficiency=min(1.0, together / most) if varies and most > _NOTHING else None,
        effective_weight=share / whole if share is not None and whole > 0 else None,
    )


_NOTHING = 1e-12  # what rounding leaves of a variance of zero


def _share(scores: Sequence[float], totals: Sequence[float]) -> float | None:
    """Return the root of a question's covariance with the whole, None when it is negative."""
    together = covariance(scores, totals)
    if together < -_NOTHING:
        return None
    return sqrt(max(0.0, together))


def covariance(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the sample covariance (n - 1) of two columns of one length, 0 below two values."""
    count = len(first)
    if count < 2:
        return 0.0
    middle, other = fsum(first) / count, fsum(second) / count
    pairs = zip(first, second, strict=True)
    return fsum((a - middle) * (b - other) for a, b in pairs) / (count - 1)
