"""Who can be told, and where. This room knows no persons: the application passes the reader in."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import Flask, current_app


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may be told something outside the portal."""

    person_id: int
    name: str
    mail: str | None  # None: signs in by phone and has no mail address
    language: str  # "zh_CN" or "en"


class Directory(Protocol):
    """Reads who works where; the room of accounts offers it."""

    def of_organisation(self, organisation_id: int, /) -> Sequence[Recipient]:
        """Return who works in an organisation."""

    def owners_of(self, organisation_id: int, /) -> Sequence[Recipient]:
        """Return who owns an organisation."""

    def persons(self, person_ids: Collection[int], /) -> Mapping[int, Recipient]:
        """Return the persons with these ids; absent ones are left out."""


def init_app(app: Flask, *, directory: Directory) -> None:
    """Let notices of `app` find their receivers in `directory`."""
    app.extensions["tongtu.directory"] = directory


def current() -> Directory:
    """Return the directory of this application."""
    directory: Directory = current_app.extensions["tongtu.directory"]
    return directory


def person(person_id: int) -> Recipient | None:
    """Return one person, or None when there is no such person any more."""
    return current().persons([person_id]).get(person_id)
