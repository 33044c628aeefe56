"""A server on loopback that hands out a calendar as a test tells it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def calendar(*events: str, head: str = "") -> bytes:
    """Return a calendar of these events, each given as the lines within it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Elsewhere//EN"]
    lines += head.splitlines()
    for number, each in enumerate(events, 1):
        lines += ["BEGIN:VEVENT", "DTSTAMP:20261101T000000Z"]
        if "UID:" not in each:
            lines.append(f"UID:event-{number}")
        lines += [*each.splitlines(), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


@dataclass
class IcsServer:
    """What a test reads and steers."""

    port: int = 0
    body: bytes = field(default_factory=calendar)
    status: int = 200
    etag: str = '"one"'
    location: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)  # the headers of each request

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/private/a.ics"


@contextmanager
def running() -> Iterator[IcsServer]:
    server = IcsServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.asked.append(headers)
            same = server.status == 200 and headers.get("if-none-match") == server.etag
            self.send_response(304 if same else server.status)
            self.send_header("ETag", server.etag)
            if server.location:
                self.send_header("Location", server.location)
            self.end_headers()
            if not same:
                self.wfile.write(server.body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    server.port = listening.server_address[1]
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
