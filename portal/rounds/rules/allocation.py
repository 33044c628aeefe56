"""Who gets which hour: a declared share by lottery, the rest for the greatest expected benefit.

Hours and requests form a network: seed, dealers, a dealer's days, hours. Its linear program has
whole-number corners, so the simplex method finds the best assignment, and no rounding is needed.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from portal.rounds.rules import lottery

FULL_BPS = 10_000


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour to give away; `day` is any number that hours of one local day share."""

    id: int
    day: int


@dataclass(frozen=True, slots=True)
class Request:
    """A dealer asks for one of `hours` (ids); `benefit` is what a session is expected to bring.

    `small`: a new or small shop, for which a share of the hours is set aside.
    """

    dealer_id: int
    hours: frozenset[int]
    benefit: int  # points, 0 to 100
    small: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """What was declared before anybody asked; shares are basis points of all hours."""

    cap: int  # sessions per dealer at most
    small_bps: int
    lottery_bps: int
    seed: str


class Way(StrEnum):
    """Why somebody got an hour."""

    LOTTERY = "lottery"
    BENEFIT = "benefit"
    SHARE = "share"  # of new and small shops


@dataclass(frozen=True, slots=True)
class Decision:
    """What a dealer got and why; `place` is the dealer's in the draw, from 1.

    For who got nothing: to whom the hours went that they had ticked, and `least`, the lowest
    benefit among those who got one for theirs (None when nobody did).
    """

    dealer_id: int
    hours: tuple[int, ...]
    way: Way | None
    place: int
    drawn: bool
    lost_to: Mapping[Way, int]
    least: int | None


@dataclass(frozen=True, slots=True)
class Allocation:
    """A round's result; benefits are in points, sessions after a dealer's first count less."""

    decisions: tuple[Decision, ...]
    benefit: float
    first_come: float  # what the same hours had brought in the order of asking


