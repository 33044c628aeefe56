"""What a backup costs who writes meanwhile, and how long one GB takes to come back.

    python benchmarks/backup_under_load.py [--mb 150] [--restore-mb 1024] [--only sqlite]

A second process commits single rows all the time, as the portal does (WAL and FULL, or
PostgreSQL's defaults with fsync on); its longest commit is the stall. Beside it stands the
longest commit of as long a time without a backup: the machine's own noise. The control copies in
chunks, as SQLite's documentation shows it: every foreign commit makes it start over.
The last line is one JSON object.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import secrets
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from flask_migrate import upgrade

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import postgres  # noqa: E402 – found by the line above
from releases import ALL_ROWS, RELEASES, Release, databases, plain  # noqa: E402

from portal.app import create_app  # noqa: E402
from portal.backup import restoring, taking  # noqa: E402
from portal.backup.examining import MIGRATIONS  # noqa: E402
from portal.backup.place import Place  # noqa: E402
from portal.settings import Settings  # noqa: E402
from reports.facts import engine, versions  # noqa: E402

AT_LEAST = 70  # commits a second, or the run does not count
PAUSE_S = 0.005
PATIENCE_S = 25
SECONDS_WITHOUT = 6
AT = datetime(2026, 11, 22, tzinfo=UTC)
ROW_BYTES = 1300


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=150, help="size of the database under load")
    parser.add_argument("--restore-mb", type=int, default=1024, help="size of what is restored")
    parser.add_argument("--repeats", type=int, default=3, help="backups under load")
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    arguments = parser.parse_args()
    result: dict[str, Any] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as folder:
        for kind in [arguments.only] if arguments.only else ["sqlite", "postgresql"]:
            with _server(kind, Path(folder)) as server:
                home = Path(folder) / kind
                home.mkdir()
                new_database = databases(server, home, "measured")
                result[kind] = {
                    **_under_load(
                        home / "load",
                        new_database,
                        megabytes=arguments.mb,
                        repeats=arguments.repeats,
                    ),
                    **_one_gb(home / "big", new_database, megabytes=arguments.restore_mb),
                }
    print(json.dumps(result))


@contextlib.contextmanager
def _server(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'unused.sqlite'}"
        return
    with postgres.cluster() as address:
        superuser = plain(address).replace("tongtu_app@", "tongtu@")
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = on")  # the tests' clusters go without
            connection.execute("SELECT pg_reload_conf()")
        yield address


def _place(home: Path, address: str, *, megabytes: int) -> Place:
    """Return a portal whose database has about this size, from the seed of the first release."""
    home.mkdir()
    settings = Settings(
        secret_key=secrets.token_urlsafe(48),
        password_salt=secrets.token_urlsafe(48),
        data_dir=home,
        database_url=address,
        content_dir=ROOT / "content",
        log_level="error",
    )
    Release(RELEASES[0]).load(address)
    with create_app(settings).app_context():
        upgrade(directory=str(MIGRATIONS))
    rows = megabytes * 1024**2 // ROW_BYTES
    last = 1_000_000 + rows
    number = (
        f"WITH RECURSIVE n(i) AS (SELECT 1000000 UNION ALL SELECT i + 1 FROM n WHERE i < {last})"
    )
    noise = (
        "hex(randomblob(560))"
        if address.startswith("sqlite")
        else "(SELECT string_agg(md5(i::text || g::text), '') FROM generate_series(1, 35) AS g)"
    )
    _run(
        address,
        f"INSERT INTO rejected_row (import_id, row_number, code, field, value, params, excerpt) "
        f"{number} SELECT 1, i, 'bad_number', 'a', {noise}, '{{}}', '{{}}' FROM n",
    )
    return Place(settings=settings, start=create_app)


def _run(address: str, sql: str) -> None:
    with _connected(address) as connection:
        connection.execute(sql)


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Connect as the portal does, each statement a transaction of its own."""
    if address.startswith("sqlite"):
        path = address.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=15)) as one:
            one.execute("PRAGMA journal_mode=WAL")
            one.execute("PRAGMA synchronous=FULL")
            yield one
            one.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        with psycopg.connect(plain(address), autocommit=True, options=ALL_ROWS) as one:
            yield one


