"""Cells as values: exact money with one rounding, local times across the clock changes."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.facts import values
from reports.facts.values import BadCell

LONDON = ZoneInfo("Europe/London")
MINUTES = ("%Y-%m-%dT%H:%M",)


@pytest.mark.parametrize(
    ("amount", "minor"),
    [("0.005", 0), ("0.015", 2), ("0.025", 2), ("-0.005", 0), ("-0.015", -2), ("19.9", 1990)],
)
def test_a_line_is_rounded_once_half_to_even(amount, minor):
    assert values.to_minor(Decimal(amount), exponent=2) == minor


def test_a_product_of_many_digits_stays_exact():
    # 28 digits, Python's default, would round this product before it is rounded to minor units.
    price = Decimal("99999.000000000001")
    assert values.product(2147483647, price) == Decimal("214746217216353.002147483647")
    long_price = Decimal("123456789012345678.123456789012")
    assert values.product(1234567891, long_price) % 1 == Decimal("0.123456789012") * 1234567891 % 1


@given(st.integers(-(10**12), 10**12), st.integers(0, 4))
def test_whole_minor_units_survive_the_rounding(minor, exponent):
    assert values.to_minor(Decimal(minor).scaleb(-exponent), exponent=exponent) == minor


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "abc",
        "NaN",
        "Infinity",
        "1e5",
        "1_000",
        "1,000",
        "\uff11\uff12",
        "¥5",
        "0x10",
        "--1",
        "1.",
    ],
)
def test_only_plain_decimal_numbers_are_numbers(cell):
    with pytest.raises(BadCell) as bad:
        values.number(cell)
    assert bad.value.code == "bad_number"


@pytest.mark.parametrize(
    ("cell", "code"), [("1.5", "not_whole"), ("3000000000", "number_too_large")]
)
def test_a_quantity_is_a_whole_number_within_reason(cell, code):
    with pytest.raises(BadCell) as bad:
        values.whole_number(cell)
    assert bad.value.code == code


def test_a_whole_number_may_be_written_with_a_decimal_point():
    assert values.whole_number(" 12.0 ") == 12


def test_an_amount_beyond_reason_is_refused():
    with pytest.raises(BadCell) as bad:
        values.to_minor(Decimal(10) ** 16, exponent=2)
    assert bad.value.code == "number_too_large"


def test_a_time_that_the_clocks_skipped_moves_forward_with_them():
    read = values.local_time("2010-03-28T01:30", formats=MINUTES, zone=LONDON)
    assert read.isoformat() == "2010-03-28T02:30:00"


def test_a_time_that_the_clocks_repeat_and_an_ordinary_one_stay_as_written():
    for text in ("2010-10-31T01:30", "2010-07-01T23:59"):
        read = values.local_time(text, formats=MINUTES, zone=LONDON)
        assert read.isoformat(timespec="minutes") == text


def test_a_time_with_its_own_offset_is_carried_into_the_shops_zone():
    read = values.local_time(
        "2026-11-30 20:00:00+0000", formats=("%Y-%m-%d %H:%M:%S%z",), zone=ZoneInfo("Asia/Shanghai")
    )
    assert read.isoformat() == "2026-12-01T04:00:00"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2010-02-30T10:00", "bad_time"),
        ("yesterday", "bad_time"),
        ("0001-01-01T00:00", "implausible_time"),
        ("9999-12-31T23:59", "implausible_time"),
    ],
)
def test_times_that_cannot_be_are_refused(text, code):
    with pytest.raises(BadCell) as bad:
        values.local_time(text, formats=MINUTES, zone=LONDON)
    assert bad.value.code == code


def test_control_characters_in_a_text_become_one_space():
    assert values.plain_text(" a\r\n\tb\x00 ", limit=10) == "a b"
