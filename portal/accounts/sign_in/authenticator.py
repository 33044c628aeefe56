"""Authenticator apps: six digits that change every half minute (RFC 6238)."""

from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from flask_security import Totp
from passlib.exc import TokenError

ISSUER = "同途"
CLOCK_DIFFERENCE_S = 30  # a phone's clock may be one step off, in either direction


class Codes(Totp):
    """Flask-Security's codes, told apart by the half minute that they belong to."""

    def counter_of(self, code: str, *, secret: str, after: int, at: datetime) -> int | None:
        """Return the half minute of a right code; None for a wrong one and for `after` and before.

        Whoever takes the code stores its half minute, so that it is good once.
        """
        try:
            match = self._totp.verify(
                code, secret, time=at, window=CLOCK_DIFFERENCE_S, last_counter=after
            )
        except TokenError:  # wrong, malformed or used before
            return None
        return int(match.counter)


def codes() -> Codes:
    """Return what makes and checks codes; the key of their secrets comes from SECRET_KEY."""
    found: Codes | None = current_app.extensions.get("tongtu.codes")
    if found is None:
        secret = str(current_app.config["SECRET_KEY"]).encode()
        key = HKDF(hashes.SHA256(), 32, salt=None, info=b"tongtu authenticator").derive(secret)
        found = Codes({"1": key.hex()}, issuer=ISSUER)
        current_app.extensions["tongtu.codes"] = found
    return found