def _write(address: str, stop: Any, answers: Any) -> None:
    """Commit a row after the other until told to stop; send (started, seconds) of each."""
    commits = []
    sql = (
        "INSERT INTO notice (organisation_id, kind, params, path, created_at) "
        "VALUES (1, 'measured', '{}', '/', '2026-11-22 00:00:00')"
    )
    with _connected(address) as connection:
        while not stop.is_set():
            started = time.monotonic()
            connection.execute(sql)
            commits.append((started, time.monotonic() - started))
            time.sleep(PAUSE_S)
    answers.send(commits)


class Writer:
    """Another process that writes; tells afterwards how its commits went in any stretch of time."""

    def __init__(self, address: str) -> None:
        """Start it."""
        context = multiprocessing.get_context("spawn")
        self._stop = context.Event()
        self._answers, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_write, args=(address, self._stop, theirs))
        self._process.start()
        time.sleep(3)  # until it writes steadily
        self._commits: list[tuple[float, float]] = []

    def end(self) -> None:
        """Stop it and take its figures."""
        self._stop.set()
        self._commits = self._answers.recv()
        self._process.join()

    def figures(self, begin: float, end: float) -> dict[str, float]:
        """Return rate and latencies of the commits that overlap [begin, end)."""
        inside = sorted(s for at, s in self._commits if at < end and at + s > begin)
        return {
            "seconds": round(end - begin, 2),
            "commits_a_second": round(len(inside) / (end - begin), 1),
            "p99_ms": round(inside[int(len(inside) * 0.99)] * 1000, 1),
            "longest_ms": round(inside[-1] * 1000, 1),
        }


def _under_load(
    home: Path, new_database: Callable[[], str], *, megabytes: int, repeats: int
) -> dict[str, Any]:
    address = new_database()
    place = _place(home, address, megabytes=megabytes)
    megabytes_of_rows = round(place.database.size_bytes() / 1024**2)  # before the log has grown
    writer = Writer(address)
    try:
        calm = time.monotonic()
        time.sleep(SECONDS_WITHOUT)
        begin = time.monotonic()
        stretches = []
        for _ in range(repeats):
            started = time.monotonic()
            archive = _backed_up(place, home / "backups")
            stretches.append((started, time.monotonic()))
        control = _chunked(address, home) if address.startswith("sqlite") else {}
    finally:
        writer.end()
    during = [writer.figures(*stretch) for stretch in stretches]
    restoring.verify(path=archive, place=place, work=home)  # raises when it is not whole
    return {
        "database_mb": megabytes_of_rows,
        "without_backup": writer.figures(calm, begin),
        "during_backups": during,
        "longest_ms_median": statistics.median(each["longest_ms"] for each in during),
        "counts": all(each["commits_a_second"] >= AT_LEAST for each in during),
        "copy_is_whole": True,
        **control,
    }


def _backed_up(place: Place, into: Path) -> Path:
    """Run the command as a timer would, in a process of its own; return the archive."""
    values = place.settings
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "backup", str(into)],
        cwd=ROOT,
        env={
            **os.environ,
            "TONGTU_SECRET_KEY": values.secret_key,
            "TONGTU_PASSWORD_SALT": values.password_salt,
            "TONGTU_DATA_DIR": str(values.data_dir),
            "TONGTU_DATABASE_URL": values.database_url,
            "TONGTU_LOG_LEVEL": "error",
        },
        check=True,
        capture_output=True,
    )
    return taking.backups_in(into)[-1]


def _chunked(address: str, home: Path) -> dict[str, Any]:
    """The control: the same copy in chunks of 100 pages, for as long as patience lasts."""
    started, restarts, least = time.monotonic(), 0, 1.0
    before = 2**62

    class TooLong(Exception):
        pass

    def progress(_status: int, remaining: int, total: int) -> None:
        nonlocal restarts, least, before
        restarts += remaining > before
        before, least = remaining, min(least, remaining / max(total, 1))
        if time.monotonic() - started > PATIENCE_S:
            raise TooLong

    finished = False
    source = sqlite3.connect(address.removeprefix("sqlite:///"))
    target = sqlite3.connect(home / "chunked.sqlite")
    with contextlib.closing(source), contextlib.closing(target), contextlib.suppress(TooLong):
        source.backup(target, pages=100, progress=progress, sleep=0.01)
        finished = True
    return {
        "control_chunked": {
            "finished": finished,
            "seconds": round(time.monotonic() - started, 1),
            "restarts": restarts,
            "least_left_percent": round(100 * least),
        }
    }


