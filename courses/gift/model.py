"""What a GIFT text says, as frozen values: texts are as the author meant them, unescaped.

Knows neither files nor HTML; `courses/quiz.py` makes course questions of it.
"""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A text and the format named before it: markdown, html, plain, moodle, None for none."""

    text: str
    format: str | None = None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer that is chosen or typed; `right` is "=", `percent` the weight written, if any."""

    text: Marked
    right: bool
    percent: Decimal | None = None
    feedback: Marked | None = None
    line: int = field(default=1, compare=False)
    column: int = field(default=1, compare=False)


@dataclass(frozen=True, kw_only=True)
class Range:
    """One numerical answer, both ends included; both None accept any number (`~#feedback`)."""

    low: Decimal | None
    high: Decimal | None
    right: bool = True
    percent: Decimal | None = None
    feedback: Marked | None = None


@dataclass(frozen=True, kw_only=True)
class Match:
    """`=left -> right`; an empty left is a decoy."""

    left: Marked
    right: str


@dataclass(frozen=True, kw_only=True)
class Choices:
    """`~` and `=` answers; without any `=` several may be chosen."""

    choices: tuple[Choice, ...]

    @property
    def several(self) -> bool:
        """Whether more than one may be chosen."""
        return not any(choice.right for choice in self.choices)


@dataclass(frozen=True, kw_only=True)
class Words:
    """Only `=` answers: a few words are typed."""

    answers: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """TRUE or FALSE; the first feedback of the source is for the wrong reply."""

    holds: bool
    feedback_wrong: Marked | None = None
    feedback_right: Marked | None = None


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """`{#...}`."""

    answers: tuple[Range, ...]


@dataclass(frozen=True, kw_only=True)
class Matches:
    """Only `=left -> right` answers."""

    pairs: tuple[Match, ...]


@dataclass(frozen=True, kw_only=True)
class FreeText:
    """`{}`: an essay."""


Body = Choices | Words | Truth | Numbers | Matches | FreeText


@dataclass(frozen=True, kw_only=True)
class Item:
    """One question; `body` None is a description, `tail` what follows a gap in the stem."""

    key: str | None
    stem: Marked
    body: Body | None
    tail: str | None = None
    general: Marked | None = None
    category: str | None = None
    id: str | None = None
    tags: tuple[str, ...] = ()
    line: int = field(default=1, compare=False)
    column: int = field(default=1, compare=False)
