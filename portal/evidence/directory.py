"""Names of persons and organisations, told by whoever keeps them.

This room lies below the one that knows persons, so the application hands the reads in.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from flask import Flask, current_app


@dataclass(frozen=True, slots=True)
class Directory:
    """Names by id (absent ones left out), and ids by a part of a name."""

    people: Callable[[Collection[int]], Mapping[int, str]]
    organisations: Callable[[Collection[int]], Mapping[int, str]]
    people_named: Callable[[str], Collection[int]]
    organisations_named: Callable[[str], Collection[int]]


def current() -> Directory:
    """Return the application's directory."""
    found: Directory = current_app.extensions["tongtu.evidence"]
    return found


def init_app(app: Flask, directory: Directory) -> None:
    """Let the record of `app` show names."""
    app.extensions["tongtu.evidence"] = directory
