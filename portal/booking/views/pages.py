"""Every page of the booking room on its blueprint, for the application to register."""

from portal.booking.views import consultant, dealer, operator, session
from portal.booking.views.blueprint import bp

__all__ = ["bp", "consultant", "dealer", "operator", "session"]
