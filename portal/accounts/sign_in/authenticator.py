"""Authenticator apps: six digits that change every half minute (RFC 6238)."""

from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from flask_security import Totp
from passlib.exc import TokenError

from portal import sealing

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


def new_secret(*, person_id: int) -> str:
    """Return a fresh secret as it is kept: sealed for this person, so that nobody can swap two."""
    return sealed(codes().generate_totp_secret(), person_id=person_id)


def sealed(secret: str, *, person_id: int) -> str:
    """Return a secret as it is kept."""
    return sealing.seal(secret, purpose=_purpose(person_id))


def opened(kept: str, *, person_id: int) -> str:
    """Return a kept secret; raise sealing.Unreadable.

    Before there were seals it was kept under passlib's encryption alone, which has no MAC.
    """
    if is_from_before(kept):
        return kept
    return sealing.unseal(kept, purpose=_purpose(person_id))


def is_from_before(kept: str) -> bool:
    """Tell whether a secret is kept without a seal; passlib writes an object of JSON."""
    return kept.startswith("{")


def _purpose(person_id: int) -> str:
    return f"tongtu authenticator of person {person_id}"
