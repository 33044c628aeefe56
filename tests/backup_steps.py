"""What the tests of backups do again and again."""

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from releases import ALL_ROWS, plain
from sqlalchemy import make_url

from portal.backup import folder, taking
from portal.backup.place import Place

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def take(place: Place, into: Path, **more) -> Path:
    values = {"keep": None, "with_secrets": False, "at": AT, **more}
    return taking.take(place=place, into=into, **values).path


def run_sql(place: Place, sql: str) -> None:
    address = place.settings.database_url
    if address.startswith("sqlite"):
        with closing(sqlite3.connect(make_url(address).database)) as connection:
            connection.executescript(sql)
    else:
        with psycopg.connect(plain(address), options=ALL_ROWS) as connection:
            connection.execute(sql)


def files_of(place: Place) -> dict[str, str]:
    return {
        f"{name}/{path.relative_to(home)}": hashlib.sha256(path.read_bytes()).hexdigest()
        for name, home in folder.parts_of(place.settings).items()
        for path in home.rglob("*")
        if path.is_file() and path.name not in {"buyer.key", ".lock"}
    }
