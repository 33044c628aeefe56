"""The only reader of the clock; everything else takes the time as an argument."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import current_app


def now() -> datetime:
    """Return this instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 – this module is the one reader of the clock


def zone() -> ZoneInfo:
    """Return the alliance's time zone."""
    return ZoneInfo(current_app.config["TIMEZONE"])


def today() -> date:
    """Return the local date of the alliance's time zone."""
    return now().astimezone(zone()).date()
