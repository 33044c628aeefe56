"""A drawn chart as plain marks, before anyone decides whether it becomes SVG or PDF."""

from dataclasses import dataclass
from typing import Literal

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled rectangle; x and y are its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points, not filled."""

    points: tuple[tuple[float, float], ...]
    stroke: str
    width: float


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    radius: float
    fill: str


@dataclass(frozen=True, slots=True)
class Label:
    """One line of text; y is its baseline, x the point that `anchor` names."""

    x: float
    y: float
    text: str
    size: float
    fill: str
    anchor: Anchor = "start"


Mark = Rect | Path | Dot | Label


@dataclass(frozen=True, slots=True)
class Scene:
    """A chart of a fixed size in px; marks are drawn in order, y grows downwards."""

    width: int
    height: int
    title: str
    alt: str
    marks: tuple[Mark, ...]

    def texts(self) -> tuple[str, ...]:
        """Return every visible text in drawing order."""
        return tuple(mark.text for mark in self.marks if isinstance(mark, Label))
