"""What a key may look like, how long its answer is kept, and which requests count as the same."""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Collection, Iterable
from datetime import timedelta

FIELD = "idempotency_key"
HEADER = "Idempotency-Key"
SHORT = 64
KEPT = timedelta(hours=24)
# A page of a quiz with its outcome is about 30 KB; an answer beyond this is no page of ours.
LARGEST_BODY = 256 * 1024
# They differ between two sendings of one form, or name the sending itself.
NOT_COMPARED = frozenset({"csrf_token", FIELD})
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def new_key() -> str:
    """Return a key that no other form has."""
    return secrets.token_urlsafe(18)


def is_key(text: str) -> bool:
    """Tell whether `text` may be a key: 1 to 255 printable ASCII characters without blanks."""
    return _KEY.fullmatch(text) is not None


def short(key: str) -> str:
    """Return the key where it fits into 64 characters, else its digest."""
    return key if len(key) <= SHORT else hashlib.sha256(key.encode()).hexdigest()


def fingerprint(*parts: object, secret: str) -> str:
    """Return a digest of `parts` (plain values and nested lists of them) that is theirs alone.

    Keyed by `secret`: a form may hold a password, and a plain digest could be guessed at.
    """
    text = json.dumps(parts, ensure_ascii=True)
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def compared(fields: Iterable[tuple[str, Collection[str]]]) -> list[tuple[str, list[str]]]:
    """Return the fields of a form that make two sendings the same, in one order."""
    return sorted((name, list(values)) for name, values in fields if name not in NOT_COMPARED)


def may_keep(status: int) -> bool:
    """Tell whether an answer is kept: a refusal wrote nothing, so the same key may try again."""
    return status < 400
