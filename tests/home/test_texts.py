"""The sentences of a dealer's next step: numbers as the report writes them."""

from datetime import date

import pytest

from portal.home import texts
from portal.home.rules import Figure, Reading


@pytest.mark.parametrize(
    ("figure", "now", "before", "expected"),
    [
        (Figure.REPURCHASE_RATE, 1_820, 2_030, "10 月复购率 18.2%，比上月降低 2.1 个百分点"),
        (Figure.REFUND_RATE, 550, 200, "10 月退款率 5.5%，比上月提高 3.5 个百分点"),
        (Figure.ACTIVE_BUYERS, 1_021, 1_410, "10 月活跃买家 1,021 人，比上月下降 27.6%"),
        (Figure.AVERAGE_ORDER, 123_450, 150_000, "10 月客单价 ¥1,234.50，比上月下降 17.7%"),
    ],
)
def test_a_reason_names_month_figure_value_and_change(context, figure, now, before, expected):
    reading = Reading(figure=figure, now=now, before=before)

    assert texts.reading(reading, month=date(2026, 10, 1), currency="CNY") == expected