def allocate(*, hours: Sequence[Hour], requests: Sequence[Request], terms: Terms) -> Allocation:
    """Return who gets which hour. `requests` stand in the order in which they came.

    The draw comes first: as many dealers as its share of the hours, in the order of the seed,
    each of whom can be served beside those drawn before. Then the hours go where the sum of the
    expected benefit is greatest, while new and small shops get their share if enough of them ask.
    """
    offered = {each.id for each in hours}
    asked = [_narrowed(each, offered) for each in requests]
    draw = lottery.order([each.dealer_id for each in asked if each.hours], seed=terms.seed)
    places = {dealer_id: place for place, dealer_id in enumerate(draw, start=1)}
    drawn = _drawn(asked, draw, count=len(hours) * terms.lottery_bps // FULL_BPS)
    network = _Network(hours, [each for each in asked if each.hours], terms, places, drawn)
    free = network.best(small_at_least=0)
    wanted = -(-len(hours) * terms.small_bps // FULL_BPS)
    given = free
    if network.small_in(free) < wanted:
        given = network.best(small_at_least=min(wanted, network.most_small()))
    decisions = _decisions(asked, given, free, places, drawn)
    return Allocation(
        decisions=decisions,
        benefit=_worth(asked, {each.dealer_id: len(each.hours) for each in decisions}),
        first_come=_worth(asked, _first_come(asked, {each.id: each for each in hours}, terms.cap)),
    )


def _narrowed(request: Request, offered: set[int]) -> Request:
    return Request(request.dealer_id, request.hours & offered, request.benefit, request.small)


# The lottery's share


def _drawn(requests: Sequence[Request], draw: Sequence[int], *, count: int) -> frozenset[int]:
    """Return whom the lottery serves: in its order, who can be served beside those before."""
    wishes = {each.dealer_id: sorted(each.hours) for each in requests}
    taken: dict[int, int] = {}  # by hour: the dealer
    served: set[int] = set()
    for dealer_id in draw:
        if len(served) == count:
            break
        if _make_room(dealer_id, wishes, taken):
            served.add(dealer_id)
    return frozenset(served)


def _make_room(dealer_id: int, wishes: Mapping[int, Sequence[int]], taken: dict[int, int]) -> bool:
    """Give the dealer an hour, moving others to other hours of theirs; False when none is left."""
    came_by: dict[int, tuple[int, int | None]] = {}  # by hour: for whom, and their hour before
    waiting: deque[tuple[int, int | None]] = deque([(dealer_id, None)])
    while waiting:
        mover, left = waiting.popleft()
        for hour in wishes[mover]:
            if hour in came_by:
                continue
            came_by[hour] = (mover, left)
            if hour in taken:
                waiting.append((taken[hour], hour))
                continue
            step: int | None = hour
            while step is not None:
                taken[step], step = came_by[step]
            return True
    return False


# The greatest benefit


class _Network:
    """The linear program: one variable a wish, and one for each further session of a dealer."""

    def __init__(
        self,
        hours: Sequence[Hour],
        requests: Sequence[Request],
        terms: Terms,
        places: Mapping[int, int],
        drawn: frozenset[int],
    ) -> None:
        self._requests = requests
        self._drawn = drawn
        self._wishes = [
            (row, hour) for row, each in enumerate(requests) for hour in sorted(each.hours)
        ]
        self._further = [
            (row, number) for row in range(len(requests)) for number in range(2, terms.cap + 1)
        ]
        self._days = {each.id: each.day for each in hours}
        # Equal benefits are decided by the draw, not by what the solver happens to meet first.
        most = len(places) + 1
        self._weights = [
            (each.benefit + 1) * 1000 + 999 * (most - places[each.dealer_id]) // most
            for each in requests
        ]

    def best(self, *, small_at_least: int) -> Mapping[int, tuple[int, ...]]:
        """Return the hours of each dealer with the greatest sum of benefits."""
        gains = [float(self._weights[row]) for row, _ in self._wishes]
        # The n-th session brings an n-th of the first: what is missing is the cost of going on.
        costs = [-self._weights[row] * (1 - 1 / number) for row, number in self._further]
        return self._solved(gains + costs, small_at_least)

    def most_small(self) -> int:
        """Return how many hours new and small shops can get at most."""
        gains = [float(self._requests[row].small) for row, _ in self._wishes]
        return self.small_in(self._solved(gains + [0.0] * len(self._further), 0))

    def small_in(self, given: Mapping[int, tuple[int, ...]]) -> int:
        """Return how many hours go to new and small shops."""
        return sum(len(given.get(each.dealer_id, ())) for each in self._requests if each.small)

    def _solved(self, gains: Sequence[float], small: int) -> Mapping[int, tuple[int, ...]]:
        if not self._wishes:
            return {}
        rows, limits = self._limits(small)
        columns = [(at, column, factor) for at, row in enumerate(rows) for column, factor in row]
        found = linprog(
            -np.array(gains),
            A_ub=csr_array(
                (
                    [factor for _, _, factor in columns],
                    ([at for at, _, _ in columns], [column for _, column, _ in columns]),
                ),
                shape=(len(rows), len(gains)),
            ),
            b_ub=np.array(limits),
            bounds=(0, 1),
            method="highs-ds",  # the simplex method: its answers are corners, so whole numbers
        )
        if not found.success:
            raise RuntimeError(f"no assignment was found: {found.message}")
        given: dict[int, list[int]] = {}
        for (row, hour), value in zip(self._wishes, found.x, strict=False):
            if value > 0.5:
                given.setdefault(self._requests[row].dealer_id, []).append(hour)
        return {dealer_id: tuple(chosen) for dealer_id, chosen in given.items()}

    def _limits(self, small: int) -> tuple[list[list[tuple[int, float]]], list[float]]:
        """Return the rows "sum of factor times variable is at most limit", and the limits."""
        by_hour: dict[int, list[tuple[int, float]]] = {}
        by_day: dict[tuple[int, int], list[tuple[int, float]]] = {}
        by_dealer: list[list[tuple[int, float]]] = [[] for _ in self._requests]
        for column, (row, hour) in enumerate(self._wishes):
            by_hour.setdefault(hour, []).append((column, 1.0))
            by_day.setdefault((row, self._days[hour]), []).append((column, 1.0))
            by_dealer[row].append((column, 1.0))
        must = [
            [(column, -1.0) for column, _ in by_dealer[row]]
            for row, each in enumerate(self._requests)
            if each.dealer_id in self._drawn
        ]
        of_small = [
            (column, -1.0)
            for row, each in enumerate(self._requests)
            if each.small
            for column, _ in by_dealer[row]
        ]
        for at, (row, _) in enumerate(self._further, start=len(self._wishes)):
            by_dealer[row].append((at, -1.0))
        # Two sessions on one day would bring less, and might overlap.
        fits = [*by_hour.values(), *by_dealer, *by_day.values()]
        rows, limits = [*fits, *must], [1.0] * len(fits) + [-1.0] * len(must)
        if small:
            rows.append(of_small)
            limits.append(-float(small))
        return rows, limits


# What is said of it


def _decisions(
    requests: Sequence[Request],
    given: Mapping[int, tuple[int, ...]],
    free: Mapping[int, tuple[int, ...]],
    places: Mapping[int, int],
    drawn: frozenset[int],
) -> tuple[Decision, ...]:
    winner = {hour: dealer_id for dealer_id, chosen in given.items() for hour in chosen}
    benefit = {each.dealer_id: each.benefit for each in requests}
    decisions = []
    for each in requests:
        lost_to, least = _losses(each, winner, benefit, drawn)
        decisions.append(
            Decision(
                dealer_id=each.dealer_id,
                hours=given.get(each.dealer_id, ()),
                way=_way(each, given, free, drawn),
                place=places.get(each.dealer_id, 0),
                drawn=each.dealer_id in drawn,
                lost_to=lost_to,
                least=least,
            )
        )
    return tuple(decisions)


def _way(
    request: Request,
    given: Mapping[int, tuple[int, ...]],
    free: Mapping[int, tuple[int, ...]],
    drawn: frozenset[int],
) -> Way | None:
    if request.dealer_id not in given:
        return None
    if request.dealer_id in drawn:
        return Way.LOTTERY
    served_anyway = request.dealer_id in free
    return Way.SHARE if request.small and not served_anyway else Way.BENEFIT


def _losses(
    request: Request,
    winner: Mapping[int, int],
    benefit: Mapping[int, int],
    drawn: frozenset[int],
) -> tuple[Mapping[Way, int], int | None]:
    """Return to whom the hours went that a dealer ticked in vain, and the lowest benefit there.

    Nobody with a lower benefit has one of them but by lottery or the share of small shops: else
    exchanging the two had brought more.
    """
    ways: Counter[Way] = Counter()
    least: int | None = None
    for hour in request.hours:
        other = winner.get(hour)
        if other is None or other == request.dealer_id:
            continue
        if other in drawn:
            ways[Way.LOTTERY] += 1
        elif benefit[other] >= request.benefit:
            ways[Way.BENEFIT] += 1
            least = benefit[other] if least is None else min(least, benefit[other])
        else:
            ways[Way.SHARE] += 1
    return dict(ways), least


def _first_come(
    requests: Iterable[Request], hours: Mapping[int, Hour], cap: int
) -> Mapping[int, int]:
    """Return how many hours each had got if everybody took the first free one in turn."""
    taken: set[int] = set()
    got: Counter[int] = Counter()
    for _ in range(cap):
        for each in requests:
            free = sorted(each.hours - taken, key=lambda hour: (hours[hour].day, hour))
            if free:
                taken.add(free[0])
                got[each.dealer_id] += 1
    return got


def _worth(requests: Sequence[Request], counts: Mapping[int, int]) -> float:
    return sum(
        each.benefit / number
        for each in requests
        for number in range(1, counts.get(each.dealer_id, 0) + 1)
    )
