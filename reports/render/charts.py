"""Figure dict -> drawn charts in the sizes that page, file and PDF use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from reports.render.chart_layout import scene
from reports.render.chart_svg import svg
from reports.render.scene import Scene

WIDE = (540, 300)
"""px of a chart on a page with room for two beside each other, and of the chart as a file."""

NARROW = (340, 260)
"""px of a chart on a phone: drawn anew, not shrunk, so that its texts stay readable."""

PRINT = (340, 154)
"""CSS px of a chart in the PDF, where two stand beside each other on A4."""


@dataclass(frozen=True, slots=True)
class PageChart:
    """One chart as the page shows it before, and without, scripts, and as a file."""

    name: str
    title: str
    note: str
    wide: Markup
    narrow: Markup
    file: bytes  # the wide drawing as an SVG document of its own
    phone_file: bytes  # the narrow one: a scaled wide drawing has labels that nobody can read


def page_chart(name: str, figure: Mapping[str, Any]) -> PageChart:
    """Return the chart's two inline SVGs, of which the stylesheet shows one."""
    drawn = dict(figure)
    wide = scene(drawn, width=WIDE[0], height=WIDE[1])
    narrow = scene(drawn, width=NARROW[0], height=NARROW[1])
    return PageChart(
        name=name,
        title=wide.title,
        note=figure["layout"]["meta"]["note"],
        # Our own writer escapes every text that it puts into the drawing.
        wide=Markup(svg(wide, ident=f"{name}-wide", css_class="wide")),  # noqa: S704 – see above
        narrow=Markup(svg(narrow, ident=f"{name}-narrow", css_class="narrow")),  # noqa: S704 – see above
        file=svg(wide).encode(),
        phone_file=svg(narrow).encode(),
    )


def print_scene(figure: Mapping[str, Any]) -> Scene:
    """Return the chart as the PDF shows it."""
    return scene(dict(figure), width=PRINT[0], height=PRINT[1])
