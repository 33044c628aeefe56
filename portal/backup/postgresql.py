"""PostgreSQL: dumped and loaded by its own programs, of the server's major version or newer."""

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

from portal.backup.database import UPLOADS
from portal.backup.manifest import Contents, Head, Table
from portal.backup.words import Refused, Words

PROGRAMS = Path("/usr/lib/postgresql")  # where Debian keeps every major version
ASIDE = "before_restore"
_ALL_ROWS = "tongtu.role"  # what portal/ownership.py lets row security ask for
_FAST = "1"  # compression of the dump: the higher levels cost minutes and save little
_TABLES = (
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename COLLATE \"C\""
)
# The sum over rows does not depend on their order; md5 gives the same on every version.
_TABLE = """SELECT count(*), coalesce(sum(
    ('x' || substr(md5(each::text), 1, 16))::bit(64)::bigint::numeric), 0) FROM public.{} AS each"""


class Postgresql:
    """The portal's database on a server."""

    dump_name = "database.dump"

    def __init__(self, url: URL) -> None:
        """Remember the address."""
        self._url = url

    def snapshot(self, target: Path) -> Contents:
        """Dump the database from one snapshot, and return what that snapshot holds."""
        with self._connect() as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            row = connection.execute("SELECT pg_export_snapshot()").fetchone()
            self._run(
                "pg_dump",
                "--format=custom",
                f"--compress={_FAST}",
                "--no-owner",
                "--no-privileges",
                "--enable-row-security",  # else it refuses; it sees all rows, see _ALL_ROWS
                "--no-sync",  # a draft: the archive is what must reach the disk
                f"--snapshot={row[0] if row else ''}",
                f"--file={target}",
            )
            target.chmod(0o600)
            return _contents(connection)

    def contents(self) -> Contents:
        """Return what the database holds."""
        with self._connect() as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            return _contents(connection)

    def size_bytes(self) -> int:
        """Return the size on the server; a dump is smaller."""
        with self._connect() as connection:
            return _number(connection, "SELECT pg_database_size(current_database())")

    def is_empty(self) -> bool:
        """Return whether there is no table."""
        with self._connect() as connection:
            return connection.execute(_TABLES).fetchone() is None

    def in_use(self) -> bool:
        """Return whether anybody else is connected to this database."""
        with self._connect() as connection:
            others = _number(
                connection,
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid()",
            )
        return others > 0

    def has_aside(self) -> bool:
        """Return whether the old schema stands beside."""
        with self._connect() as connection:
            return _number(connection, _SCHEMAS, ASIDE) > 0

    def set_aside(self) -> None:
        """Move what the portal made into a schema of another name; extensions stay in force."""
        with self._connect() as connection, connection.transaction():
            connection.execute(f"CREATE SCHEMA {ASIDE}")
            _move(connection, "public", ASIDE)

    def load(self, dump: Path) -> None:
        """Load a dump in one transaction: all of it, or nothing."""
        self._run(
            "pg_restore",
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            "--no-comments",
            str(dump),
        )
        with self._connect() as connection:
            connection.execute("ANALYZE")

    def bring_back(self) -> None:
        """Drop what was loaded, and move what was set aside, if anything, back to its place."""
        with self._connect() as connection, connection.transaction():
            for statement in _statements(connection, _DROPS, schema="public"):
                connection.execute(statement)
            if _number(connection, _SCHEMAS, ASIDE) > 0:
                _move(connection, ASIDE, "public")
                connection.execute(f"DROP SCHEMA {ASIDE}")

    def forget_aside(self) -> None:
        """Drop the old schema."""
        with self._connect() as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE")

    def damages(self) -> list[Words]:
        """Return constraints that are not in force; loading has checked the rows against them."""
        query = (
            "SELECT conrelid::regclass::text, conname FROM pg_constraint "
            "WHERE NOT convalidated ORDER BY 1, 2"
        )
        with self._connect() as connection:
            found = connection.execute(query).fetchall()
        return [
            Words(f"约束 {table}.{name} 没有生效", f"constraint {table}.{name} is not in force")
            for table, name in found
        ]

    @contextmanager
    def scratch(self) -> Iterator["Postgresql"]:
        """Make a database beside this one for the block; raise Refused when that is not allowed."""
        name = f"tongtu_verify_{secrets.token_hex(6)}"
        try:
            with self._connect() as connection:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
                )
        except psycopg.errors.InsufficientPrivilege as error:
            raise Refused(
                "数据库账号不能建库，无法试恢复；请给它 CREATEDB 权限，或在另一台服务器上检验",
                "the database role may not create a database for the trial restore; "
                "grant it CREATEDB, or verify on another server",
            ) from error
        try:
            yield Postgresql(self._url.set(database=name))
        finally:
            with self._connect() as connection:
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )

    @property
    def address(self) -> str:
        """Return the address for the portal's settings."""
        return self._url.render_as_string(hide_password=False)

    def _conninfo(self, *, password: bool) -> str:
        url = self._url
        options = {name: str(value) for name, value in url.query.items()}
        return make_conninfo(
            "",
            host=url.host,
            port=url.port,
            dbname=url.database,
            user=url.username,
            password=url.password if password else None,
            **options,
        )

    @contextmanager
    def _connect(self) -> Iterator[psycopg.Connection]:
        try:
            connection = psycopg.connect(self._conninfo(password=True), autocommit=True)
        except psycopg.OperationalError as error:
            raise Refused(
                f"连不上数据库：{error}", f"the database cannot be reached: {error}"
            ) from error
        with connection:
            # Dates and times as text must not depend on the server's settings.
            connection.execute("SET TIME ZONE 'UTC'")
            connection.execute("SET DATESTYLE TO 'ISO, YMD'")
            connection.execute(f"SET {_ALL_ROWS} = 'everyone'")
            yield connection

    def _run(self, program: str, *arguments: str) -> None:
        with self._connect() as connection:
            major = connection.info.server_version // 10_000
        command = [
            find_program(program, major=major),
            "--no-password",
            f"--dbname={self._conninfo(password=False)}",
            *arguments,
        ]
        # The password goes by the environment: everybody may read a command line.
        secret = {"PGPASSWORD": self._url.password} if self._url.password else {}
        done = subprocess.run(  # noqa: S603 – a program of PostgreSQL, arguments are our own
            command,
            env={**os.environ, **secret, "PGOPTIONS": f"-c {_ALL_ROWS}=everyone"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            said = done.stderr.strip()[-1000:]
            raise Refused(f"{program} 失败：{said}", f"{program} failed: {said}")


def find_program(name: str, *, major: int, programs: Path = PROGRAMS) -> str:
    """Return a program of PostgreSQL `major` or newer; raise Refused when there is none."""
    installed = sorted(
        (int(folder.name), folder / "bin" / name)
        for folder in programs.glob("*")
        if folder.name.isdigit() and int(folder.name) >= major
    )
    for _, path in installed:
        if path.exists():
            return str(path)
    found = shutil.which(name)
    if found and _major_of(found) >= major:
        return found
    raise Refused(
        f"找不到 {major} 或更新版本的 {name}；Debian：apt-get install postgresql-client-{major}",
        f"no {name} of version {major} or newer; on Debian: "
        f"apt-get install postgresql-client-{major}",
    )


def _major_of(program: str) -> int:
    said = subprocess.run(  # noqa: S603 – a program found on the path, without input
        [program, "--version"], capture_output=True, text=True, check=False
    ).stdout
    number = re.search(r"(\d+)(?:\.\d+)?", said)
    return int(number.group(1)) if number else 0


_SCHEMAS = "SELECT count(*) FROM pg_namespace WHERE nspname = %s"


# What an extension brought stays: only a superuser may move it.
_OWN_TABLES = """FROM pg_class AS own WHERE relnamespace = %(schema)s::regnamespace
    AND relkind IN ('r', 'p', 'v', 'm') AND NOT EXISTS (SELECT 1 FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = own.oid AND deptype = 'e')"""
_OWN_FUNCTIONS = """FROM pg_proc AS own WHERE pronamespace = %(schema)s::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend
        WHERE classid = 'pg_proc'::regclass AND objid = own.oid AND deptype = 'e')"""
_MOVES = f"""
SELECT format('ALTER TABLE %%s SET SCHEMA %%I', oid::regclass, %(target)s::text) {_OWN_TABLES}
UNION ALL
SELECT format('ALTER FUNCTION %%s SET SCHEMA %%I', oid::regprocedure, %(target)s::text)
    {_OWN_FUNCTIONS}
"""
_DROPS = f"""
SELECT format('DROP TABLE IF EXISTS %%s CASCADE', oid::regclass) {_OWN_TABLES}
UNION ALL
SELECT format('DROP FUNCTION IF EXISTS %%s CASCADE', oid::regprocedure) {_OWN_FUNCTIONS}
"""


def _move(connection: psycopg.Connection, source: str, target: str) -> None:
    for statement in _statements(connection, _MOVES, schema=source, target=target):
        connection.execute(statement)


def _statements(
    connection: psycopg.Connection, query: LiteralString, **names: str
) -> list[sql.SQL]:
    # PostgreSQL wrote and quoted them itself, from its own catalogue.
    return [sql.SQL(row[0]) for row in connection.execute(query, names).fetchall()]


def _number(connection: psycopg.Connection, query: LiteralString, *values: str) -> int:
    row = connection.execute(query, values or None).fetchone()
    return int(row[0]) if row else 0


def _contents(connection: psycopg.Connection) -> Contents:
    names = [name for (name,) in connection.execute(_TABLES).fetchall()]
    return Contents(
        kind="postgresql",
        version=str(connection.info.server_version),
        revision=_revision(connection) if "alembic_version" in names else None,
        tables={name: _table(connection, name) for name in names},
        head=_head(connection) if "evidence_head" in names else None,
        uploads=[
            name
            for table, query in UPLOADS.items()
            if table in names
            for (name,) in connection.execute(query).fetchall()
        ],
    )


def _revision(connection: psycopg.Connection) -> str | None:
    row = connection.execute("SELECT version_num FROM public.alembic_version").fetchone()
    return None if row is None else str(row[0])


def _head(connection: psycopg.Connection) -> Head | None:
    row = connection.execute("SELECT seq, hash FROM public.evidence_head").fetchone()
    return None if row is None else Head(seq=row[0], hash=row[1])


def _table(connection: psycopg.Connection, name: str) -> Table:
    query = sql.SQL(_TABLE).format(sql.Identifier(name))
    rows, total = connection.execute(query).fetchone() or (0, 0)
    return Table(rows=int(rows), digest=f"{int(total) % 2**64:016x}")
