"""Scene -> drawing operators inside a WeasyPrint document: the guarded adapter.

WeasyPrint looks up an image's address in the `cache` that it is given before it fetches
anything. What stands there needs `get_intrinsic_size()` and `draw()`; so a chart can write its
own lines, and its labels in the document's own fonts, at an eighth of the cost of an SVG image.
That leans on classes that WeasyPrint does not promise to keep. Only this module knows them.
`pdf.py` tries it once, and where they have changed hands the same scenes over as SVG.

Import it only where WeasyPrint is installed with its system libraries.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path as FilePath
from typing import Any

from weasyprint.css import InitialStyle
from weasyprint.text.ffi import ffi, pango
from weasyprint.text.fonts import get_pango_font_key
from weasyprint.text.line_break import Layout

from reports.render import font_metrics
from reports.render.font_metrics import Face
from reports.render.scene import Dot, Label, Mark, Path, Rect, Scene

# Handle length of the four curves that make a circle.
CIRCLE = 0.5523


class AdapterUnfit(RuntimeError):
    """This WeasyPrint does not do what the adapter relies on."""


@dataclass(frozen=True, slots=True)
class _Font:
    """A font as Pango holds it, and its glyphs as we read them from the file."""

    layout: Any  # kept, since it owns the Pango font
    pango_font: Any
    face: Face


class ChartPainter:
    """Makes images of scenes for documents of one font configuration."""

    def __init__(self, font_config: Any) -> None:
        self.fonts = (
            _font(font_config, "Noto Sans SC", font_metrics.REGULAR),
            _font(font_config, "Noto Sans SC Ext", font_metrics.EXTENSION),
        )

    def image(self, scene: Scene) -> "ChartImage":
        """Return what WeasyPrint takes for an image of the scene."""
        return ChartImage(scene, self)

    def font_of(self, character: str) -> _Font:
        """Return the first font that has the character; raises AdapterUnfit when none has."""
        for font in self.fonts:
            if ord(character) in font.face.glyphs:
                return font
        raise AdapterUnfit(f"no font for U+{ord(character):04X}")

    def runs(self, text: str) -> Iterator[tuple[_Font, str]]:
        """Cut a text where the font changes."""
        for font, characters in groupby(text, self.font_of):
            yield font, "".join(characters)

    def width(self, text: str, size: float) -> float:
        """Return the width of the text as it will be drawn."""
        advances = (self.font_of(char).face.advances[ord(char)] for char in text)
        return sum(advances) * size / 1000


def _font(font_config: Any, family: str, path: FilePath) -> _Font:
    style = InitialStyle(font_config)
    style["font_family"] = (family,)
    style["font_size"] = 10
    layout = Layout(style)
    layout.set_text("永")
    line, _ = layout.get_first_line()
    pango_font = line.runs[0].data.item.analysis.font
    _, description, _ = get_pango_font_key(pango_font)
    found = ffi.string(pango.pango_font_description_get_family(description)).decode()
    if found != family:
        # Glyph numbers are those of our file and would be nonsense in any other.
        raise AdapterUnfit(f"asked for the font {family!r}, got {found!r}")
    return _Font(layout, pango_font, font_metrics.face(path))


class ChartImage:
    """A scene in the shape of WeasyPrint's own images."""

    def __init__(self, scene: Scene, painter: ChartPainter) -> None:
        self.scene = scene
        self.painter = painter

    def get_intrinsic_size(
        self, _resolution: float, _font_size: float
    ) -> tuple[float, float, float]:
        """Return width and height in CSS px, and their ratio."""
        scene = self.scene
        return scene.width, scene.height, scene.width / scene.height

    def draw(self, stream: Any, width: float, height: float, _style: Any) -> None:
        """Write the scene into the page's stream, scaled to `width` by `height` px."""
        with stream.stacked():
            stream.transform(a=width / self.scene.width, d=height / self.scene.height)
            for mark in self.scene.marks:
                self._mark(stream, mark)

    def _mark(self, stream: Any, mark: Mark) -> None:
        match mark:
            case Rect():
                stream.set_color_rgb(*_rgb(mark.fill))
                stream.rectangle(mark.x, mark.y, mark.width, mark.height)
                stream.fill()
            case Path():
                _path(stream, mark)
            case Dot():
                _dot(stream, mark)
            case Label():
                self._label(stream, mark)

    def _label(self, stream: Any, label: Label) -> None:
        width = self.painter.width(label.text, label.size)
        x = label.x - {"start": 0.0, "middle": width / 2, "end": width}[label.anchor]
        stream.set_color_rgb(*_rgb(label.fill))
        stream.begin_text()
        # The page's y grows downwards, a glyph's grows upwards.
        stream.set_text_matrix(1, 0, 0, -1, x, label.y)
        for font, text in self.painter.runs(label.text):
            embedded, _ = stream.add_font(font.pango_font)
            stream.set_font_size(embedded.hash, label.size)
            stream.show_text(_glyphs(embedded, font.face, text))
        stream.end_text()


def _glyphs(embedded: Any, face: Face, text: str) -> str:
    """Return the text as glyph numbers, and tell the document which character each one is."""
    numbers = []
    for character in text:
        number = face.glyphs[ord(character)]
        embedded.to_unicode.setdefault(number, character)
        embedded.widths.setdefault(number, face.advances[ord(character)])
        numbers.append(f"{number:04x}")
    return f"<{''.join(numbers)}>"


def _rgb(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _path(stream: Any, path: Path) -> None:
    stream.set_color_rgb(*_rgb(path.stroke), stroke=True)
    stream.set_line_width(path.width)
    stream.set_line_join(1)
    stream.move_to(*path.points[0])
    for point in path.points[1:]:
        stream.line_to(*point)
    stream.stroke()


def _dot(stream: Any, dot: Dot) -> None:
    x, y, r, k = dot.x, dot.y, dot.radius, dot.radius * CIRCLE
    stream.set_color_rgb(*_rgb(dot.fill))
    stream.move_to(x + r, y)
    stream.curve_to(x + r, y + k, x + k, y + r, x, y + r)
    stream.curve_to(x - k, y + r, x - r, y + k, x - r, y)
    stream.curve_to(x - r, y - k, x - k, y - r, x, y - r)
    stream.curve_to(x + k, y - r, x + r, y - k, x + r, y)
    stream.fill()
