"""A built report's figures back from its JSON, so that the portal words them as the report does."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from reports.metrics.dealer import DealerReport, MixRow, MonthFigures
from reports.site.view import BuildView


def report_of(values: Mapping[str, Any]) -> DealerReport:
    """Return the report whose JSON is `values` (reports.site.data.values_of)."""
    first = values["first_sold_on"]
    return DealerReport(
        **{
            **values,
            "months": tuple(
                MonthFigures(**{**month, "month": date.fromisoformat(f"{month['month']}-01")})
                for month in values["months"]
            ),
            "mix": tuple(MixRow(**row) for row in values["mix"]),
            "first_sold_on": None if first is None else date.fromisoformat(first),
            "facts_until": date.fromisoformat(values["facts_until"]),
        }
    )


def report_in(site: BuildView, shop_ref: str) -> DealerReport:
    """Return a dealer's report in that build; raise NoReport when there is none."""
    return report_of(site.report_data(shop_ref))
