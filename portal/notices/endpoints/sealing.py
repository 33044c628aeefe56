"""Addresses and secrets of endpoints as they lie in the database: sealed, since a robot's address
is its password.
"""

from portal import sealing
from portal.sealing import Unreadable

__all__ = ["Unreadable", "seal", "unseal"]
_PURPOSE = "tongtu notices endpoints v1"


def seal(text: str) -> str:
    """Return a text so that only this portal can read it."""
    return sealing.seal(text, purpose=_PURPOSE)


def unseal(sealed: str) -> str:
    """Return what was sealed; raise Unreadable."""
    return sealing.unseal(sealed, purpose=_PURPOSE)
