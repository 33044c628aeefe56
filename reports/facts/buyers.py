"""Buyers without their names: a keyed hash per contact, and where the key comes from.

The contact itself is stored nowhere. The key makes the hash useless to who does not hold it: the
few billion phone numbers could otherwise be tried one after the other.
"""

import hashlib
import hmac
import os
import secrets
import unicodedata
from collections.abc import Mapping
from pathlib import Path

KEY_VARIABLE = "TONGTU_BUYER_KEY"
KEY_FILE = "buyer.key"
MIN_KEY_BYTES = 16


class WeakBuyerKey(Exception):
    """The key given for buyers is too short to protect them."""

    needed_bytes = MIN_KEY_BYTES


def buyer_hash(contact: str, *, key: bytes) -> str | None:
    """Return 32 hex digits standing for the buyer, None for an empty contact.

    Case, width of characters and outer spaces make no difference.
    """
    plain = unicodedata.normalize("NFKC", contact).strip().casefold()
    if not plain:
        return None
    return hmac.new(key, plain.encode(), hashlib.sha256).hexdigest()[:32]


def key_id(key: bytes) -> str:
    """Return 16 hex digits that tell one key from another and say nothing about it."""
    return hmac.new(key, b"tongtu buyer key", hashlib.sha256).hexdigest()[:16]


def _checked(key: bytes) -> bytes:
    if len(key) < MIN_KEY_BYTES:
        raise WeakBuyerKey(f"a buyer key needs at least {MIN_KEY_BYTES} bytes, not {len(key)}")
    return key


def resolve_key(
    *, facts_root: Path, key_file: Path | None, environ: Mapping[str, str], create: bool
) -> bytes:
    """Return the key: from `key_file`, else the environment, else the facts folder.

    With `create` a missing key is made in the facts folder, readable by its owner only; without
    it (a dry run) a key for this one time is returned. Raises WeakBuyerKey, and OSError when a
    file cannot be read or written.
    """
    if key_file is not None:
        return _checked(key_file.read_bytes().strip())
    if environ.get(KEY_VARIABLE):
        return _checked(environ[KEY_VARIABLE].encode())
    kept = facts_root / KEY_FILE
    if not kept.exists():
        if not create:
            return secrets.token_bytes(32)
        facts_root.mkdir(parents=True, exist_ok=True)
        _create(kept)
    return _checked(kept.read_bytes().strip())


def _create(path: Path) -> None:
    """Write a new key; of two processes that try at once the first one wins."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
