"""Secrets as they lie in the database: sealed with a key that comes from SECRET_KEY.

So a copy of the database alone opens nothing. Each purpose has a key of its own.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


class Unreadable(Exception):
    """Sealed under another SECRET_KEY."""


def _fernet(purpose: str) -> Fernet:
    material: str = current_app.config["SECRET_KEY"]
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
    return Fernet(base64.urlsafe_b64encode(key.derive(material.encode())))


def seal(text: str, *, purpose: str) -> str:
    """Return a text so that only this portal can read it, for the same purpose."""
    return _fernet(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """Return what was sealed; raise Unreadable."""
    try:
        return _fernet(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error
