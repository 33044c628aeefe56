"""What the doctor says about one thing: how it stands, in words, and what to do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.i18n import lazy_gettext


class Level(StrEnum):
    """How a thing stands. Only BAD makes the command end with an error."""

    GOOD = "good"
    INFO = "info"  # not set up, and the portal does without
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; its texts are in whichever language they are read in."""

    name: str
    level: Level
    title: Any
    found: Any
    todo: Any = None  # None: nothing to do


def good(name: str, title: Any, found: Any) -> Finding:
    """Return that a thing is as it should be."""
    return Finding(name=name, level=Level.GOOD, title=title, found=found)


def crashed(name: str, title: Any, error: Exception) -> Finding:
    """Return that a thing could not even be looked at."""
    # A database's error goes on with the whole statement; its first line says it.
    words = str(getattr(error, "orig", None) or error).strip().splitlines()[0][:300]
    return Finding(
        name=name,
        level=Level.BAD,
        title=title,
        found=lazy_gettext("没能检查：%(error)s", error=words),
        todo=lazy_gettext("先解决这个错误，再检查一次。"),
    )
