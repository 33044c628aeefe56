"""What an operator says of a consultant whom dealers may book."""

from dataclasses import dataclass


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
