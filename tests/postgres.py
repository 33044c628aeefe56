"""A private PostgreSQL cluster for the tests: a free loopback port, a temporary folder, no root."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def missing_reason() -> str | None:
    """Return why no cluster can be started here, or None."""
    if not BINARIES and shutil.which("initdb") is None:
        return "PostgreSQL is not installed: apt-get install postgresql"
    return None


def _program(name: str) -> str:
    return str(BINARIES[0] / name) if BINARIES else str(shutil.which(name))


def _as_nobody() -> dict[str, object]:
    """Return how to start a process without root: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: list[str], **more: object) -> None:
    subprocess.run(command, check=True, capture_output=True, cwd="/", **more, **_as_nobody())  # type: ignore[call-overload]


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """Run a cluster while the block runs; yield its address for SQLAlchemy, database `tongtu`."""
    folder = Path(tempfile.mkdtemp(prefix="tongtu-pg-"))
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
    port = _free_port()
    data = folder / "data"
    _run(
        [
            _program("initdb"),
            "-D",
            str(data),
            "-U",
            "tongtu",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        ]
    )
    options = (
        f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} "
        "-c fsync=off -c max_connections=120 -c shared_buffers=64MB -c log_min_messages=fatal"
    )
    _run(
        [
            _program("pg_ctl"),
            "-D",
            str(data),
            "-l",
            str(folder / "log"),
            "-w",
            "-o",
            options,
            "start",
        ]
    )
    try:
        there = ["-h", "127.0.0.1", "-p", str(port), "-U", "tongtu"]
        # A superuser sees every row whatever the policies say; the portal is none.
        _run([_program("createuser"), *there, "--createdb", "tongtu_app"])
        _run([_program("createdb"), *there, "--owner", "tongtu_app", "tongtu"])
        # Emptying the database between tests passes by the triggers of what is never deleted.
        _run(
            [
                _program("psql"),
                *there,
                "-c",
                "GRANT SET ON PARAMETER session_replication_role TO tongtu_app",
                "tongtu",
            ]
        )
        yield f"postgresql+psycopg://tongtu_app@127.0.0.1:{port}/tongtu"
    finally:
        _run([_program("pg_ctl"), "-D", str(data), "-m", "immediate", "stop"])
        shutil.rmtree(folder, ignore_errors=True)
