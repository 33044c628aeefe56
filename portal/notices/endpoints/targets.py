"""Calling addresses that members typed, without becoming their way into our own network.

The name is resolved once, every address it has must be a public one, and the connection goes to
the address that was checked: a name that changes its mind between check and call gains nothing.
Redirects are not followed, answers are cut off, and a slow one is hung up on.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from portal.notices.endpoints.calls import Answer, Call

CONNECT_S = 5
MOST_ADDRESSES = 3  # of one name that are tried
READ_S = 10
WHOLE_S = 20
MOST_BYTES = 16 * 1024
LONGEST_URL = 500
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class ForbiddenTarget(ValueError):
    """The address must not be called: not https, malformed, or not a public host."""


class Unreachable(Exception):
    """The other side did not answer, or not in time."""


IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: IpAddress) -> bool:
    """Tell whether an address is reachable by everybody, also behind IPv6's ways to carry IPv4."""
    inner = _carried(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _carried(address: IpAddress) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def check(url: str, *, loopback: bool) -> SplitResult:
    """Return the parts of an address that may be called as far as its spelling tells.

    With `loopback` (for tests and local receivers) plain http to this machine is let through.
    Raises ForbiddenTarget.
    """
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise ForbiddenTarget(url[:40])
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ForbiddenTarget(url[:40]) from error
    if not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise ForbiddenTarget(url[:40])
    if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
        raise ForbiddenTarget("not https")
    literal = _literal(parts.hostname)
    if literal is not None and not _allowed(literal, loopback=loopback):
        raise ForbiddenTarget("not a public address")
    return parts


def _literal(host: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _allowed(address: IpAddress, *, loopback: bool) -> bool:
    return is_public(address) or (loopback and address.is_loopback)


def resolve(host: str, port: int, *, loopback: bool) -> Sequence[str]:
    """Return the addresses to connect to; raise ForbiddenTarget when any of them is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host}: {error}") from error
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    if not addresses or not all(_allowed(each, loopback=loopback) for each in addresses):
        raise ForbiddenTarget("not a public address")
    return [str(each) for each in addresses]


class _PlainConnection(http.client.HTTPConnection):
    """A connection to addresses that were checked, whatever their name says by now."""

    def __init__(self, parts: SplitResult, addresses: Sequence[str], port: int) -> None:
        super().__init__(parts.hostname or "", port, timeout=READ_S)
        self._addresses = addresses

    def connect(self) -> None:
        """Connect to the first of the checked addresses that answers."""
        *others, last = self._addresses[:MOST_ADDRESSES]
        for address in others:
            try:
                self.sock = socket.create_connection((address, self.port), CONNECT_S)
                break
            except OSError:
                continue  # e.g. IPv6 where this machine has none: the next one may answer
        else:
            self.sock = socket.create_connection((last, self.port), CONNECT_S)
        self.sock.settimeout(READ_S)


class _TlsConnection(_PlainConnection):
    """The same over TLS: the certificate must be the name's."""

    def connect(self) -> None:
        """Connect to a checked address, and check the certificate of the name."""
        super().connect()
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)


@dataclass(frozen=True, slots=True)
class Question:
    """A request that is ready to go out, and how much of an answer is waited for."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    most_bytes: int = MOST_BYTES
    whole_s: float = WHOLE_S


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool  # False: there was more than we wanted


def post(call: Call, *, loopback: bool) -> Answer:
    """Make a call; raise ForbiddenTarget or Unreachable."""
    headers = {"Content-Type": "application/json; charset=utf-8", **call.headers}
    question = Question("POST", call.url, headers=headers, body=call.body, whole_s=WHOLE_S)
    reply = ask(question, loopback=loopback)
    return Answer(status=reply.status, body=reply.body)


def ask(question: Question, *, loopback: bool) -> Reply:
    """Make any request; raise ForbiddenTarget or Unreachable. Redirects are for the caller."""
    parts = check(question.url, loopback=loopback)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = resolve(parts.hostname or "", port, loopback=loopback)
    kind = _TlsConnection if parts.scheme == "https" else _PlainConnection
    connection = kind(parts, addresses, port)
    try:
        return _exchange(connection, parts, question)
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()


def _exchange(connection: _PlainConnection, parts: SplitResult, question: Question) -> Reply:
    connection.connect()
    # Somebody who sends a byte now and then would never run into a time-out of one read.
    late = threading.Event()
    hang_up = threading.Timer(question.whole_s, _hang_up, [connection.sock, late])
    hang_up.daemon = True
    hang_up.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"User-Agent": "Tongtu", "Connection": "close", **question.headers}
        connection.request(question.method, path, body=question.body, headers=headers)
        response = connection.getresponse()
        body = response.read(question.most_bytes)
        reply = Reply(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            body=body,
            is_whole=len(body) < question.most_bytes or not response.read(1),
        )
    finally:
        hang_up.cancel()
    if late.is_set():
        # To http.client an answer that was cut off here looks like one that ended.
        raise Unreachable(f"no whole answer within {question.whole_s:.0f} s")
    return reply


def _hang_up(sock: socket.socket, late: threading.Event) -> None:
    late.set()
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself
