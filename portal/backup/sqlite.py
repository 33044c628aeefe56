"""SQLite: copied in one step, because a copy in chunks starts over at every foreign commit."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from portal.backup.database import UPLOADS
from portal.backup.manifest import Contents, Head, Table
from portal.backup.words import Refused, Words

_SIDE_FILES = ("", "-wal", "-shm")
_ASIDE = ".before-restore"
_TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' "
    "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
)


class Sqlite:
    """The portal's database in a file."""

    dump_name = "database.sqlite"

    def __init__(self, path: Path) -> None:
        """Remember where the file is or will be."""
        self._path = path

    def snapshot(self, target: Path) -> Contents:
        """Copy the database in one step, and return what the copy holds."""
        if not self._path.exists():
            raise Refused(
                f"没有数据库 {self._path}，没有可备份的内容",
                f"there is no database {self._path}, so nothing to back up",
            )
        target.touch(mode=0o600)
        try:
            copy_in_one_step(self._path, target)
        except sqlite3.Error as error:
            raise Refused(
                f"数据库没有复制成功：{error}；多半是磁盘满了或数据库损坏",
                f"the database was not copied: {error}; most likely the disk is full, or the "
                "database damaged",
            ) from error
        return Sqlite(target).contents()

    def contents(self) -> Contents:
        """Return what the file holds."""
        with self._open() as connection:
            names = [name for (name,) in connection.execute(_TABLES)]
            return Contents(
                kind="sqlite",
                version=sqlite3.sqlite_version,
                revision=_only(connection, "SELECT version_num FROM alembic_version")
                if "alembic_version" in names
                else None,
                tables={name: _table(connection, name) for name in names},
                head=_head(connection) if "evidence_head" in names else None,
                uploads=[
                    name
                    for table, query in UPLOADS.items()
                    if table in names
                    for (name,) in connection.execute(query)
                ],
            )

    def size_bytes(self) -> int:
        """Return the size of the file with its log."""
        return sum(path.stat().st_size for path in self._files() if path.exists())

    def is_empty(self) -> bool:
        """Return whether there is no file, or one without tables."""
        if not self._path.exists():
            return True
        with self._open() as connection:
            return connection.execute(_TABLES).fetchone() is None

    def in_use(self) -> bool:
        """Return whether another process has the file open: only who is alone may leave WAL."""
        if not self._path.exists():
            return False
        with closing(sqlite3.connect(self._path, timeout=0)) as connection:
            try:
                connection.execute("PRAGMA journal_mode=DELETE")
                connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError:
                return True
        return False

    def has_aside(self) -> bool:
        """Return whether the old file stands beside."""
        return _aside(self._path).exists()

    def set_aside(self) -> None:
        """Give the file another name; itself last, so that it tells that all of it is aside."""
        for path in reversed(self._files()):
            if path.exists():
                path.replace(_aside(path))

    def load(self, dump: Path) -> None:
        """Move the copy to its place."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        dump.replace(self._path)
        self._path.chmod(0o600)

    def bring_back(self) -> None:
        """Put the old file back in the place of the new one."""
        for path in self._files():
            path.unlink(missing_ok=True)
            if _aside(path).exists():
                _aside(path).replace(path)

    def forget_aside(self) -> None:
        """Remove the old file."""
        for path in self._files():
            _aside(path).unlink(missing_ok=True)

    def damages(self) -> list[Words]:
        """Return what SQLite's integrity check and foreign keys say."""
        with self._open() as connection:
            found = [line for (line,) in connection.execute("PRAGMA integrity_check(20)")]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchmany(20)
        problems = [
            Words(f"数据库损坏：{line}", f"the database is damaged: {line}")
            for line in found
            if line != "ok"
        ]
        return problems + [
            Words(f"表 {table} 有行指向不存在的 {parent}", f"{table} has rows without {parent}")
            for table, _row, parent, _key in orphans
        ]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=15)) as connection:
            try:
                yield connection
            except sqlite3.DatabaseError as error:
                raise Refused(
                    f"数据库读不出来：{error}", f"the database cannot be read: {error}"
                ) from error

    def _files(self) -> list[Path]:
        return [self._path.with_name(self._path.name + suffix) for suffix in _SIDE_FILES]


def copy_in_one_step(source: Path, target: Path) -> None:
    """Copy all pages within one read transaction: writers go on in the write-ahead log."""
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        # A draft: the archive is what must reach the disk, and once is enough.
        copy.execute("PRAGMA synchronous=OFF")
        live.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")  # the copy is this one file


def _aside(path: Path) -> Path:
    return path.with_name(path.name + _ASIDE)


def _only(connection: sqlite3.Connection, sql: str) -> str | None:
    row = connection.execute(sql).fetchone()
    return None if row is None else str(row[0])


def _head(connection: sqlite3.Connection) -> Head | None:
    row = connection.execute("SELECT seq, hash FROM evidence_head").fetchone()
    return None if row is None else Head(seq=row[0], hash=row[1])


def _table(connection: sqlite3.Connection, name: str) -> Table:
    """Count the rows and add up their digests: a sum does not depend on the order."""
    rows, total = 0, 0
    quoted = name.replace('"', '""')
    for row in connection.execute(f'SELECT * FROM "{quoted}"'):  # noqa: S608 – a quoted name of a table
        rows += 1
        digest = hashlib.blake2b(repr(row).encode("utf-8", "surrogatepass"), digest_size=8)
        total += int.from_bytes(digest.digest())
    return Table(rows=rows, digest=f"{total % 2**64:016x}")
