"""What an allocation round brings beside first come, first served, on a synthetic week.

    python benchmarks/allocation.py [--dealers 500] [--hours 200] [--seeds 5]

Each hour suits 8 % of the dealers; what a session would bring is drawn from a gamma distribution
and cut to points from 0 to 100; a third of the shops are new or small, and bring half as much.
The order of asking is random. Terms as the portal proposes them: one session each, 20 % of the
hours by lottery, 20 % for new and small shops; beside it the best without any share, and the draw
repeated with the same seed. CPU time is this process's.

The last line is one JSON object: benefit_ratio (with the shares), benefit_ratio_without_shares,
cpu_s (one allocation, median), lottery_same (whether one seed drew the same dealers twice, from
requests in another order), sentences_missing (decisions without a reason), dealers, hours.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from portal.rounds.rules.allocation import (  # noqa: E402 – found by the line above
    Allocation,
    Hour,
    Request,
    Terms,
    allocate,
)

SUITS = 0.08
HOURS_A_DAY = 40


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dealers", type=int, default=500)
    parser.add_argument("--hours", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=5)
    arguments = parser.parse_args()
    hours = [Hour(id=number, day=number // HOURS_A_DAY) for number in range(arguments.hours)]
    with_shares, without, taken, same, silent = [], [], [], True, 0
    for seed in range(arguments.seeds):
        rng = random.Random(seed)  # noqa: S311 – a made-up week
        requests = _requests(rng, arguments.dealers, arguments.hours)
        begun = time.process_time()
        result = allocate(hours=hours, requests=requests, terms=_terms(seed, 2000, 2000))
        taken.append(time.process_time() - begun)
        with_shares.append(result.benefit / result.first_come)
        best = allocate(hours=hours, requests=requests, terms=_terms(seed, 0, 0))
        without.append(best.benefit / best.first_come)
        again = allocate(
            hours=hours,
            requests=rng.sample(requests, len(requests)),
            terms=_terms(seed, 2000, 2000),
        )
        same = same and _drawn(result) == _drawn(again)
        silent += sum(not _has_reason(result, each.dealer_id) for each in requests)
    print(
        json.dumps(
            {
                "benefit_ratio": round(statistics.median(with_shares), 3),
                "benefit_ratio_without_shares": round(statistics.median(without), 3),
                "cpu_s": round(statistics.median(taken), 2),
                "lottery_same": same,
                "sentences_missing": silent,
                "dealers": arguments.dealers,
                "hours": arguments.hours,
                "load": round(os.getloadavg()[0], 1),
            }
        )
    )


def _requests(rng: random.Random, dealers: int, hours: int) -> list[Request]:
    found = []
    for number in range(1, dealers + 1):
        small = rng.random() < 1 / 3
        points = min(100, int(rng.gammavariate(2, 18) * (0.5 if small else 1)))
        wanted = frozenset(hour for hour in range(hours) if rng.random() < SUITS)
        found.append(Request(dealer_id=number, hours=wanted, benefit=points, small=small))
    return found


def _terms(seed: int, small_bps: int, lottery_bps: int) -> Terms:
    return Terms(cap=1, small_bps=small_bps, lottery_bps=lottery_bps, seed=f"{seed:032x}")


def _drawn(result: Allocation) -> Sequence[int]:
    return sorted(each.dealer_id for each in result.decisions if each.drawn)


def _has_reason(result: Allocation, dealer_id: int) -> bool:
    """Tell whether the sentence of a dealer has what it speaks of."""
    found = next(each for each in result.decisions if each.dealer_id == dealer_id)
    return bool(found.way if found.hours else found.lost_to or not found.place)


if __name__ == "__main__":
    main()
