"""What an operator says of a consultant whom dealers may book, and of the kinds of sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

LEVELS = range(1, 5)  # of dealers; the highest is the largest
LOWEST_LEVEL = LEVELS[0]


@dataclass(frozen=True, slots=True)
class Offer:
    """What dealers see, and how long sessions are; all but the two specialties may be empty."""

    specialty_zh: str
    specialty_en: str
    bio: str
    meeting_place: str
    session_minutes: int
    buffer_minutes: int  # kept free after each session
    notice_minutes: int
    horizon_days: int


class PlaceMode(StrEnum):
    """Where a kind of session is held."""

    CONSULTANT = "consultant"  # wherever the consultant says
    PHONE = "phone"  # the consultant calls the shop
    IN_PERSON = "in_person"
    JITSI = "jitsi"
    TENCENT = "tencent"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of session; `quota` is a dealer's in any 30 days, None for as many as there are."""

    name_zh: str
    name_en: str
    minutes: int
    place_mode: PlaceMode
    level_from: int
    level_to: int
    quota: int | None
    is_open: bool
    consultant_ids: Sequence[int]


def may_book(*, level: int | None, level_from: int, level_to: int) -> bool:
    """Tell whether a dealer of this level may book; one without a level counts as the lowest."""
    return level_from <= (level or LOWEST_LEVEL) <= level_to
