"""One dealer's report as a static page that is complete without scripts.

The page carries its figures twice, as tables and drawn charts for people, and as JSON in
`<script type="application/json" id="report-data">` for the interactive charts and for whoever
checks the page against the facts.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.metrics.dealer import DealerReport, MonthFigures
from reports.render import text
from reports.render.assets import Assets
from reports.render.charts import page_chart
from reports.render.figures import figures
from reports.render.view import report_view

TEMPLATE_FOLDER = Path(__file__).resolve().parent / "templates"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
"""What a server should send with the page; it needs nothing inline and nothing from elsewhere."""

# `asdict` copies every value deeply, which took a quarter of a page's time.
_MONTH_FIELDS = tuple(field.name for field in fields(MonthFigures))


@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A page as UTF-8 bytes, and each of its charts as an SVG file by chart name."""

    html: bytes
    charts: Mapping[str, bytes]
    phone_charts: Mapping[str, bytes]  # the same, drawn for a narrow screen


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATE_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def month_data(month: MonthFigures) -> dict[str, Any]:
    """Return a month's figures as JSON values: minor units, basis points, null where missing."""
    values = {field: getattr(month, field) for field in _MONTH_FIELDS}
    return {**values, "month": f"{month.month:%Y-%m}"}


def page_data(report: DealerReport, *, language: str) -> dict[str, Any]:
    """Return what stands in the page's `report-data` element."""
    return {
        "dealer_ref": report.dealer_ref,
        "language": language,
        "currency": report.currency,
        "facts_version": report.facts_version,
        "facts_until": report.facts_until.isoformat(),
        "months": [month_data(month) for month in report.months],
        "mix": [asdict(row) for row in report.mix],
        "mix_by": report.mix_by,
        "mix_months": report.mix_months,
        "figures": figures(report, language=language),
    }


def script_json(value: object) -> Markup:
    """Return JSON that is safe inside a <script> element.

    Every "<" is written as an escape, so neither `</script>` nor `<!--` in a name can end or
    change the element.
    """
    encoded = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    # Nothing of it is read as markup any more, which is what Markup states.
    return Markup(encoded.replace("<", "\\u003c"))  # noqa: S704 – see above


def render_dealer(
    report: DealerReport,
    *,
    language: str,
    home_url: str | None,
    assets: Assets,
    languages: Sequence[str] = (),
    has_pdf: bool = True,
) -> RenderedPage:
    """Return the dealer's page in `language` ("zh-CN" or "en"); equal input gives equal bytes.

    `home_url` is where "back" leads, None for no such link. `languages` are those in which
    this report is built; two or more show a switch. `has_pdf` says whether
    `report.<language>.pdf` will lie beside the page. Raises UnknownLanguage.
    """
    data = page_data(report, language=language)
    drawn = data["figures"]
    charts = [page_chart(name, figure) for name, figure in drawn.items()]
    html = (
        _environment()
        .get_template("page.html")
        .render(
            view=report_view(report, language=language),
            t=text.wording(language).text,
            charts=charts,
            data=script_json(data),
            asset=assets.href,
            home_url=home_url,
            switch=[(other, other == language) for other in languages if len(languages) > 1],
            has_pdf=has_pdf,
        )
    )
    return RenderedPage(
        # A name may hold half a surrogate pair, which no encoding has: shown as a question mark.
        html=html.encode("utf-8", errors="replace"),
        charts={chart.name: chart.file for chart in charts},
        phone_charts={chart.name: chart.phone_file for chart in charts},
    )
