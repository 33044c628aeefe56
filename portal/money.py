"""Money is an integer of minor units plus a currency; it becomes text here and nowhere else."""

from decimal import Decimal

_SIGNS = {"CNY": "¥", "GBP": "£", "USD": "$", "EUR": "€"}
_WAN = 10_000
_YI = 100_000_000


def money(amount_minor: int, currency: str = "CNY") -> str:
    """Return an exact amount, e.g. ¥12,345.60; two decimals, a minus before the sign."""
    sign = _SIGNS.get(currency, currency + " ")
    value = Decimal(abs(amount_minor)) / 100
    return f"{'-' if amount_minor < 0 else ''}{sign}{value:,.2f}"


def money_short(amount_minor: int, currency: str = "CNY", *, chinese: bool = True) -> str:
    """Return a large amount for a tile, e.g. ¥12.3 万 or ¥123.4k; small ones exactly."""
    whole = Decimal(abs(amount_minor)) / 100
    steps = ((_YI, " 亿"), (_WAN, " 万")) if chinese else ((1_000_000, "M"), (10_000, "k"))
    sign = ("-" if amount_minor < 0 else "") + _SIGNS.get(currency, currency + " ")
    for size, unit in steps:
        if whole >= size:
            divisor = 1_000 if unit == "k" else size
            return f"{sign}{whole / divisor:,.1f}{unit}"
    return money(amount_minor, currency)


def percent(rate_bps: int | None, *, signed: bool = False) -> str | None:
    """Return basis points as a percentage with one decimal; None stays None."""
    if rate_bps is None:
        return None
    value = Decimal(rate_bps) / 100
    return f"{value:+.1f}%" if signed else f"{value:.1f}%"
