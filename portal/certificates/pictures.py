"""Pictures of a certificate: the badge as PNG and SVG, empty or with its credential inside, and
the card that a chat shows beside a link.

Baking follows Open Badges 3.0 (section 5.3): a PNG carries the credential in an iTXt chunk, an SVG
in an element of its own.
"""

import io
import math
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from portal.certificates import ornaments
from portal.certificates.ornaments import BLUE, DEEP, GOLD, PALE
from reports.render import font_metrics

KEYWORD = "openbadgecredential"
NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
SIDE = 400  # of the badge, in pixels; the standard asks for at least 90
CARD = (1200, 630)  # what chats and networks show beside a link
_FINE = 3  # drawn so many times larger, then made smaller: smooth edges
_WHITE = "#ffffff"

Point = tuple[float, float]


def baked_svg(token: str) -> bytes:
    """Return the badge as SVG with a signed credential in it."""
    opened, rest = ornaments.badge().decode().split(">", 1)
    # A compact JWT has letters, digits, dots, dashes and underscores only: nothing to escape.
    inside = f'<openbadges:credential xmlns:openbadges="{NAMESPACE}" verify="{token}"/>'
    return f"{opened}>{inside}{rest}".encode()


def baked_png(token: str) -> bytes:
    """Return the badge as PNG with a signed credential in it."""
    told = PngInfo()
    told.add_itxt(KEYWORD, token)
    return _png(_badge(), told)


@cache
def badge_png() -> bytes:
    """Return the badge as PNG, without a credential."""
    return _png(_badge())


def _png(picture: Image.Image, told: PngInfo | None = None) -> bytes:
    out = io.BytesIO()
    few = picture.quantize(128, method=Image.Quantize.FASTOCTREE)  # a third of the bytes
    few.save(out, "PNG", optimize=True, pnginfo=told)
    return out.getvalue()


@cache
def _badge() -> Image.Image:
    """Return the badge as ornaments.badge draws it."""
    side = SIDE * _FINE
    picture = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    left = ((128, 236), (96, 380), (148, 358), (178, 396), (212, 256))
    right = tuple((400 - x, y) for x, y in left)
    draw.polygon([(x * _FINE, y * _FINE) for x, y in left], fill=DEEP)
    draw.polygon([(x * _FINE, y * _FINE) for x, y in right], fill=BLUE)
    _seal(draw, centre=(200 * _FINE, 160 * _FINE), unit=_FINE)
    return picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _seal(draw: ImageDraw.ImageDraw, *, centre: Point, unit: float) -> None:
    """Draw the badge's disc; `unit` is how long one of its units is, the disc is 122 across."""
    edge = _curve(centre, unit, lambda angle: 118 + 4 * math.cos(32 * angle))
    draw.polygon(edge, fill=GOLD)
    _circle(draw, centre, 106 * unit, outline=_WHITE, width=2.6 * unit)
    for turn in range(6):
        shift = 2 * math.pi * turn / 6
        ring = _curve(centre, unit, _woven(shift))
        draw.line(ring, fill=_WHITE, width=max(1, round(0.8 * unit)))
    _circle(draw, centre, 60 * unit, fill=BLUE, outline=_WHITE, width=3 * unit)
    _mark(draw, centre, 3.1 * unit)


def _woven(shift: float) -> Callable[[float], float]:
    return lambda angle: 100 * (0.72 + 0.24 * math.sin(24 * angle + shift))


def _curve(centre: Point, unit: float, radius: Callable[[float], float]) -> list[Point]:
    """Return the points of a polar curve."""
    steps = 1440
    return [
        (
            centre[0] + unit * radius(angle) * math.cos(angle),
            centre[1] + unit * radius(angle) * math.sin(angle),
        )
        for angle in (2 * math.pi * step / steps for step in range(steps + 1))
    ]


def _circle(
    draw: ImageDraw.ImageDraw,
    centre: Point,
    radius: float,
    *,
    fill: str | None = None,
    outline: str | None = None,
    width: float = 0,
) -> None:
    x, y = centre
    box = (x - radius, y - radius, x + radius, y + radius)
    draw.ellipse(box, fill=fill, outline=outline, width=round(width))


def _mark(draw: ImageDraw.ImageDraw, centre: Point, unit: float) -> None:
    """Draw the alliance's mark: a line that rises and comes down between two points."""
    x0, y0 = centre[0] - 16 * unit, centre[1] - 16 * unit
    line = [
        *_bezier((7, 22), (12, 22), (12, 10), (16, 10)),
        *_bezier((16, 10), (20, 10), (20, 22), (25, 22)),
    ]
    for x, y in line:  # a round pen
        _circle(draw, (x0 + x * unit, y0 + y * unit), 1.3 * unit, fill=_WHITE)
    for x in (7, 25):
        _circle(draw, (x0 + x * unit, y0 + 22 * unit), 2.4 * unit, fill=_WHITE)


def _bezier(*corners: Point) -> list[Point]:
    weights = (1, 3, 3, 1)
    points = []
    for step in range(61):
        t = step / 60
        parts = [w * (1 - t) ** (3 - n) * t**n for n, w in enumerate(weights)]
        points.append(
            (
                sum(part * x for part, (x, _) in zip(parts, corners, strict=True)),
                sum(part * y for part, (_, y) in zip(parts, corners, strict=True)),
            )
        )
    return points


def card(*, heading: str, title: str, name: str, number: str) -> bytes:
    """Return the card for a link: what it is, the course, the name as strangers see it."""
    picture = Image.new("RGB", CARD, _WHITE)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, CARD[0], CARD[1]), fill=PALE)
    draw.rectangle((28, 28, CARD[0] - 28, CARD[1] - 28), fill=_WHITE, outline=DEEP, width=3)
    draw.rectangle((38, 38, CARD[0] - 38, CARD[1] - 38), outline=GOLD, width=1)
    badge = _badge().resize((340, 340), Image.Resampling.LANCZOS)
    picture.paste(badge, (92, 145), badge)
    left, room = 480.0, CARD[0] - 480 - 84
    draw.text((left, 150), heading, font=_font(30), fill=GOLD)
    bottom = 206.0
    for line in _lines(title, size=52, room=room):
        draw.text((left, bottom), line, font=_font(52, bold=True), fill=DEEP)
        bottom += 72
    draw.text((left, bottom + 22), name, font=_font(40), fill="#1b2430")
    draw.text((left, 452), number, font=_font(28), fill="#59636e")
    return _png(picture)


def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_metrics.BOLD if bold else font_metrics.REGULAR, size)


def _lines(text: str, *, size: float, room: float) -> list[str]:
    """Return a text in at most two lines that fit; what does not is cut."""
    text = font_metrics.printable(text)
    if font_metrics.width(text, size=size) <= room:
        return [text]
    cut = next(
        end for end in range(len(text), 0, -1) if font_metrics.width(text[:end], size=size) <= room
    )
    space = text.rfind(" ", 0, cut + 1)
    cut = space if text.isascii() and space > 0 else cut
    rest = font_metrics.fitted(text[cut:].strip(), size=size, limit=room)
    return [text[:cut], rest]
