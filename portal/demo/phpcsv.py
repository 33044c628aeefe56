"""Writes CSV byte for byte as PHP's fputcsv does, which is what the shop system exports with.

It differs from Python's csv module: a field is quoted for a blank, a tab or a backslash too,
and a quote after a backslash is not doubled. Source: fputcsv in PHP's ext/standard/file.c,
default separator, enclosure and escape character.
"""

from collections.abc import Iterable, Sequence

BOM = "\ufeff"
_QUOTED = frozenset(',"\\\n\r\t ')


def field(text: str) -> str:
    """Return one field, quoted only where PHP would."""
    if _QUOTED.isdisjoint(text):
        return text
    return f'"{_doubled(text)}"'


def _doubled(text: str) -> str:
    """Return the text with its quotes doubled, but for one that follows a backslash."""
    parts: list[str] = []
    escaped = False
    for char in text:
        if char == "\\":
            escaped = True
        elif char == '"' and not escaped:
            parts.append(char)
        else:
            escaped = False
        parts.append(char)
    return "".join(parts)


def document(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a whole file: UTF-8 with BOM, one line a row, each ended by a bare line feed."""
    lines = [",".join(map(field, header))]
    lines += (",".join(map(field, row)) for row in rows)
    return (BOM + "\n".join(lines) + "\n").encode()
