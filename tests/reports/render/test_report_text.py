import re
import string
import tomllib
from datetime import date

import pytest

from reports.render import text
from reports.render.text import UnknownLanguage, Wording, wording

ZH, EN = wording("zh-CN"), wording("en")


def keys_of(language: str) -> dict[str, str]:
    source = (text.LOCALE_FOLDER / f"{language}.toml").read_text(encoding="utf-8")
    return {
        f"{table}.{key}": value
        for table, entries in tomllib.loads(source).items()
        for key, value in entries.items()
    }


def names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_both_languages_have_the_same_texts():
    assert keys_of("zh-CN").keys() == keys_of("en").keys()


def test_no_text_is_empty():
    assert [
        key for lang in text.LANGUAGES for key, value in keys_of(lang).items() if not value
    ] == []


# Dates and months are made of different parts in each language.
PLAIN_KEYS = [key for key in sorted(keys_of("zh-CN")) if not key.startswith("unit.")]


@pytest.mark.parametrize("key", PLAIN_KEYS)
def test_both_languages_fill_in_the_same_names(key):
    assert names_in(keys_of("zh-CN")[key]) == names_in(keys_of("en")[key])


def test_a_chinese_text_holds_no_half_width_comma_or_stop():
    prose = [value for key, value in keys_of("zh-CN").items() if re.search(r"[一-鿿]", value)]
    assert [value for value in prose if re.search(r"[一-鿿][,;:!?]", value)] == []


def test_an_unknown_language_is_refused_by_name():
    with pytest.raises(UnknownLanguage, match="'fr'"):
        wording("fr")


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (1_234_560, "CNY", "¥12,345.60"),
        (-5, "GBP", "-£0.05"),
        (0, "CNY", "¥0.00"),
        (1_234, "JPY", "JP¥1,234"),
        (1_234_567, "KWD", "KWD\u00a01,234.567"),
        (10**15, "CNY", "¥10,000,000,000,000.00"),
    ],
)
def test_money_is_exact_to_the_minor_unit(minor, currency, shown):
    assert text.money(minor, currency=currency) == shown


@pytest.mark.parametrize(
    ("minor", "words", "shown"),
    [
        (12_300_000, ZH, "¥12.3 万"),
        (12_300_000, EN, "¥123.0k"),
        (-123_456_789_000, ZH, "-¥12.3 亿"),
        (123_456_789_000, EN, "¥1,234.6M"),
        (999_999, ZH, "¥9,999.99"),
    ],
)
def test_large_sums_are_shortened_to_the_units_people_count_in(minor, words, shown):
    assert text.short_money(minor, currency="CNY", words=words) == shown


def test_axis_labels_share_the_unit_of_the_longest_bar():
    def label(minor: int, words: Wording) -> str:
        return text.axis_money(minor, largest_minor=10_000_000, currency="CNY", words=words)

    assert [label(minor, ZH) for minor in (-2_500_000, 0, 5_000_000)] == ["-¥2.5 万", "0", "¥5 万"]
    assert label(5_000_000, EN) == "¥50k"


def test_percent_rounds_half_to_even_once():
    assert [text.percent(bps) for bps in (1_225, 1_235, 10_000)] == ["12.2%", "12.4%", "100.0%"]
    assert [text.signed_percent(bps) for bps in (1_060, -400, 4)] == ["+10.6%", "-4.0%", "0.0%"]


@pytest.mark.parametrize(
    ("bps", "zh", "en"),
    [
        (1_060, "比上月增长 10.6%", "up 10.6% on the month before"),
        (-320, "比上月下降 3.2%", "down 3.2% on the month before"),
        (-4, "与上月持平", "the same as the month before"),
    ],
)
def test_growth_is_told_as_a_whole_phrase(bps, zh, en):
    assert text.growth(bps, over="month", words=ZH) == zh
    assert text.growth(bps, over="month", words=EN) == en


def test_the_difference_of_two_rates_is_told_in_points():
    assert text.points(-250, words=ZH) == "比上月降低 2.5 个百分点"
    assert text.points(0, words=ZH) == "与上月持平"


def test_dates_read_as_their_readers_write_them():
    day = date(2026, 11, 2)
    assert text.day_text(day, words=ZH) == "2026年11月2日"
    assert text.day_text(day, words=EN) == "2 Nov 2026"
    assert text.month_text(day, words=ZH) == "2026年11月"
    assert text.month_text(day, words=EN) == "November 2026"
    assert text.axis_month(date(2005, 1, 1), words=ZH) == "05年1月"


def test_a_name_cannot_turn_the_line_around_or_break_it():
    assert text.visible("a\u202eb\u2066c\x00\x1b\n d") == "abc d"
    assert text.visible("متجر") == "متجر"
