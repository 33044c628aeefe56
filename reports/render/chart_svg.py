"""Scene -> SVG with presentation attributes only: a strict content policy accepts it inline."""

from xml.sax.saxutils import escape, quoteattr

from reports.render.scene import Dot, Label, Mark, Path, Rect, Scene

FAMILY = "PingFang SC, Microsoft YaHei, Noto Sans SC, Noto Sans CJK SC, sans-serif"


def number(value: float) -> str:
    """Return a coordinate with at most two decimals; the same text on every machine."""
    shown = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if shown in {"-0", ""} else shown


def svg(scene: Scene, *, ident: str | None = None, css_class: str = "") -> str:
    """Return the scene as one <svg> element.

    `ident` must be unique in the document that the element is put into; without one the
    result is a document of its own.
    """
    name = ident or "chart"
    namespace = "" if ident else ' xmlns="http://www.w3.org/2000/svg"'
    size = "" if ident else f' width="{scene.width}" height="{scene.height}"'
    classed = f" class={quoteattr(css_class)}" if css_class else ""
    head = (
        f'<svg{namespace}{size} viewBox="0 0 {scene.width} {scene.height}"{classed} role="img" '
        f'aria-labelledby="{name}-t {name}-d" font-family={quoteattr(FAMILY)}>'
        f'<title id="{name}-t">{_text(scene.title)}</title>'
        f'<desc id="{name}-d">{_text(scene.alt)}</desc>'
    )
    return head + "".join(_mark(mark) for mark in scene.marks) + "</svg>"


def _text(text: str) -> str:
    """Escape, and drop what no XML document may hold."""
    return escape("".join(char for char in text if _allowed(char)))


def _allowed(char: str) -> bool:
    return char in "\t\n" or (char >= " " and char not in "\ufffe\uffff\x7f" and not _half(char))


def _half(char: str) -> bool:
    return "\ud800" <= char <= "\udfff"


def _mark(mark: Mark) -> str:
    match mark:
        case Rect():
            return (
                f'<rect x="{number(mark.x)}" y="{number(mark.y)}" width="{number(mark.width)}" '
                f'height="{number(mark.height)}" fill="{mark.fill}"/>'
            )
        case Path():
            points = " ".join(f"{number(x)},{number(y)}" for x, y in mark.points)
            return (
                f'<polyline points="{points}" fill="none" stroke="{mark.stroke}" '
                f'stroke-width="{number(mark.width)}" stroke-linejoin="round"/>'
            )
        case Dot():
            return (
                f'<circle cx="{number(mark.x)}" cy="{number(mark.y)}" '
                f'r="{number(mark.radius)}" fill="{mark.fill}"/>'
            )
        case Label():
            anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
            return (
                f'<text x="{number(mark.x)}" y="{number(mark.y)}" font-size="{number(mark.size)}" '
                f'fill="{mark.fill}"{anchor}>{_text(mark.text)}</text>'
            )
