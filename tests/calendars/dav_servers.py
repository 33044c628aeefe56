"""Real CalDAV servers on loopback, each a process of its own: Radicale and Xandikos."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mail_server import free_port

USER, PASSWORD = "gu", "right password"


def _radicale(folder: Path, port: int) -> list[str]:
    users = folder / "users"
    users.write_text(f"{USER}:{PASSWORD}\n")
    return [
        *("-m", "radicale", "--hosts", f"127.0.0.1:{port}"),
        *("--auth-type", "htpasswd", "--auth-htpasswd-filename", str(users)),
        *("--auth-htpasswd-encryption", "plain", "--auth-delay", "0"),
        *("--storage-filesystem-folder", str(folder / "collections")),
        *("--logging-level", "warning"),
    ]


def _xandikos(folder: Path, port: int) -> list[str]:
    return [
        *("-m", "xandikos", "serve", "-d", str(folder / "dav"), "--defaults", "--autocreate"),
        *("-l", "127.0.0.1", "-p", str(port), "--current-user-principal", f"/{USER}/"),
    ]


KINDS = {"radicale": _radicale, "xandikos": _xandikos}


@contextmanager
def running(kind: str, folder: Path) -> Iterator[str]:
    """Run a server of this kind; give its address."""
    port = free_port()
    log = (folder / "server.log").open("wb")
    server = subprocess.Popen(
        [sys.executable, *KINDS[kind](folder, port)],
        stdout=log,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        _wait_for(port, server, folder / "server.log")
        yield address
    finally:
        server.terminate()
        server.wait(10)
        log.close()


def _wait_for(port: int, server: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
