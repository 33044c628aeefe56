"""What every kind of endpoint has in common: a message goes in, a call goes out, an answer is
judged. Pure: no network, no database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from portal.notices.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Message:
    """What an endpoint is told, in its own language."""

    id: str  # the same at every try
    kind: str  # e.g. "feedback.answered"; "test" for a try-out
    title: str
    text: str
    advice: str
    url: str
    organisation_id: int
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a call is signed with; the earlier one holds a while after it was replaced."""

    current: str | None = None
    earlier: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A POST that is ready to go out."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said: a status and the beginning of its body."""

    status: int
    body: bytes


class Dialect(Protocol):
    """One kind of endpoint: how it wants to be spoken to, and what its answers mean."""

    def is_address(self, url: str) -> bool:
        """Tell whether an address looks like one of this kind."""

    def call(self, message: Message, *, url: str, secrets: Secrets, at: datetime) -> Call:
        """Return the call that brings the message, signed at this instant."""

    def judge(self, answer: Answer) -> Outcome:
        """Return what an answer means."""
