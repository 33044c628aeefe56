"""Every page of the calendars, on one blueprint."""

from portal.calendars.views import feeds, sources
from portal.calendars.views.blueprint import bp

__all__ = ["bp", "feeds", "sources"]
