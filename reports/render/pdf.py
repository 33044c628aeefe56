"""One dealer's report as a tagged PDF in A4, with the page's own figures and charts.

WeasyPrint needs system libraries (Pango, HarfBuzz) that a machine may lack. So it is loaded when
a PdfRenderer is made, never by importing this module, and its absence is PdfUnavailable.
"""

import hashlib
import importlib
import logging
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.metrics.dealer import DealerReport
from reports.render import font_metrics, text
from reports.render.assets import STATIC_FOLDER
from reports.render.chart_svg import svg
from reports.render.charts import print_scene
from reports.render.figures import figures
from reports.render.pages import TEMPLATE_FOLDER
from reports.render.scene import Label, Scene
from reports.render.view import Explained, report_view

log = logging.getLogger(__name__)

FONT_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""

# Characters that fit into the month table at its usual size: ¥12,345,678.90 and +1,234.5%.
ROOMY_AMOUNT = 14
ROOMY_CHANGE = 9


class PdfUnavailable(RuntimeError):
    """PDFs cannot be made on this machine; `reason` says what is missing."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@contextmanager
def _only_our_fonts(folder: Path) -> Iterator[None]:
    """Make fontconfig see the shipped fonts and no others while it reads its configuration.

    The same report must look, and be, the same on every machine; and a system's own CJK
    collection costs more than half as much again in time and six times the size.
    """
    configuration = folder / "fonts.conf"
    fonts = escape(str(font_metrics.FONT_FOLDER))
    cached = escape(str(folder / "cache"))
    configuration.write_text(FONT_CONFIGURATION.format(fonts=fonts, cache=cached), encoding="utf-8")
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(configuration)
    try:
        yield
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before


def document_writer(stylesheet: str) -> Any:
    """Return a weasy_document.DocumentWriter with our fonts and no others.

    Long-lived, and not shared between threads at the same moment. Raises PdfUnavailable when
    WeasyPrint or a library below it is missing.
    """
    folder = Path(tempfile.mkdtemp(prefix="report-fonts-"))
    with _only_our_fonts(folder):
        try:
            module = importlib.import_module("reports.render.weasy_document")
        except (ImportError, OSError) as missing:
            shutil.rmtree(folder, ignore_errors=True)
            raise PdfUnavailable(str(missing)) from missing
        writer = module.DocumentWriter(stylesheet)
    weakref.finalize(writer, shutil.rmtree, folder, ignore_errors=True)
    return writer


def _printable(value: Any) -> Any:
    return font_metrics.printable(value) if isinstance(value, str) else value


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATE_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # A character that no font of ours has would be a nameless hole in the document.
        finalize=_printable,
    )


def _printable_scene(scene: Scene) -> Scene:
    marks = tuple(
        Label(mark.x, mark.y, _printable(mark.text), mark.size, mark.fill, mark.anchor)
        if isinstance(mark, Label)
        else mark
        for mark in scene.marks
    )
    return Scene(scene.width, scene.height, _printable(scene.title), _printable(scene.alt), marks)


class PdfRenderer:
    """Makes PDFs; long-lived, since fonts, stylesheet and template are read once.

    One per process and not shared between threads. `native_charts` draws charts straight into
    the document where this WeasyPrint allows it; without, or where not, they are SVG images of
    the same scenes. Raises PdfUnavailable when WeasyPrint or a library below it is missing.
    """

    def __init__(self, *, native_charts: bool = True) -> None:
        stylesheet = (STATIC_FOLDER / "pdf.css").read_text(encoding="utf-8")
        self._writer = document_writer(stylesheet)
        self._painter = self._tried_painter() if native_charts else None

    @property
    def native_charts(self) -> bool:
        """Whether charts are drawn straight into the document."""
        return self._painter is not None

    def _tried_painter(self) -> Any | None:
        """Return the chart adapter after one trial document; None where it does not work."""
        try:
            adapter = importlib.import_module("reports.render.weasy_charts")
            painter = adapter.ChartPainter(self._writer.font_config)
            trial = Scene(20, 20, "", "", (Label(0, 9, "永", 9, "#000000"),))
            images = {"chart:trial": painter.image(trial)}
            html = '<html lang="en"><title>-</title><img src="chart:trial" alt="-">'
            self._writer.write(html, charts={}, images=images, ident=b"trial")
        # Their classes are not promised to us: whatever fails here, the SVG path stands.
        except (ImportError, AttributeError, TypeError, ValueError, LookupError, RuntimeError) as e:
            log.warning("report.pdf.charts_as_svg", extra={"reason": f"{type(e).__name__}: {e}"})
            return None
        return painter

    def trial(self) -> bytes:
        """Return a document of one Chinese line: proof that PDFs can be made here."""
        html = '<html lang="zh-CN"><title>同途</title><p>同途 永 ¥12,345.60</p>'
        made: bytes = self._writer.write(html, charts={}, images={}, ident=b"trial")
        return made

    def render(self, report: DealerReport, *, language: str) -> bytes:
        """Return the report in `language` as PDF/UA-1; equal reports give equal bytes.

        Characters that the shipped fonts lack are printed as boxes. Raises UnknownLanguage.
        """
        drawn = figures(report, language=language)
        scenes = {name: _printable_scene(print_scene(figure)) for name, figure in drawn.items()}
        html = _html(report, language=language, figures=drawn)
        ident = hashlib.sha256(html.encode("utf-8", errors="replace")).digest()[:16]
        charts, images = self._pictures(scenes)
        made: bytes = self._writer.write(html, charts=charts, images=images, ident=ident)
        return made

    def _pictures(self, scenes: Mapping[str, Scene]) -> tuple[dict[str, bytes], dict[str, Any]]:
        """Return the charts as SVG files, or as ready images, by the address the page uses."""
        if self._painter is None:
            return {f"chart:{name}": svg(scene).encode() for name, scene in scenes.items()}, {}
        return {}, {f"chart:{name}": self._painter.image(scene) for name, scene in scenes.items()}


def _html(report: DealerReport, *, language: str, figures: Mapping[str, Any]) -> str:
    charts = [{"name": name, **figure["layout"]["meta"]} for name, figure in figures.items()]
    view = report_view(report, language=language)
    return (
        _environment()
        .get_template("pdf.html")
        .render(
            view=view,
            dense=any(_crowded(row.cells) for row in view.months),
            t=text.wording(language).text,
            charts=charts,
            halves=_halves(view.definitions),
            # The document's only date: that of its facts, so that equal facts give equal bytes.
            dated=report.facts_until.isoformat(),
        )
    )


def _halves(entries: Sequence[Explained]) -> tuple[Sequence[Explained], Sequence[Explained]]:
    """Cut the definitions into two columns of about equal length.

    Done here since CSS columns, which WeasyPrint balances by trying, tripled a report's time.
    """
    sizes = [len(entry.formula) + sum(len(line) for _, line in entry.lines) for entry in entries]
    cut = min(
        range(len(entries) + 1), key=lambda place: abs(sum(sizes[:place]) - sum(sizes[place:]))
    )
    return entries[:cut], entries[cut:]


def _crowded(cells: Sequence[str]) -> bool:
    """Return whether a row of the month table needs the smaller type."""
    changes = cells[-2:]
    return (
        max(len(cell) for cell in cells) > ROOMY_AMOUNT
        or max(len(cell) for cell in changes) > ROOMY_CHANGE
    )
