"""Passwords: what a new one must be, and how it is kept (argon2id, at a cost of the settings)."""

from collections.abc import Collection
from enum import StrEnum
from functools import cache

import argon2
from flask import current_app
from flask_security import hash_password, verify_password

from portal.accounts.sign_in import breached

SHORTEST, LONGEST = 8, 256
# Words that everybody here would try first, besides those about the person.
HOUSE_WORDS = ("tongtu", "同途", "卡盟", "password", "密码")
OWN_CHARACTERS = 6  # so many must be left beside the words that others can guess
# 46 MiB, one pass: about 60 ms on a small server; quick to sign in, dear to guess.
COSTS = {
    "interactive": {"argon2__rounds": 1, "argon2__memory_cost": 47_104, "argon2__parallelism": 1},
    "test": {"argon2__rounds": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1},
}


def hash_of(password: str) -> str:
    """Return a password as it is stored; deliberately slow."""
    return str(hash_password(password))


def matches(password: str, stored: str | None) -> bool:
    """Tell whether a password is the stored one; as slow when there is none to compare with."""
    if stored is None:
        verify_password(password, _nobodys(cost()))
        return False
    return bool(verify_password(password, stored))


def is_outdated(stored: str) -> bool:
    """Tell whether a password was stored at another cost than today's."""
    try:
        kept = argon2.extract_parameters(stored)
    except argon2.exceptions.InvalidHashError:
        return True
    wanted = COSTS[cost()]
    return (kept.type, kept.time_cost, kept.memory_cost, kept.parallelism) != (
        argon2.Type.ID,
        wanted["argon2__rounds"],
        wanted["argon2__memory_cost"],
        wanted["argon2__parallelism"],
    )


def cost() -> str:
    """Return which of COSTS the settings ask for."""
    cost: str = current_app.extensions["tongtu.settings"].password_cost
    return cost


@cache
def _nobodys(_cost: str) -> str:
    """Return a hash of today's cost that no password has."""
    return hash_of("nobody signs in with this")


class Weakness(StrEnum):
    """Why a password cannot be taken."""

    SHORT = "short"
    LONG = "long"
    GUESSABLE = "guessable"
    LISTED = "listed"


def weakness(password: str, *, words: Collection[str]) -> Weakness | None:
    """Return why a new password cannot be taken, None when it can.

    `words` are what others know of the person: names, shop, phone, mail. No kinds of characters
    are asked for: length and being unknown is what counts.
    """
    if len(password) < SHORTEST:
        return Weakness.SHORT
    if len(password) > LONGEST:
        return Weakness.LONG
    if breached.is_listed(password):
        return Weakness.LISTED
    return Weakness.GUESSABLE if _mostly(password, [*words, *HOUSE_WORDS]) else None


def _mostly(password: str, words: Collection[str]) -> bool:
    """Tell whether little is left of a password without the words that others can guess."""
    rest = password.casefold()
    for word in sorted({each.casefold() for each in words if len(each) > 1}, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < min(OWN_CHARACTERS, len(password)) and rest != password.casefold()
