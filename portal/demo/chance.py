"""Seeded chance for the demo: the same draws on every Python, machine, time zone and hash seed.

Each theme draws from its own stream, so that one more shop or one more sentence does not
shift everything that comes after it. Only methods of Random whose algorithm is the same in
3.11, 3.12 and 3.13 are used, and floats are never added by `sum`, whose rounding changed in 3.12.
"""

from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import exp
from random import Random


def stream(seed: int, *names: str) -> Random:
    """Return the random stream of one theme, e.g. stream(7, "orders", "xiaolu_dianka")."""
    # A string is hashed by SHA-512 inside Random, so PYTHONHASHSEED has no say.
    return Random(":".join((str(seed), *names)))  # noqa: S311 – a simulation, not a secret


def cumulative(weights: Iterable[float]) -> tuple[float, ...]:
    """Return running totals of `weights`, as `pick` wants them."""
    return tuple(accumulate(weights))


def pick(chance: Random, totals: Sequence[float]) -> int:
    """Return an index, drawn in proportion to the weights behind the running `totals`."""
    return bisect(totals, chance.random() * totals[-1], 0, len(totals) - 1)


def poisson(chance: Random, mean: float) -> int:
    """Return a Poisson count of the given mean (Knuth's method, for means below 100)."""
    limit = exp(-mean)
    count = 0
    product = chance.random()
    while product > limit:
        count += 1
        product *= chance.random()
    return count
