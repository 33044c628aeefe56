"""Secrets as they lie in the database: sealed with a key that comes from SECRET_KEY.

So a copy of the database alone opens nothing, and who can write to it can put nothing there that
opens: what is sealed is authenticated (AES-256-GCM). Each purpose has a key of its own. What was
sealed before that (Fernet) is still read.
"""

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

_MARK = "gcm."  # no Fernet token begins with it
_NONCE = 12  # bytes; random, fresh for every seal


class Unreadable(Exception):
    """Sealed under another SECRET_KEY, for something else, or altered."""


def seal(text: str, *, purpose: str) -> str:
    """Return a text so that only this portal can read it, for the same purpose."""
    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(_key(purpose, "gcm")).encrypt(nonce, text.encode(), purpose.encode())
    return _MARK + base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """Return what was sealed; raise Unreadable."""
    try:
        if not is_current(sealed):
            key = base64.urlsafe_b64encode(_key(purpose))
            return Fernet(key).decrypt(sealed.encode()).decode()
        raw = base64.b64decode(sealed.removeprefix(_MARK), altchars=b"-_", validate=True)
        nonce, text = raw[:_NONCE], raw[_NONCE:]
        return AESGCM(_key(purpose, "gcm")).decrypt(nonce, text, purpose.encode()).decode()
    except (InvalidToken, InvalidTag, binascii.Error, ValueError) as error:
        raise Unreadable from error


def is_current(sealed: str) -> bool:
    """Tell whether a text was sealed in today's way."""
    return sealed.startswith(_MARK)


def _key(*purpose: str) -> bytes:
    material: str = current_app.config["SECRET_KEY"]
    info = " ".join(purpose).encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(material.encode())
