"""One cell's text as a value: text, whole number, money, local time. Knows no file.

Every function raises `BadCell` with a reason code of `reports.facts.reasons`; the caller adds
the column's name.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

MAX_MINOR = 10**15  # above any shop's single line in any currency; far below a BIGINT
MAX_QUANTITY = 2**31 - 1
FIRST_YEAR, LAST_YEAR = 1990, 2100
# 18+12 digits times 10 digits stay exact; the default 28 digits would round before the rounding.
_EXACT = Context(prec=64)
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,12})?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


class BadCell(Exception):
    """A cell that cannot be taken; `code` is a row reason, `params` are its further words."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = {name: str(value) for name, value in params.items()}


def plain_text(cell: str, *, limit: int) -> str:
    """Return the cell without outer spaces and with control characters as one space.

    "" for an empty cell. Raises BadCell("too_long") above `limit` characters.
    """
    text = _CONTROL.sub(" ", cell).strip()
    if len(text) > limit:
        raise BadCell("too_long", limit=limit)
    return text


def number(cell: str) -> Decimal:
    """Return a plain decimal number; no exponents, separators or signs of currency."""
    text = cell.strip()
    if _NUMBER.fullmatch(text) is None:
        raise BadCell("bad_number")
    return Decimal(text)


def whole_number(cell: str) -> int:
    """Return a whole number such as "12" or "12.0", at most 2^31 - 1 either way."""
    value = number(cell)
    if value != value.to_integral_value():
        raise BadCell("not_whole")
    if abs(value) > MAX_QUANTITY:
        raise BadCell("number_too_large")
    return int(value)


def product(quantity: int, unit_price: Decimal) -> Decimal:
    """Return quantity times unit price, exactly."""
    return _EXACT.multiply(Decimal(quantity), unit_price)


def to_minor(amount: Decimal, *, exponent: int) -> int:
    """Return an exact amount in minor units: the one rounding of a line, half to even.

    `exponent` is the currency's number of decimals (2 for CNY). Raises
    BadCell("number_too_large") above 10^15 minor units.
    """
    shifted = _EXACT.scaleb(amount, exponent)
    minor = int(shifted.quantize(Decimal(1), rounding=ROUND_HALF_EVEN, context=_EXACT))
    if abs(minor) > MAX_MINOR:
        raise BadCell("number_too_large")
    return minor


def _parse(text: str, formats: Sequence[str]) -> datetime | None:
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 – the zone is added by local_time
        except ValueError:
            continue
    return None


def local_time(text: str, *, formats: Sequence[str], zone: ZoneInfo) -> datetime:
    """Return the shop's wall-clock time as a naive local timestamp.

    A time with an offset of its own is carried into `zone`. A wall-clock time that the clocks
    skipped in spring moves forward by the gap, as the clock did; of a repeated one the first is
    taken. Raises BadCell for other texts and for years outside 1990 to 2100.
    """
    found = _parse(text, formats)
    if found is None:
        raise BadCell("bad_time")
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadCell("implausible_time")
    aware = found if found.tzinfo else found.replace(tzinfo=zone)
    return aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None)


def time_reader(*, formats: Sequence[str], zone: ZoneInfo) -> Callable[[str], datetime]:
    """Return `local_time` with a small memory: the lines of an order share their time."""

    @lru_cache(maxsize=4096)
    def read(text: str) -> datetime:
        return local_time(text, formats=formats, zone=zone)

    return read
