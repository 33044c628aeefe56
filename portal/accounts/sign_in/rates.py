"""How often one may send what: the limits library, counting in our database.

Besides this, wrong passwords and codes lead to pauses of their own (actions/attempts.py): the
rates hold off floods, the pauses hold off guessing.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence

from flask import Flask, request, session
from limits import RateLimitItem, RateLimitItemPerMinute, parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from portal import clock
from portal.accounts.sign_in import counting, rules
from portal.accounts.sign_in.cookie import SESSION
from portal.db import SAFE_METHODS

DOOR = "60 per minute; 1000 per hour"  # a whole office may share one address
PROOF = "20 per minute; 100 per hour"
# What is sent to each endpoint (POST), per address, or per sign-in for who is signed in.
RATES: Mapping[str, str] = {
    "security.login": DOOR,
    "security.second_step": DOOR,
    "security.verify": PROOF,
    "security.password": PROOF,
    "security.start_authenticator": PROOF,
    "security.authenticator": PROOF,
    "security.recovery_codes": PROOF,
    "security.passkey_sign_in_options": DOOR,
    "security.passkey_sign_in": DOOR,
    "security.passkey_second_options": DOOR,
    "security.passkey_second": DOOR,
    "security.passkey_verify_options": PROOF,
    "security.passkey_verify": PROOF,
    "security.passkey_options": PROOF,
    "security.add_passkey": PROOF,
    "joining.apply": "10 per hour",
    "joining.forgot": "10 per hour",
    "links.join": PROOF,
    "links.join_as_me": PROOF,
    "links.set_password": PROOF,
    "links.confirm": PROOF,
    "account.mail": "10 per hour",
    "account.phone": "10 per hour",
    "account.phone_code": PROOF,
    "organisation.invite": "60 per hour",
    "organisation.send_again": "60 per hour",
    "accounts.choose_language": "60 per minute",
    "sales.create": "30 per hour",
    "feedback.create": "60 per hour",
    "booking.book": "60 per hour",
    "calendars.renew_feed": "20 per hour",
    "calendars.add_source": "20 per hour",
    "calendars.refresh_source": "30 per hour",
    "booking.hold": "120 per hour",
    "booking.move_to": "60 per hour",
    "privacy.copy_own": "10 per hour",
    "privacy.copy_organisation": "10 per hour",
}

# What is asked (GET) of pages that are open to everybody and answer about a number one could guess
# or that cost work: a shop's whole network may look at one certificate, nobody at a thousand.
READS: Mapping[str, str] = {
    "certificates.verify": "60 per minute; 600 per hour",
    "certificates.check": "60 per minute; 600 per hour",
    "certificates.card": "30 per minute; 300 per hour",
    "certificates.status": "120 per minute",
    "calendars.feed": "120 per minute; 3000 per hour",  # services fetch for many from one address
}


# Files that a page brings with it, and what machines ask.
NO_PAGES = frozenset({"static", "reporting.asset", "learning.asset"})


def _who() -> str:
    token = session.get(SESSION)
    if isinstance(token, str):  # signed by us, so nobody makes up a new one for each request
        return f"sign-in:{hashlib.sha256(token.encode()).hexdigest()[:32]}"
    return rules.address_key(request.remote_addr or "")


def _parsed(rates: Mapping[str, str]) -> Mapping[str, Sequence[RateLimitItem]]:
    return {endpoint: parse_many(rate) for endpoint, rate in rates.items()}


class Rates:
    """The rates of an application; tests switch them off."""

    def __init__(self, *, reads_per_minute: int) -> None:
        """`reads_per_minute`: pages that one sign-in may open, 0 for as many as they like."""
        self.enabled = True
        # In this process's memory: a page that only reads waits for no write.
        self._pages = FixedWindowRateLimiter(MemoryStorage())
        self._page_rate = RateLimitItemPerMinute(reads_per_minute) if reads_per_minute else None
        self.storage = counting.DatabaseCounts()
        self._limiter = FixedWindowRateLimiter(self.storage)
        self._limits = _parsed(RATES)
        self._reads = _parsed(READS)

    def check(self) -> None:
        """Count this request; raise TooManyRequests when there were too many."""
        if not self.enabled:
            return
        if request.method in SAFE_METHODS:
            self._check_pages()
        limits = self._reads if request.method in SAFE_METHODS else self._limits
        for limit in limits.get(request.endpoint or "", ()):
            if not self._limiter.hit(limit, request.endpoint or "", _who()):
                raise TooManyRequests(retry_after=self._waits_s(limit))

    def _check_pages(self) -> None:
        """Count a page of who is signed in; who is not sees little that could be copied."""
        if self._page_rate is None or SESSION not in session or request.endpoint in NO_PAGES:
            return
        who = _who()
        if not self._pages.hit(self._page_rate, who):
            until = self._pages.get_window_stats(self._page_rate, who).reset_time
            raise TooManyRequests(retry_after=max(1, math.ceil(until - clock.now().timestamp())))

    def _waits_s(self, limit: RateLimitItem) -> int:
        ends_at = self.storage.get_expiry(limit.key_for(request.endpoint or "", _who()))
        return max(1, math.ceil(ends_at - clock.now().timestamp()))


def init_app(app: Flask) -> None:
    """Limit what `app` takes; to be called before anything that asks the database in a request.

    A count is a transaction of its own, and SQLite has one writer: once the request's own
    transaction has begun, the count would wait for it, and it for the count.
    """
    values = app.extensions["tongtu.settings"]
    rates = Rates(reads_per_minute=values.reads_per_minute)
    app.extensions["tongtu.rates"] = rates
    app.before_request(rates.check)


def check_routes(app: Flask) -> None:
    """Raise KeyError when a rate names a route that does not exist."""
    unknown = sorted({*RATES, *READS} - set(app.view_functions))
    if unknown:
        raise KeyError(f"rates for routes that do not exist: {', '.join(unknown)}")
