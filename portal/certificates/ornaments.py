"""The lines on a certificate: a woven frame and a seal, drawn as SVG by formula.

Fine repeated curves are what a copier spoils first, and what makes paper look like a document.
Lengths are millimetres; the same input gives the same bytes.
"""

import math
from collections.abc import Callable, Iterable
from functools import cache

WIDTH, HEIGHT = 297.0, 210.0
BLUE, DEEP, GOLD, PALE = "#0b5cc2", "#12365f", "#b08d3c", "#e9eff7"
_BAND = 11.0  # the middle of the woven band, from the edge of the paper
_SWING = 3.1
_WAVE = 8.0
_STRANDS = 5
_STEP = 0.55

Point = tuple[float, float]


def _line(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)


def _svg(width: float, height: float, *parts: str) -> bytes:
    opened = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {width:g} {height:g}">'
    )
    return (opened + "".join(parts) + "</svg>").encode()


def _stroke(path: str, colour: str, width: float) -> str:
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"/>'


def _frame_line(inset: float, colour: str, width: float) -> str:
    return (
        f'<rect x="{inset:g}" y="{inset:g}" width="{WIDTH - 2 * inset:g}" '
        f'height="{HEIGHT - 2 * inset:g}" fill="none" stroke="{colour}" stroke-width="{width:g}"/>'
    )


def _strand(start: Point, end: Point, phase: float) -> str:
    """Return a wave from one corner to the next; whole waves, so that they meet there."""
    (x1, y1), (x2, y2) = start, end
    length = math.hypot(x2 - x1, y2 - y1)
    along = ((x2 - x1) / length, (y2 - y1) / length)
    waves = round(length / _WAVE)
    steps = round(length / _STEP)
    points = []
    for step in range(steps + 1):
        done = step / steps
        off = _SWING * math.sin(2 * math.pi * (waves * done + phase))
        x = x1 + along[0] * length * done - along[1] * off
        y = y1 + along[1] * length * done + along[0] * off
        points.append((x, y))
    return _line(points)


@cache
def frame() -> bytes:
    """Return the frame of an A4 page in landscape."""
    inset = _BAND + 7.2
    corners = [
        (inset, _BAND),
        (WIDTH - inset, _BAND),
        (WIDTH - _BAND, inset),
        (WIDTH - _BAND, HEIGHT - inset),
        (WIDTH - inset, HEIGHT - _BAND),
        (inset, HEIGHT - _BAND),
        (_BAND, HEIGHT - inset),
        (_BAND, inset),
    ]
    sides = [(corners[each], corners[each + 1]) for each in range(0, 8, 2)]
    strands = "".join(
        _strand(start, end, phase / _STRANDS) for start, end in sides for phase in range(_STRANDS)
    )
    edge = 5.8
    rosettes = "".join(
        f'<g transform="translate({x:g} {y:g})">{_rosette(5.4, DEEP, 0.14)}'
        f'<circle r="1.1" fill="{GOLD}"/></g>'
        for x in (_BAND, WIDTH - _BAND)
        for y in (_BAND, HEIGHT - _BAND)
    )
    return _svg(
        WIDTH,
        HEIGHT,
        _frame_line(edge, DEEP, 0.5),
        _frame_line(edge + 0.9, GOLD, 0.2),
        _stroke(strands, DEEP, 0.13),
        _frame_line(2 * _BAND - edge - 0.9, GOLD, 0.2),
        _frame_line(2 * _BAND - edge, DEEP, 0.35),
        rosettes,
    )


def _polar(radius: Callable[[float], float], *, turns: int = 1, steps: int = 720) -> str:
    angles = (2 * math.pi * turns * step / steps for step in range(steps + 1))
    return _line((radius(each) * math.cos(each), radius(each) * math.sin(each)) for each in angles)


def _woven(size: float, petals: int, shift: float) -> Callable[[float], float]:
    return lambda angle: size * (0.72 + 0.24 * math.sin(petals * angle + 2 * math.pi * shift))


def _rosette(size: float, colour: str, width: float, *, petals: int = 12, steps: int = 480) -> str:
    """Return curves around the origin that weave a ring, as engraved on banknotes."""
    paths = "".join(_polar(_woven(size, petals, turn / 6), steps=steps) for turn in range(6))
    return _stroke(paths, colour, width)


@cache
def seal() -> bytes:
    """Return the seal, 36 mm across: a scalloped edge, a woven ring, the alliance's mark."""
    size = 36.0
    edge = _polar(lambda angle: 17.0 + 0.55 * math.cos(48 * angle), steps=960)
    return _svg(
        size,
        size,
        f'<g transform="translate({size / 2:g} {size / 2:g})">',
        f'<path d="{edge}" fill="{GOLD}"/>',
        '<circle r="15.6" fill="none" stroke="#ffffff" stroke-width="0.35"/>',
        '<circle r="15" fill="none" stroke="#ffffff" stroke-width="0.12"/>',
        _rosette(14.6, "#ffffff", 0.12, petals=24),
        f'<circle r="8.4" fill="{GOLD}" stroke="#ffffff" stroke-width="0.3"/>',
        mark(scale=0.44, x=-7.04, y=-7.04, plain=True),
        "</g>",
    )


def mark(*, scale: float, x: float, y: float, plain: bool = False) -> str:
    """Return the alliance's mark, 32 units across before the scale; plain: white lines only."""
    ground = "" if plain else f'<rect width="32" height="32" rx="8" fill="{BLUE}"/>'
    end = "#ffffff" if plain else "#9fd0ff"
    return (
        f'<g transform="translate({x:g} {y:g}) scale({scale:g})">{ground}'
        '<path d="M7 22c5 0 5-12 9-12s4 12 9 12" fill="none" stroke="#ffffff" stroke-width="2.6" '
        'stroke-linecap="round"/><circle cx="7" cy="22" r="2.4" fill="#ffffff"/>'
        f'<circle cx="25" cy="22" r="2.4" fill="{end}"/></g>'
    )


@cache
def logo() -> bytes:
    """Return the alliance's mark as a picture of its own."""
    return _svg(32, 32, mark(scale=1, x=0, y=0))


@cache
def badge() -> bytes:
    """Return the picture of a digital badge: the seal with ribbons, without any words."""
    edge = _polar(lambda angle: 118 + 4 * math.cos(32 * angle), steps=960)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400" viewBox="0 0 400 400">'
        f'<path d="M128 236 96 380l52-22 30 38 34-140z" fill="{DEEP}"/>'
        f'<path d="M272 236l32 144-52-22-30 38-34-140z" fill="{BLUE}"/>'
        '<g transform="translate(200 160)">'
        f'<path d="{edge}" fill="{GOLD}"/>'
        '<circle r="106" fill="none" stroke="#ffffff" stroke-width="2.6"/>'
        f"{_rosette(100, '#ffffff', 0.8, petals=24, steps=288)}"
        f'<circle r="60" fill="{BLUE}" stroke="#ffffff" stroke-width="3"/>'
        f"{mark(scale=3.1, x=-49.6, y=-49.6, plain=True)}"
        "</g></svg>"
    ).encode()
