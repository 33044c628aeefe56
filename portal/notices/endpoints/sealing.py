"""Addresses and secrets of endpoints as they lie in the database: sealed, since a robot's address
is its password. The key comes from SECRET_KEY, so a copy of the database alone opens nothing.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

_PURPOSE = b"tongtu notices endpoints v1"


class Unreadable(Exception):
    """Sealed under another SECRET_KEY."""


def _fernet() -> Fernet:
    material: str = current_app.config["SECRET_KEY"]
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(material.encode())
    return Fernet(base64.urlsafe_b64encode(key))


def seal(text: str) -> str:
    """Return a text so that only this portal can read it."""
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what was sealed; raise Unreadable."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error
