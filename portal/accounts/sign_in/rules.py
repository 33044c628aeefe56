"""How long a sign-in lasts, how failures slow a guesser down, and where one may be led."""

import hashlib
import ipaddress
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from portal.access import Role

TOKEN_BYTES = 32
PENDING_FOR = timedelta(minutes=10)  # between the password and the second factor
SEEN_EVERY = timedelta(minutes=5)  # how old "last seen" may be
MAX_SESSIONS = 20  # of one person; the one unused for longest makes room
GUARDED_ROLES = frozenset({Role.OPERATOR, Role.SUPPLIER})


class Method(StrEnum):
    """What somebody signed in with."""

    PASSWORD = "password"  # noqa: S105 – the name of a method
    PASSKEY = "passkey"
    AUTHENTICATOR = "authenticator"
    RECOVERY_CODE = "recovery_code"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from."""

    address: str
    device: str  # e.g. "Chrome · Android"; "" unknown


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a sign-in lasts: unused, and at all."""

    idle: timedelta
    absolute: timedelta


# docs/decisions/0021: a shop's phone is kept for weeks; who sees many shops signs in each day.
KEPT = Lifetime(idle=timedelta(days=30), absolute=timedelta(days=90))
ORDINARY = Lifetime(idle=timedelta(hours=12), absolute=timedelta(days=7))
GUARDED = Lifetime(idle=timedelta(hours=4), absolute=timedelta(hours=24))


def lifetime(*, roles: Collection[Role], keep: bool) -> Lifetime:
    """Return how long a sign-in lasts; operators and suppliers cannot keep theirs longer."""
    if GUARDED_ROLES & frozenset(roles):
        return GUARDED
    return KEPT if keep else ORDINARY


def new_token() -> str:
    """Return a fresh random token of 256 bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return what is kept of a token. It has 256 random bits, so a plain hash suffices."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Patience:
    """How many failures are free, and how the pauses grow after them."""

    free: int
    first: timedelta
    longest: timedelta
    forgotten_after: timedelta  # without a further failure

    def pause_after(self, failures: int) -> timedelta | None:
        """Return how long to wait after so many failures; None for as long as they are free."""
        over = failures - self.free
        if over < 0:
            return None
        doubled: timedelta = self.first * 2 ** min(over, 20)
        return min(doubled, self.longest)


ACCOUNT = Patience(
    free=5,
    first=timedelta(seconds=30),
    longest=timedelta(minutes=15),
    forgotten_after=timedelta(hours=24),
)
# A whole shop or office may share one address.
ADDRESS = Patience(
    free=30,
    first=timedelta(seconds=30),
    longest=timedelta(minutes=15),
    forgotten_after=timedelta(hours=1),
)


def identity_key(identity: str) -> str:
    """Return the key under which failures of an account count, known or not."""
    return f"identity:{hashlib.sha256(identity.encode()).hexdigest()}"


def factor_key(person_id: int) -> str:
    """Return the key under which wrong codes of a person count."""
    return f"factor:{person_id}"


def address_key(address: str) -> str:
    """Return the key under which failures from an address count: an IPv6 network is one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return f"address:{address[:60]}"
    if parsed.version == 6:
        return f"address:{ipaddress.ip_network((parsed, 64), strict=False)}"
    return f"address:{parsed}"


def patience_of(key: str) -> Patience:
    """Return how patient we are with a key."""
    return ADDRESS if key.startswith("address:") else ACCOUNT


def wait_minutes(*, until: datetime, at: datetime) -> tuple[int, int]:
    """Return the minutes and seconds from `at` until an instant, at least a second."""
    seconds = max(1, -(-int((until - at).total_seconds() * 1000) // 1000))
    return divmod(seconds, 60)


def path_only(address: str) -> str:
    """Return an address of this site without its host, and "/" for one of another site."""
    parts = urlsplit(address.replace("\\", "/"))
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or address.startswith("//"):
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def idle_until(*, minutes: int, at: datetime) -> datetime:
    """Return when a session ends that is not used again after `at`."""
    return at + timedelta(minutes=minutes)
