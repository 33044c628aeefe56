"""What a certificate is worth at an instant, and how a key is named."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

REASON_CHARS = 300


class Standing(StrEnum):
    """Whether a certificate holds."""

    VALID = "valid"
    REVOKED = "revoked"
    ENDED = "ended"  # the holder's account was deleted


def standing(
    *, revoked_at: datetime | None, has_credential: bool, at: datetime | None = None
) -> Standing:
    """Return how a certificate stands, at an instant (None: now and for ever after).

    A deletion leaves no date behind, so it ends the certificate for all instants.
    """
    if not has_credential:
        return Standing.ENDED
    if revoked_at is not None and (at is None or revoked_at <= at):
        return Standing.REVOKED
    return Standing.VALID


def thumbprint(jwk: Mapping[str, str]) -> str:
    """Return the name of an RSA key: the SHA-256 thumbprint of RFC 7638, base64url."""
    members = {name: jwk[name] for name in ("e", "kty", "n")}  # in the order that the RFC asks for
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