def _one_gb(home: Path, new_database: Callable[[], str], *, megabytes: int) -> dict[str, Any]:
    """Back up and restore about so much: database, facts and uploads, a third each."""
    part = megabytes // 3
    place = _place(home, new_database(), megabytes=part)
    _facts(place.settings.facts_dir, megabytes=part)
    for number in range(part // 16 + 1):
        upload = place.settings.uploads_dir / f"{number:032x}" / f"orders-{number:016x}"
        upload.parent.mkdir(parents=True)
        upload.write_bytes(os.urandom(16 * 1024**2))
    started = time.monotonic()
    taken = taking.take(place=place, into=home / "backups", keep=None, with_secrets=False, at=AT)
    backed_up = time.monotonic()
    empty = home / "restored"
    empty.mkdir()
    other = replace(place.settings, data_dir=empty, database_url=new_database())
    with _highest_memory() as memory:
        began = time.monotonic()
        restoring.restore(
            path=taken.path, place=Place(settings=other, start=create_app), may_replace=False
        )
        restored = time.monotonic()
    return {
        "whole_mb": round(taken.size_bytes / 1024**2),
        "backup_seconds": round(backed_up - started, 1),
        "restore_with_every_check_seconds": round(restored - began, 1),
        "restore_peak_rss_mb": memory(),
        "rows": sum(table.rows for table in taken.manifest.contents.tables.values()),
        "order_lines": sum(each.lines for each in taken.manifest.money.values()),
    }


@contextlib.contextmanager
def _highest_memory() -> Iterator[Callable[[], int]]:
    """Watch this process's memory; the yielded function returns the most of it in MB."""
    highest, stop = 0, threading.Event()
    page = os.sysconf("SC_PAGE_SIZE")

    def watch() -> None:
        nonlocal highest
        while not stop.wait(0.1):
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            highest = max(highest, pages * page)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield lambda: highest // 1024**2
    finally:
        stop.set()
        thread.join()


def _facts(facts: Path, *, megabytes: int) -> None:
    """Publish facts of 24 months in the store's own format; a line takes about 30 bytes."""
    lines = megabytes * 1024**2 // 30 // 24
    months = [f"{2024 + m // 12}-{m % 12 + 1:02}" for m in range(11, 35)]
    with versions.writing(facts), engine.connect() as db:
        draft = versions.new_draft(facts)
        for month in months:
            db.execute(
                f"""COPY (SELECT 'measured' AS source, 'd' || (i % 900) AS dealer_ref,
                'o' || i AS order_no, 1 AS line_no, 'sale' AS kind,
                DATE '{month}-01' + (i % 28)::INTEGER AS occurred_on,
                TIMESTAMP '{month}-01 00:00:00' + to_seconds(i % 2400000) AS occurred_at,
                '{month}' AS month, 'p' || (i % 40) AS product_ref, '月卡' AS product_name,
                NULL::VARCHAR AS category, NULL::VARCHAR AS region, 1 AS quantity,
                (i * 37 % 100000)::BIGINT AS amount_minor, 'CNY' AS currency,
                md5(i::VARCHAR) AS buyer_key, NULL::VARCHAR AS original_order_no,
                'f' AS file_id FROM range({lines}) AS t(i) ORDER BY dealer_ref)
                TO {engine.literal(str(versions.month_path(draft, month)))}
                (FORMAT parquet, COMPRESSION zstd)"""
            )
        manifest = replace(
            versions.EMPTY,
            months={month: versions.MonthFile(lines=lines, sha256="0" * 64) for month in months},
            currencies={f"d{number}": "CNY" for number in range(900)},
            counts={"sale": lines * len(months)},
            facts_from=AT.date(),
            facts_until=AT.date(),
        )
        versions.publish(facts, draft, manifest)


if __name__ == "__main__":
    main()
