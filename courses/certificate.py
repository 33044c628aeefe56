"""A certificate's number, which people read out and type, and the name that strangers may see.

For the portal, which issues certificates. Knows neither who learns nor where a certificate is
kept.
"""

from collections.abc import Callable

# 31 characters, a prime: with weights 1 to 11 the check character then shows every single
# mistyped character and every two that changed places. Without 0, I, L, O and U, which are read
# as others.
ALPHABET = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKED = 11  # 31 ** 11 numbers: 54 bits, not to be guessed
LENGTH = CHECKED + 1
GROUP = 4
_READ_AS = str.maketrans({"I": "1", "L": "1", "U": "V"})
MASK = "*"
NO_NAME = "—"


class NotANumber(ValueError):
    """A text is not the number of a certificate: too short, too long, or mistyped."""


def new_number(randbelow: Callable[[int], int]) -> str:
    """Return a number of twelve characters; `randbelow` is `secrets.randbelow`, or a test's."""
    drawn = "".join(ALPHABET[randbelow(len(ALPHABET))] for _ in range(CHECKED))
    return drawn + _check(drawn)


def _check(drawn: str) -> str:
    total = sum(place * ALPHABET.index(char) for place, char in enumerate(drawn, start=1))
    return ALPHABET[total % len(ALPHABET)]


def number(typed: str) -> str:
    """Return the number that somebody typed, whatever its case, spaces and dashes.

    Raises NotANumber, also when the check character says that something was mistyped.
    """
    plain = "".join(each for each in typed.upper() if each.isalnum()).translate(_READ_AS)
    if len(plain) != LENGTH or set(plain) - set(ALPHABET) or _check(plain[:-1]) != plain[-1]:
        raise NotANumber(typed)
    return plain


def written(number: str) -> str:
    """Return a number as it is printed: 7K3M-9XQ2-PV4D."""
    return "-".join(number[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def masked(name: str) -> str:
    """Return a name as a stranger may see it: 林**, or initials: W. J.

    Whoever holds the printed certificate can compare; whoever only has the number cannot tell who
    it is. An empty name is a dash.
    """
    words = name.split()
    if not words:
        return NO_NAME
    if name.isascii():
        return " ".join(f"{word[0].upper()}." for word in words)
    first = words[0]
    return first[0] + MASK * min(2, max(1, len("".join(words)) - 1))
