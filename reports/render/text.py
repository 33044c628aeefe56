"""Figures -> words: money, dates, percent and sentences in one language.

Knows nothing of pages or charts. Every number arrives exact (minor units, basis points) and is
rounded here, once, half to even, on its way into a text.
"""

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from pathlib import Path
from typing import Literal

LANGUAGES = ("zh-CN", "en")
"""Languages a report can be written in; the first is the source language."""

LOCALE_FOLDER = Path(__file__).resolve().parent / "locale"

# ISO 4217: how many decimals the currency's minor unit has, where it is not two.
MINOR_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
# A bare ¥ is the yuan and a bare $ the US dollar; the others say whose they are.
SYMBOLS = {
    "CNY": "¥",
    "GBP": "£",
    "EUR": "€",
    "USD": "$",
    "HKD": "HK$",
    "TWD": "NT$",
    "MOP": "MOP$",
    "SGD": "S$",
    "AUD": "A$",
    "CAD": "C$",
    "JPY": "JP¥",
    "KRW": "₩",
    "INR": "₹",
    "VND": "₫",
    "THB": "฿",
    "MYR": "RM",
}
MONTHS_EN = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


class UnknownLanguage(ValueError):
    """A report was asked for in a language that has no texts."""

    def __init__(self, language: str) -> None:
        super().__init__(f"no texts for language {language!r}, only {', '.join(LANGUAGES)}")


@dataclass(frozen=True, slots=True)
class Wording:
    """All texts of one language by "table.key"."""

    language: str
    texts: Mapping[str, str]

    def text(self, key: str, **values: object) -> str:
        """Return the text `key` with its names filled in; KeyError when there is no such text."""
        return self.texts[key].format(**values)


@cache
def wording(language: str) -> Wording:
    """Return the texts of `language`; raises UnknownLanguage."""
    if language not in LANGUAGES:
        raise UnknownLanguage(language)
    tables = tomllib.loads((LOCALE_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    flat = {f"{name}.{key}": text for name, table in tables.items() for key, text in table.items()}
    return Wording(language=language, texts=flat)


def minor_digits(currency: str) -> int:
    """Return how many decimals the currency's minor unit has: 2 unless ISO 4217 says otherwise."""
    return MINOR_DIGITS.get(currency, 2)


def symbol(currency: str) -> str:
    """Return the sign before an amount; a currency without one of its own is named by its code."""
    return SYMBOLS.get(currency, f"{currency}\u00a0")


def money(amount_minor: int, *, currency: str) -> str:
    """Return the exact amount, as in ¥12,345.60 or -£0.05; the same in every language."""
    digits = minor_digits(currency)
    whole, fraction = divmod(abs(amount_minor), 10**digits)
    decimals = f".{fraction:0{digits}d}" if digits else ""
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{symbol(currency)}{whole:,}{decimals}"


def _scale(largest_major: Decimal, words: Wording) -> tuple[Decimal, str]:
    """Return the divisor and unit word in which amounts up to `largest_major` read best."""
    if words.language == "zh-CN":
        steps = (
            (Decimal(10) ** 8, "unit.hundred_million"),
            (Decimal(10) ** 4, "unit.ten_thousand"),
        )
    else:
        steps = (
            (Decimal(10) ** 6, "unit.hundred_million"),
            (Decimal(10) ** 3, "unit.ten_thousand"),
        )
    for divisor, key in steps:
        if largest_major >= divisor:
            return divisor, words.text(key)
    return Decimal(1), ""


def _unit_gap(unit: str) -> str:
    """Return the space between a number and a Chinese unit; Latin units stand close."""
    return " " if unit and not unit.isascii() else ""


def axis_money(amount_minor: int, *, largest_minor: int, currency: str, words: Wording) -> str:
    """Return an axis label, as in ¥2.5 万 or £40k; `largest_minor` decides the unit for the axis.

    Exact: axis steps are round numbers and need no rounding.
    """
    exponent = Decimal(10) ** -minor_digits(currency)
    divisor, unit = _scale(abs(largest_minor) * exponent, words)
    if amount_minor == 0:
        return "0"
    value = abs(amount_minor) * exponent / divisor
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{symbol(currency)}{value.normalize():,f}{_unit_gap(unit)}{unit}"


def short_money(amount_minor: int, *, currency: str, words: Wording) -> str:
    """Return a rounded amount for narrow places, as in ¥12.3 万 or £123.0k.

    Amounts below the first unit are shown exactly.
    """
    major = abs(amount_minor) * Decimal(10) ** -minor_digits(currency)
    divisor, unit = _scale(major, words)
    if divisor == 1:
        return money(amount_minor, currency=currency)
    value = (major / divisor).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{symbol(currency)}{value:,}{_unit_gap(unit)}{unit}"


def tenths(bps: int) -> Decimal:
    """Return basis points as percent with one decimal, half-even: what every text shows."""
    return (Decimal(bps) / 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)


def percent(bps: int) -> str:
    """Return a share, as in 12.3%; `bps` are basis points."""
    return f"{tenths(bps):,}%"


def signed_percent(bps: int) -> str:
    """Return a change for a table, as in +12.3%, -4.0% or 0.0%."""
    value = tenths(bps)
    return f"{value:+,}%" if value else "0.0%"


def direction(bps: int) -> Literal["up", "down", "flat"]:
    """Return which way a change goes as shown; what rounds to nothing is flat."""
    value = tenths(bps)
    return "flat" if not value else "up" if value > 0 else "down"


def growth(bps: int, *, over: Literal["month", "year"], words: Wording) -> str:
    """Return a change in words, as in 比上月增长 12.3% or 与去年同月持平."""
    return words.text(f"unit.{over}_{direction(bps)}", percent=f"{abs(tenths(bps)):,}%")


def points(bps: int, *, words: Wording) -> str:
    """Return a rate's difference to the month before in words, as in 比上月提高 2.5 个百分点."""
    way = direction(bps)
    key = "unit.month_flat" if way == "flat" else f"unit.points_{way}"
    return words.text(key, points=f"{abs(tenths(bps)):,}")


def visible(name: str) -> str:
    """Return a name as one line that reads in the order it is stored.

    Control characters and those that turn the writing direction around are dropped: they are
    nothing to see, and can make a name, or what stands behind it, read as another.
    """
    line = " ".join(name.split())
    return "".join(char for char in line if unicodedata.category(char) != "Cc" and not _turns(char))


def _turns(char: str) -> bool:
    return "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069"


def _parts(day: date) -> dict[str, object]:
    name = MONTHS_EN[day.month - 1]
    return {
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "short_year": f"{day.year % 100:02d}",
        "month_long": name,
        "month_short": name[:3],
    }


def day_text(day: date, *, words: Wording) -> str:
    """Return a date, as in 2026年11月22日 or 22 Nov 2026."""
    return words.text("unit.date", **_parts(day))


def month_text(month: date, *, words: Wording) -> str:
    """Return a month with its year, as in 2026年11月 or November 2026."""
    return words.text("unit.month", **_parts(month))


def month_name(month: date, *, words: Wording) -> str:
    """Return a month without its year, for sentences whose period is stated beside them."""
    return words.text("unit.month_name", **_parts(month))


def axis_month(month: date, *, words: Wording) -> str:
    """Return a month as short as it can be and still name its year, as in 26年11月 or Nov 26."""
    return words.text("unit.month_axis", **_parts(month))
