"""Fetching a calendar by its address: https only, bounded, never from a private network."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin

from portal.calendars.rules import Fault, SourceFault
from portal.notices.endpoints import targets
from portal.notices.endpoints.targets import Question, Reply

MOST_BYTES = 5 * 1024 * 1024
WHOLE_S = 30
MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A calendar as it came, with what to ask next time whether it has changed."""

    body: bytes
    etag: str
    last_modified: str


def fetch(url: str, *, etag: str, last_modified: str, loopback: bool) -> Fetched | None:
    """Return the file behind an address; None when it is the one that we had.

    Every redirect is checked like the address itself. Raises SourceFault.
    """
    conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {"Accept": "text/calendar, */*;q=0.5"}
    headers |= {name: value for name, value in conditions.items() if value}
    for _ in range(1 + MOST_REDIRECTS):
        reply = ask(
            Question("GET", url, headers=headers, most_bytes=MOST_BYTES, whole_s=WHOLE_S),
            loopback=loopback,
        )
        if reply.status not in _REDIRECTS:
            return _judged(reply)
        url = urljoin(url, reply.headers.get("location", ""))
    raise SourceFault(Fault.ANSWERED, "too many redirects")


def ask(question: Question, *, loopback: bool) -> Reply:
    """Make a request; raise SourceFault when there is no answer."""
    try:
        return targets.ask(question, loopback=loopback)
    except targets.ForbiddenTarget as error:
        raise SourceFault(Fault.FORBIDDEN) from error
    except targets.Unreachable as error:
        raise SourceFault(Fault.UNREACHABLE, str(error)) from error


def _judged(reply: Reply) -> Fetched | None:
    if reply.status == HTTPStatus.NOT_MODIFIED:
        return None
    check_status(reply.status)
    if not reply.is_whole:
        raise SourceFault(Fault.TOO_BIG)
    return Fetched(
        body=reply.body,
        etag=reply.headers.get("etag", "")[:200],
        last_modified=reply.headers.get("last-modified", "")[:60],
    )


def check_status(status: int) -> None:
    """Raise SourceFault unless the other side answered well."""
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise SourceFault(Fault.REFUSED, f"HTTP {status}")
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        raise SourceFault(Fault.GONE, f"HTTP {status}")
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise SourceFault(Fault.ANSWERED, f"HTTP {status}")
