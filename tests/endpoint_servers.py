"""Fakes of what organisations are told at, on loopback: they check what the real ones check.

Each answers as its provider documents: robots say 200 and put the result into the body.
"""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from portal import clock

HOUR = timedelta(hours=1)
SECRET = "SEC-right"
Reply = tuple[int, bytes]


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}


@dataclass
class EndpointServer:
    """What a test reads and steers."""

    check: Callable[["EndpointServer", Request], Reply]
    path: str
    port: int = 0
    secret: str = ""
    asked: list[Request] = field(default_factory=list)  # every call
    taken: list[Request] = field(default_factory=list)  # those that were accepted
    next_replies: list[Reply] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        if self.next_replies:
            return self.next_replies.pop(0)
        reply = self.check(self, request)
        if reply[0] == 200 and (reply[1] == b"ok" or b'code": 0' in reply[1]):
            self.taken.append(request)
        return reply


def said(**values: Any) -> Reply:
    return 200, json.dumps(values).encode()


def _hmac(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def _is_recent(seconds: float) -> bool:
    return abs(clock.now().timestamp() - seconds) <= HOUR.total_seconds()


def standard_webhook(server: EndpointServer, request: Request) -> Reply:
    """A receiver as standardwebhooks.com describes it: any one good signature will do."""
    sent_at = int(request.headers["webhook-timestamp"])
    if abs(clock.now().timestamp() - sent_at) > 300:
        return 400, b"too old"
    signed = f"{request.headers['webhook-id']}.{sent_at}.".encode() + request.body
    key = base64.b64decode(server.secret.removeprefix("whsec_"))
    good = "v1," + _hmac(key, signed)
    given = request.headers["webhook-signature"].split()
    if not any(hmac.compare_digest(good, each) for each in given):
        return 401, b"bad signature"
    return 200, b"ok"


def wecom(server: EndpointServer, request: Request) -> Reply:
    if request.query.get("key") != "693a91f6":
        return said(errcode=93000, errmsg="invalid webhook url")
    if len(request.json["text"]["content"].encode()) > 2048:
        return said(errcode=40058, errmsg="text.content exceed max length 2048")
    return said(errcode=0, errmsg="ok")


def dingtalk(server: EndpointServer, request: Request) -> Reply:
    stamp = request.query.get("timestamp", "0")
    good = _hmac(server.secret.encode(), f"{stamp}\n{server.secret}".encode())
    if not _is_recent(int(stamp) / 1000):
        return said(errcode=310000, errmsg="invalid timestamp")
    if request.query.get("sign") != good:
        return said(errcode=310000, errmsg="sign not match")
    return said(errcode=0, errmsg="ok")


def feishu(server: EndpointServer, request: Request) -> Reply:
    stamp = request.json.get("timestamp", "0")
    good = _hmac(f"{stamp}\n{server.secret}".encode(), b"")
    if not _is_recent(int(stamp)) or request.json.get("sign") != good:
        text = "sign match fail or timestamp is not within one hour from current time"
        return said(code=19021, msg=text)
    return said(code=0, msg="success", data={})


KINDS = {
    "webhook": (standard_webhook, "/hooks/tongtu"),
    "wecom": (wecom, "/cgi-bin/webhook/send?key=693a91f6"),
    "dingtalk": (dingtalk, "/robot/send?access_token=abc"),
    "feishu": (feishu, "/open-apis/bot/v2/hook/abc"),
}


@contextmanager
def running(kind: str, *, secret: str = SECRET) -> Iterator[EndpointServer]:
    check, path = KINDS[kind]
    server = EndpointServer(check=check, path=path, secret=secret)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.path, headers, self.rfile.read(length))
            status, body = server.answer(request)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", body.decode())
            self.end_headers()
            self.wfile.write(body)

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
