"""What a registry says of a column, how long things wait, and how a text forgets somebody."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

GRACE = timedelta(days=7)  # between asking to be deleted and being deleted
KEPT = timedelta(days=7)  # a copy that was made waits so long to be taken away
NOBODY = "已注销用户"  # what stands where the name of a deleted person stood
REMOVED = "（已删除）"  # what stands where a phone number or mail address stood


class Deletion(StrEnum):
    """What becomes of rows or columns when a person is deleted."""

    ERASE = "erase"  # the row goes
    BLANK = "blank"  # the row stays, the value goes
    MASK = "mask"  # the text stays, name, phone and mail within it go
    KEEP = "keep"


class ExportState(StrEnum):
    """Where a copy of somebody's data stands."""

    WAITING = "waiting"
    READY = "ready"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Field:
    """One column that tells of a person: what it is, what deletion does, and why it may stay."""

    what: Any  # a lazy text
    deletion: Deletion = Deletion.ERASE
    why_kept: Any = ""  # a lazy text; required for KEEP
    blank: Any = None  # what a BLANK column holds afterwards


@dataclass(frozen=True, slots=True)
class Table:
    """One table that tells of persons or organisations.

    `person` and `organisation` are the columns that say whose a row is, `parent` leads to a table
    that says it (column, table), `identities` are columns that hold a mail address or phone
    number. Only `exported` columns are ever taken away.
    """

    name: str
    what: Any  # lazy texts
    purpose: Any
    rows: Deletion  # ERASE or KEEP
    fields: Mapping[str, Field]
    person: tuple[str, ...] = ()
    organisation: tuple[str, ...] = ()
    parent: tuple[str, str] | None = None
    identities: tuple[str, ...] = ()
    exported: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """By what a person is known in texts; what is None is not looked for."""

    name: str
    mail: str | None
    phone: str | None  # E.164

    @property
    def contacts(self) -> list[str]:
        """Mail address and phone number, the latter also as it is typed in China."""
        spellings = [self.mail, self.phone]
        if self.phone and self.phone.startswith("+86"):
            spellings.append(self.phone.removeprefix("+86"))
        return [each for each in spellings if each]


def masked(value: Any, identity: Identity) -> Any:
    """Return a text, or every text within a JSON value, without the person's name and contacts."""
    if isinstance(value, str):
        for contact in identity.contacts:
            value = value.replace(contact, REMOVED)
        return value.replace(identity.name, NOBODY)
    if isinstance(value, Mapping):
        return {key: masked(each, identity) for key, each in value.items()}
    if isinstance(value, list):
        return [masked(each, identity) for each in value]
    return value


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What has to be settled before a person can be deleted."""

    sole_owner_of: Collection[str] = field(default_factory=tuple)  # names of organisations
    is_last_operator: bool = False
    sessions_ahead: int = 0  # as a consultant

    @property
    def any(self) -> bool:
        """Tell whether anything stands in the way."""
        return bool(self.sole_owner_of or self.is_last_operator or self.sessions_ahead)
