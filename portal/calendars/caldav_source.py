"""Asking a CalDAV server for its owner's events, through the same guard as every other call.

The `caldav` library speaks the protocol; the requests it makes go out through `fetching.ask`, so a
server cannot lead it into our own network, and what it gives is bounded.
"""

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http.client import responses
from typing import Any
from urllib.parse import urljoin, urlsplit

from caldav.collection import Calendar
from caldav.davclient import DAVClient
from caldav.elements import cdav
from caldav.lib.error import AuthorizationError, DAVError
from niquests.structures import CaseInsensitiveDict

from portal.calendars.fetching import MOST_BYTES, ask, check_status
from portal.calendars.rules import Fault, SourceFault
from portal.notices.endpoints.targets import Question

MOST_REQUESTS = 60
WHOLE_S = 60
MOST_CALENDARS = 20
_REDIRECTS = frozenset({301, 302, 307, 308})


@dataclass(frozen=True, slots=True)
class Account:
    """Where a CalDAV server is, and as whom it is asked."""

    url: str
    user: str
    password: str


class _Answer:
    """What the library wants to know of an answer."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes, url: str) -> None:
        self.status_code = status
        self.reason = responses.get(status, "")
        self.headers: CaseInsensitiveDict[str] = CaseInsensitiveDict(headers)
        self.content = body
        self.text = body.decode("utf-8", "replace")
        self.url = url


class _GuardedSession:
    """Stands in for the library's own HTTP session; every request is checked and bounded."""

    def __init__(self, *, loopback: bool, deadline: float) -> None:
        self._loopback = loopback
        self._deadline = deadline
        self._left = MOST_REQUESTS
        self._bytes_left = MOST_BYTES

    def request(
        self, method: str, url: str, *, data: bytes | str, headers: Mapping[str, str], **_: Any
    ) -> _Answer:
        """Make a request, following a redirect only within its host: it carries a password."""
        body = data.encode() if isinstance(data, str) else data
        for _attempt in range(3):
            reply = self._ask(Question(method, url, headers=headers, body=body or None))
            target = urljoin(url, str(reply.headers.get("location", "")))
            if reply.status_code not in _REDIRECTS or _host(target) != _host(url):
                return reply
            url = target
        raise SourceFault(Fault.ANSWERED, "too many redirects")

    def _ask(self, question: Question) -> _Answer:
        self._left -= 1
        seconds = self._deadline - time.monotonic()
        if self._left < 0 or seconds <= 0:
            raise SourceFault(Fault.TOO_SLOW)
        bounded = Question(
            question.method,
            question.url,
            headers=question.headers,
            body=question.body,
            most_bytes=max(1, self._bytes_left),
            whole_s=min(20, seconds),
        )
        reply = ask(bounded, loopback=self._loopback)
        self._bytes_left -= len(reply.body)
        if not reply.is_whole:
            raise SourceFault(Fault.TOO_BIG)
        return _Answer(reply.status, reply.headers, reply.body, question.url)

    def close(self) -> None:
        """Close nothing: every request has a connection of its own."""


def _host(url: str) -> tuple[str, str | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname


def fetch(
    account: Account, *, starts_at: datetime, ends_at: datetime, loopback: bool
) -> list[bytes]:
    """Return every event of the account's calendars that touches a time, each in its own file.

    Series come as they are stored, with their rule; the reader repeats them. Raises SourceFault.
    """
    secret = base64.b64encode(f"{account.user}:{account.password}".encode()).decode()
    client = DAVClient(
        url=account.url,
        headers={"Authorization": f"Basic {secret}"},
        enable_rfc6764=False,
        rate_limit_handle=False,
    )
    client.session.close()
    guarded: Any = _GuardedSession(loopback=loopback, deadline=time.monotonic() + WHOLE_S)
    client.session = guarded
    try:
        return [
            each
            for calendar in _calendars(client)[:MOST_CALENDARS]
            for each in _events(client, calendar, starts_at=starts_at, ends_at=ends_at)
        ]
    except AuthorizationError as error:
        raise SourceFault(Fault.REFUSED, "HTTP 401") from error
    except DAVError as error:
        raise SourceFault(Fault.ANSWERED, f"{type(error).__name__}: {error.reason}") from error
    except SourceFault:
        raise
    except Exception as error:  # what a stranger's server makes the library stumble over
        raise SourceFault(Fault.NO_CALENDAR, type(error).__name__) from error


def _calendars(client: DAVClient) -> list[Calendar]:
    found: Any = client.get_principal().get_calendars()
    if not found:
        raise SourceFault(Fault.NO_CALENDAR)
    return list(found)


def _events(
    client: DAVClient, calendar: Calendar, *, starts_at: datetime, ends_at: datetime
) -> list[bytes]:
    """Return the files as the server keeps them: the library's own search would parse them all."""
    response = client.report(str(calendar.url), _query(starts_at, ends_at), depth=1)
    check_status(response.status)
    properties = response.expand_simple_props([cdav.CalendarData()])
    return [
        text.encode() for found in properties.values() if (text := found.get(cdav.CalendarData.tag))
    ]


def _query(starts_at: datetime, ends_at: datetime) -> str:
    """Return the question for every event that touches a time (RFC 4791, 7.8)."""
    between = " ".join(
        f'{name}="{at:%Y%m%dT%H%M%SZ}"' for name, at in (("start", starts_at), ("end", ends_at))
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
        "<D:prop><C:calendar-data/></D:prop>"
        '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
        f"<C:time-range {between}/>"
        "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
    )
