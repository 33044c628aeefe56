"""The seeded databases that releases left behind, and fresh databases to load them into."""

import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from portal.ownership import EVERYONE

FOLDER = Path(__file__).parent / "repository" / "releases"
RELEASES = sorted(path.name for path in FOLDER.iterdir())


@dataclass(frozen=True)
class Release:
    """One release's seeded database."""

    version: str

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What an upgrade must keep."""
        return json.loads((FOLDER / self.version / "manifest.json").read_text(encoding="utf-8"))

    def load(self, address: str) -> None:
        """Fill the empty database at `address` as the release would have left it."""
        url = make_url(address)
        packed = FOLDER / self.version / f"{url.get_backend_name()}.sql.gz"
        sql = gzip.decompress(packed.read_bytes())
        if url.get_backend_name() == "sqlite":
            with closing(sqlite3.connect(url.database)) as connection:
                connection.executescript(sql.decode())
        else:
            with psycopg.connect(plain(address)) as connection:
                connection.execute(sql)


# Row security holds back every tenant's rows from who does not say for whom they work.
ALL_ROWS = f"-c tongtu.role={EVERYONE}"


def plain(address: str) -> str:
    """Return an address of SQLAlchemy's as psycopg takes it."""
    return make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)


def _as_superuser(address: str) -> str:
    """Return the address with the role that owns the tests' cluster (tests/postgres.py)."""
    url = make_url(address).set(drivername="postgresql", username="tongtu")
    return url.render_as_string(hide_password=False)


def databases(server: str, folder: Path, prefix: str) -> Callable[[], str]:
    """Return a function that makes a database without any table and returns its address.

    On PostgreSQL it lies beside the one at `server`, in SQLite in `folder`.
    """
    url, made = make_url(server), 0

    def make() -> str:
        nonlocal made
        made += 1
        name = f"{prefix}_{made}"
        if url.get_backend_name() == "sqlite":
            return f"sqlite:///{folder / name}.sqlite"
        # As the superuser: PostgreSQL's own housekeeping may be at work in it and must be ended.
        with psycopg.connect(_as_superuser(server), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name} OWNER {url.username}")
        return url.set(database=name).render_as_string(hide_password=False)

    return make
