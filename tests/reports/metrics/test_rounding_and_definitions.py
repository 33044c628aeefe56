"""The one rounding, and the one place of definitions."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.metrics.definitions import definition, definitions
from reports.metrics.rounding import growth_bps, half_even, share_bps


@given(st.integers(-(10**24), 10**24), st.integers(1, 10**12))
def test_rounding_agrees_with_decimal_half_even_for_any_size(numerator, denominator):
    with localcontext(prec=80):
        exact = Decimal(numerator) / Decimal(denominator)
        expected = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    assert half_even(numerator, denominator) == expected


@pytest.mark.parametrize(("half", "rounded"), [(1, 0), (3, 2), (5, 2), (-1, 0), (-3, -2)])
def test_a_tie_goes_to_the_even_neighbour(half, rounded):
    assert half_even(half, 2) == rounded


def test_a_ratio_to_nothing_is_refused_and_not_zero():
    with pytest.raises(ValueError, match="positive"):
        half_even(1, 0)
    assert share_bps(5, 0) is None
    assert growth_bps(now=5, before=0) is None


def test_growth_is_in_basis_points_of_the_earlier_month():
    assert growth_bps(now=140, before=100) == 4000
    assert growth_bps(now=0, before=100) == -10000


def test_every_definition_is_complete_in_both_languages_and_found_by_its_key():
    for entry in definitions():
        assert definition(entry.key) is entry
        texts = [entry.name, entry.formula, entry.period, entry.caveat]
        for words in [*texts, *([entry.minimum] if entry.minimum else [])]:
            assert words.text("zh-CN").strip()
            assert words.text("en").strip()
            assert words.text("zh-CN") != words.text("en")
            assert words.text("en").isascii() or set(words.text("en")) & set("÷")


def test_a_language_we_do_not_have_is_an_error_and_not_a_silent_other_one():
    with pytest.raises(KeyError):
        definition("gmv").name.text("fr")


def test_the_figures_of_a_report_all_have_a_definition():
    keys = [entry.key for entry in definitions()]
    assert keys == [
        "gmv",
        "refund",
        "net_gmv",
        "orders",
        "average_order",
        "active_buyers",
        "repurchase_rate",
        "mom",
        "yoy",
        "mix_share",
    ]
