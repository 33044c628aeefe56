"""Every page of the booking room on its blueprint, for the application to register."""

from portal.booking.views import (
    consultant,
    dates,
    dealer,
    holding,
    kinds,
    moving,
    operator,
    requests,
    rhythm,
    session,
    workdays,
)
from portal.booking.views.blueprint import bp

__all__ = [
    "bp",
    "consultant",
    "dates",
    "dealer",
    "holding",
    "kinds",
    "moving",
    "operator",
    "requests",
    "rhythm",
    "session",
    "workdays",
]
