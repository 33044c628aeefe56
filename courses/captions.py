"""Read WebVTT captions far enough to say whether a film has them, and up to where."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_CUE = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?\Z")


@dataclass(frozen=True, kw_only=True)
class Cue:
    """One caption: shown from `start` to `end`, in seconds; `line` counts from 1."""

    line: int
    start: float
    end: float
    text: str


class CaptionsInvalid(ValueError):
    """A text is no WebVTT; `line` is where it goes wrong."""

    def __init__(self, *, line: int, reason: str) -> None:
        """Keep the line."""
        self.line = line
        super().__init__(reason)


def read_captions(text: str) -> Sequence[Cue]:
    """Return the cues of a WebVTT text. Raises CaptionsInvalid."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.match(r"WEBVTT(?:[ \t].*)?\Z", lines[0]):
        raise CaptionsInvalid(line=1, reason="WEBVTT")
    cues: list[Cue] = []
    for number, line in enumerate(lines[1:], 2):
        if "-->" in line:
            cues.append(_cue(lines, number))
            if cues[-1].end <= cues[-1].start:
                raise CaptionsInvalid(line=number, reason=line.strip())
    if not cues:
        raise CaptionsInvalid(line=len(lines), reason="-->")
    return cues


def _cue(lines: Sequence[str], number: int) -> Cue:
    found = _CUE.match(lines[number - 1].strip())
    if found is None:
        raise CaptionsInvalid(line=number, reason=lines[number - 1].strip()[:60])
    after = lines[number:]
    end = next((at for at, line in enumerate(after) if not line.strip()), len(after))
    hours, minutes, seconds, thousandths = found.groups()[:4]
    start = _seconds(hours, minutes, seconds, thousandths)
    return Cue(
        line=number, start=start, end=_seconds(*found.groups()[4:]), text="\n".join(after[:end])
    )


def _seconds(hours: str | None, minutes: str, seconds: str, thousandths: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(thousandths) / 1000
