"""The draw: an order of the eligible that follows from a seed alone, so that anybody can redo it.

The seed is random, kept shut until the result is out, and its SHA-256 stands on the page while
requests come in: nobody can pick a seed afterwards that suits them.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence

SEED_BYTES = 16


def new_seed() -> str:
    """Return a random seed, 32 hexadecimal digits."""
    return secrets.token_hex(SEED_BYTES)


def digest(seed: str) -> str:
    """Return what is shown of a seed while it is shut: the SHA-256 of its text, hexadecimal."""
    return hashlib.sha256(seed.encode()).hexdigest()


def order(dealer_ids: Collection[int], *, seed: str) -> Sequence[int]:
    """Return the dealers in the order of the draw: by the SHA-256 of "<seed>:<dealer id>"."""
    return sorted(
        set(dealer_ids),
        key=lambda dealer_id: hashlib.sha256(f"{seed}:{dealer_id}".encode()).digest(),
    )
