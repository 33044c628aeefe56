"""An iCalendar file taken apart by its lines, before anything in it is understood.

So that one broken event cannot take the others along. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

MOST_LINES = 400_000
_HEAD_NAMES = frozenset({"X-WR-TIMEZONE"})
_KEPT = frozenset({"VEVENT", "VFREEBUSY", "VTIMEZONE"})


@dataclass(slots=True)
class Block:
    """One event: its place in the file (1 for the first), its lines and what groups it."""

    number: int
    name: str
    lines: list[str]
    uid: str = ""


@dataclass(slots=True)
class Unpacked:
    """What a file holds: events in its order, zones, and the few lines that speak for all."""

    events: list[Block] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    head: dict[str, str] = field(default_factory=dict)
    is_calendar: bool = False


def text_of(raw: bytes) -> str:
    """Return a file's characters; what is no UTF-8 is read as best as can be."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def unfolded(text: str) -> Iterator[str]:
    """Yield the content lines of a file, however it ends and folds its lines."""
    held: str | None = None
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]:
        if line[:1] in {" ", "\t"} and held is not None:
            held += line[1:]
            continue
        if held:
            yield held
        held = line
    if held:
        yield held


def unpack(documents: Sequence[bytes]) -> Unpacked:
    """Return what these files hold together; the events are counted on through all of them."""
    found = Unpacked()
    for raw in documents:
        _unpack(raw, found)
    return found


def _unpack(raw: bytes, found: Unpacked) -> None:
    path: list[str] = []  # the parts that we are within, the outermost first
    block: list[str] = []
    for line in unfolded(text_of(raw)):
        word, _, value = (each.strip().upper() for each in line.partition(":"))
        if path:
            block.append(line)
            if word == "BEGIN":
                path.append(value)
            elif word == "END" and _leaves(path, value):
                _keep(block, found)
        elif word == "BEGIN" and value in _KEPT:
            path, block = [value], [line]
        else:
            _note_head(word, line, found)
    if path:
        _keep(block, found)  # cut off in the middle: reading it will say what is wrong


def _note_head(word: str, line: str, found: Unpacked) -> None:
    value = line.partition(":")[2].strip()
    if word in _HEAD_NAMES:
        found.head.setdefault(word, value)
    if word == "BEGIN" and value.upper() == "VCALENDAR":
        found.is_calendar = True


def _leaves(path: list[str], part: str) -> bool:
    """Leave the part that ends here, and what was left open in it; tell whether all was left."""
    while path and path.pop() != part:
        continue
    return not path


def _keep(block: list[str], found: Unpacked) -> None:
    name = block[0].partition(":")[2].strip().upper()
    if name == "VTIMEZONE":
        found.zones.append("\r\n".join(block))
        return
    uid = next(
        (line.partition(":")[2].strip() for line in block if line[:4].upper() in {"UID:", "UID;"}),
        "",
    )
    found.events.append(Block(number=len(found.events) + 1, name=name, lines=block, uid=uid))
