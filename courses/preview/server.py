"""Serve the preview on this machine, and stop it without leaving anything behind."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Thread

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from courses.preview.application import Application

HOST = "127.0.0.1"


class _Quiet(WSGIRequestHandler):
    """Says nothing about every request: the author looks at the browser."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Leave the line out."""


@dataclass(frozen=True)
class Server:
    """A preview that answers on `port`."""

    port: int
    _thread: Thread

    def wait(self) -> None:
        """Wait until it is stopped."""
        while self._thread.is_alive():
            self._thread.join(1)


@contextmanager
def serve(folder: Path, *, port: int = 0) -> Iterator[Server]:
    """Show the courses under `folder` meanwhile; port 0 takes a free one."""
    application = Application(folder, today=_today)
    server: BaseWSGIServer = make_server(
        HOST, port, application, threaded=True, request_handler=_Quiet
    )
    # An open stream must not keep the command from ending.
    server.daemon_threads = True  # type: ignore[attr-defined]  # of the threaded server
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Server(server.server_port, thread)
    finally:
        application.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _today() -> date:
    # The preview is this package's edge, where the clock may be read.
    return date(*time.localtime()[:3])
