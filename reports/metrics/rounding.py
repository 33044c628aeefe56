"""The one rounding of the reports: an exact ratio of integers to the nearest, ties to even."""

BPS = 10_000
"""Basis points in a whole."""


def half_even(numerator: int, denominator: int) -> int:
    """Return `numerator / denominator` rounded to the nearest integer, ties to even.

    Exact for any size, since no float takes part. `denominator` must be positive:
    ValueError otherwise, because a ratio to nothing has no value and the caller must say None.
    """
    if denominator <= 0:
        raise ValueError(f"denominator must be positive, not {denominator}")
    quotient, rest = divmod(numerator, denominator)
    doubled = 2 * rest
    if doubled > denominator or (doubled == denominator and quotient % 2 == 1):
        return quotient + 1
    return quotient


def share_bps(part: int, whole: int) -> int | None:
    """Return `part / whole` in basis points, None when `whole` is not above zero."""
    return half_even(part * BPS, whole) if whole > 0 else None


def growth_bps(*, now: int, before: int) -> int | None:
    """Return the growth from `before` to `now` in basis points, 4000 meaning +40 %.

    None when `before` is not above zero: growth from nothing has no value.
    """
    return share_bps(now - before, before)
