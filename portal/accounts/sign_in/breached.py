"""Passwords that everybody's attacker tries first: a Bloom filter, read once per process.

The file is made by `requirements/password_list.py`, which also names its sources. A listed
password is always found; of others about one in ten thousand is taken for a listed one.
"""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "breached-passwords.bloom"
MAGIC = b"TTBLOOM1"
HASHES = 13  # best for 19 bits an entry
SHORTEST = 8  # shorter ones are refused for their length


def positions(password: str, bits: int) -> Iterator[int]:
    """Yield the bits of a password; upper and lower case are one, as attackers try both."""
    digest = hashlib.blake2b(password.lower().encode(), digest_size=16).digest()
    first, step = int.from_bytes(digest[:8]), int.from_bytes(digest[8:]) | 1
    for number in range(HASHES):
        yield (first + number * step) % bits


@cache
def _bits() -> bytes:
    content = FILE.read_bytes()
    if not content.startswith(MAGIC):
        raise ValueError(f"{FILE.name} is no list of passwords")
    return content[len(MAGIC) :]


def is_listed(password: str) -> bool:
    """Tell whether a password is known from breaches."""
    content = _bits()
    return all(
        content[bit >> 3] & (1 << (bit & 7)) for bit in positions(password, len(content) * 8)
    )
