"""Consultants with hours, and what serves a calendar on loopback."""

from collections.abc import Callable, Iterator

import pytest
from booking.conftest import MONDAY_10, NOW, at_now, book, open_doors
from calendar_readers import libical
from calendars.ics_server import IcsServer, running
from notices.conftest import run_jobs, set_up

from portal.calendars import actions
from portal.calendars.rules import SourceKind
from portal.db import unit_of_work

__all__ = ["MONDAY_10", "NOW", "at_now", "book", "libical", "open_doors", "run_jobs", "set_up"]


@pytest.fixture
def ics_server(set_up) -> Iterator[IcsServer]:
    """A server on loopback that hands out a calendar, which the portal may ask."""
    set_up(webhook_loopback=True)
    with running() as server:
        yield server


@pytest.fixture
def connect(app, cast, open_doors) -> Callable[..., int]:
    """Return a function that connects the consultant's own calendar and commits."""

    def connected(url: str, **changed) -> int:
        facts = {
            "person_id": cast.consultant.person_id,
            "consultant_id": open_doors.consultant_id,
            "kind": SourceKind.ICS,
            "name": "公司日历",
            "url": url,
            "user": None,
            "password": None,
            "at": NOW,
        }
        with app.app_context(), unit_of_work():
            return actions.add_source(**(facts | changed))

    return connected
