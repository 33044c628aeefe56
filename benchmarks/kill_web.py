"""What kill -9 of web workers does to bookings, feedback and uploaded order files.

    python -m benchmarks.kill_web [--database sqlite|postgresql] [--kills 100] [--seed N]

A real gunicorn, 2 workers of 4 threads, and 12 clients over loopback: 6 book (two shops want each
time), 3 give feedback, 3 upload order files. Workers are killed at random moments while a request
of the kind whose turn it is is under way. A client whose connection breaks, or who is answered 5xx,
sends the same form again with the same key until it is told what became of it. In the end the
answers and the database must say the same: nothing acknowledged is missing, nothing is there that
nobody was told of, nothing is there twice. The control sends each try with a key of its own.
Every answer waits up to 60 ms after the commit before it leaves, in all runs alike: that is when a
client cannot know. The last line is one JSON object.
"""

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import random
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import make_url, text

from benchmarks.kill_workers import database, portal_on
from portal import clock, tenancy
from portal.access import Role
from portal.accounts import actions as accounts
from portal.app import create_app
from portal.booking.actions import hours
from portal.booking.rules.sessions import start_in_address
from portal.booking.rules.slots import Window
from portal.catalog import actions as catalog
from portal.db import db, unit_of_work

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "killed while at work"  # noqa: S105 – of a database that lives as long as the benchmark
BOOKING, FEEDBACK, IMPORT = "booking", "feedback", "import"
KINDS = (BOOKING, FEEDBACK, IMPORT)
CLIENTS = {BOOKING: 6, FEEDBACK: 3, IMPORT: 3}
ON_ITS_WAY_S = 0.06
LONGEST_S = 120.0  # a client that is not told by then has lost its words


# --- the server's side ---------------------------------------------------------------------------


def application() -> Callable[..., Any]:
    """Return the portal with answers that take a while to leave: `gunicorn …:application()`."""
    portal = create_app()
    portal.extensions["tongtu.rates"].enabled = False  # our clients are a flood, on purpose
    chance = random.Random()  # noqa: S311 – how long an answer is on its way
    longest_s = float(os.environ["BENCH_ON_ITS_WAY_S"])

    def delayed(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        answer = portal.wsgi_app(environ, start)
        if environ["REQUEST_METHOD"] == "POST":
            time.sleep(chance.uniform(0, longest_s))
        return answer

    return delayed


@contextlib.contextmanager
def gunicorn(
    portal: Flask, *, on_its_way_s: float
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Serve the database and files of `portal` while the block runs; yield port and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = portal.extensions["tongtu.settings"]
    url = make_url(settings.database_url)
    environment = {
        **os.environ,
        "TONGTU_SECRET_KEY": settings.secret_key,
        "TONGTU_PASSWORD_SALT": settings.password_salt,
        "TONGTU_BUYER_KEY": "b" * 40,
        "TONGTU_DATA_DIR": str(settings.data_dir),
        "TONGTU_DATABASE_URL": url.render_as_string(hide_password=False),
        "TONGTU_PASSWORD_COST": "test",
        "TONGTU_SECOND_FACTOR": "offered",
        "TONGTU_LOG_LEVEL": "error",
        "BENCH_ON_ITS_WAY_S": str(on_its_way_s),
    }
    # Loaded once and forked, so that a new worker answers at once: more kills meet a request.
    command = [sys.executable, "-m", "gunicorn", "--preload", "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        [*command, "--workers", "2", "--threads", "4", "--worker-class", "gthread",
         "--log-level", "critical", "benchmarks.kill_web:application()"],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(port, server)
        yield port, server
    finally:
        server.terminate()
        server.wait(timeout=60)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("gunicorn stopped before it answered")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError("gunicorn did not answer within 30 s")


# --- the clients' side ---------------------------------------------------------------------------


@dataclass
class Sending:
    """Something that a client wants stored once, and what it was told in the end."""

    kind: str
    what: str
    told: str = ""  # the stored record's public id
    refused: bool = False
    tries: int = 0


class Browser:
    """A signed-in client with a session of its own."""

    def __init__(self, port: int) -> None:
        self._port, self._cookies = port, dict[str, str]()
        self.csrf = ""

    def ask(
        self, method: str, path: str, body: bytes = b"", mime: str = ""
    ) -> tuple[int, str, str]:
        """Return the answer's status, Location and body. Raises what a lost connection raises."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        with contextlib.closing(connection):
            cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
            headers = {"Cookie": cookies, "Content-Type": mime, "Connection": "close"}
            connection.request(method, path, body, {k: v for k, v in headers.items() if v})
            answer = connection.getresponse()
            content = answer.read().decode("utf-8", "replace")
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, answer.headers.get("Location", ""), content

    def post(
        self, path: str, fields: Mapping[str, str], file: bytes | None = None
    ) -> tuple[int, str]:
        """Send a form, with a file if there is one; return status and Location."""
        mark = secrets.token_hex(12)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in {"csrf_token": self.csrf, **fields}.items()
        ]
        if file is not None:
            head = 'Content-Disposition: form-data; name="file"; filename="orders.csv"'
            parts.append(f"--{mark}\r\n{head}\r\n\r\n".encode() + file + b"\r\n")
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        status, location, _ = self.ask("POST", path, body, f"multipart/form-data; boundary={mark}")
        return status, location

    def sign_in(self, phone: str) -> None:
        """Sign in, and take the token that forms need."""
        self._take_token("/sign-in")
        status, _ = self.post("/sign-in", {"identity": phone, "password": PASSWORD})
        assert status == 302, f"{phone} cannot sign in: {status}"
        self._take_token("/help")

    def _take_token(self, path: str) -> None:
        _status, _location, page = self.ask("GET", path)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found, f"no token on {path}"
        self.csrf = found[1]


@dataclass
class Client:
    """One person who sends one thing after another until it is enough."""

    kind: str
    browser: Browser
    form: Callable[[int], tuple[str, str, dict[str, str], bytes | None]]
    one_key: bool
    under_way: Counter[str]
    enough: threading.Event
    sendings: list[Sending] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)

    def run(self) -> None:
        """Send until it is enough; the last one until its answer is known."""
        while not self.enough.is_set():
            what, path, fields, file = self.form(len(self.sendings))
            sending = Sending(self.kind, what)
            self.sendings.append(sending)
            self._send(sending, path, fields, file)

    def _send(
        self, sending: Sending, path: str, fields: dict[str, str], file: bytes | None
    ) -> None:
        key, until = secrets.token_hex(16), time.monotonic() + LONGEST_S
        while time.monotonic() < until:
            sending.tries += 1
            sent = key if self.one_key else secrets.token_hex(16)
            self.under_way[self.kind] += 1
            try:
                status, location = self.browser.post(
                    path, {**fields, "idempotency_key": sent}, file
                )
            except (OSError, http.client.HTTPException):
                self.answers["connection lost"] += 1
                time.sleep(0.05)
                continue
            finally:
                self.under_way[self.kind] -= 1
            self.answers[str(status)] += 1
            if status in {302, 303}:
                sending.told = re.split("[/?]", location)[2]
                return
            if status == 422:
                sending.refused = True
                return
            time.sleep(0.1)


# --- the world -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """Who signs in by which phone, and what they may ask for."""

    dealers: list[str]
    operators: list[str]
    consultants: list[int]
    product_id: int
    first_start: datetime


def seed(portal: Flask) -> World:
    """Fill the database with a small alliance."""
    at = clock.now()
    with portal.app_context(), tenancy.for_everyone(reason="seeding"), unit_of_work():
        secret = accounts.hash_of(PASSWORD)
        numbers = iter(range(13_900_000_000, 13_900_001_000))

        def person(name: str, organisation_id: int, role: Role) -> tuple[str, int]:
            phone = str(next(numbers))
            who = accounts.add_person(
                name=name, mail=None, phone=phone, password_hash=secret, at=at
            )
            accounts.join(person_id=who.id, organisation_id=organisation_id, role=role)
            return phone, who.id

        alliance = accounts.add_organisation(kind="alliance", name="联盟", at=at)
        supplier = accounts.add_organisation(kind="supplier", name="供应商", at=at)
        dealers = []
        for number in range(CLIENTS[BOOKING] + CLIENTS[FEEDBACK]):
            shop = accounts.add_organisation(
                kind="dealer", name=f"店 {number}", shop_ref=f"shop{number}", at=at
            )
            dealers.append(person(f"店主 {number}", shop.id, Role.DEALER)[0])
        consultants = []
        for number in range(CLIENTS[BOOKING] // 2):
            _phone, person_id = person(f"顾问 {number}", alliance.id, Role.CONSULTANT)
            consultants.append(_open_hours(person_id, alliance.id))
        category = catalog.add_category(code="game", name_zh="点券", name_en="Credit")
        product = catalog.add_product(
            supplier_id=supplier.id, category_id=category.id, code="A", name_zh="甲", name_en="A"
        )
        operators = [
            person(f"运营 {number}", alliance.id, Role.OPERATOR)[0]
            for number in range(CLIENTS[IMPORT])
        ]
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        return World(
            dealers=dealers,
            operators=operators,
            consultants=consultants,
            product_id=product.id,
            first_start=midnight + timedelta(days=2),
        )


def _open_hours(person_id: int, organisation_id: int) -> int:
    consultant = hours.add_consultant(
        person_id=person_id,
        organisation_id=organisation_id,
        specialty_zh="复购",
        specialty_en="Repurchase",
        timezone="UTC",
        session_minutes=15,
        buffer_minutes=0,
        notice_minutes=0,
        horizon_days=60,
    )
    windows = [Window(weekday, 0, 1440) for weekday in range(7)]
    hours.set_hours(consultant_id=consultant.id, windows=windows)
    return consultant.id


def clients(world: World, port: int, *, one_key: bool) -> list[Client]:
    """Return all clients, signed in."""
    under_way, enough = Counter[str](), threading.Event()
    found = []

    def add(kind: str, phone: str, form: Callable[..., Any]) -> None:
        browser = Browser(port)
        browser.sign_in(phone)
        found.append(Client(kind, browser, form, one_key, under_way, enough))

    for number, phone in enumerate(world.dealers[: CLIENTS[BOOKING]]):
        add(BOOKING, phone, _bookings(world, world.consultants[number // 2]))
    for number, phone in enumerate(world.dealers[CLIENTS[BOOKING] :]):
        add(FEEDBACK, phone, _feedback(world, "甲乙丙"[number]))  # a phone number would be masked
    for phone in world.operators:
        add(IMPORT, phone, _imports(phone))
    return found


def _bookings(world: World, consultant_id: int) -> Callable[[int], Any]:
    def form(number: int) -> Any:
        starts = start_in_address(world.first_start + number * timedelta(minutes=15))
        fields = {"consultant": str(consultant_id), "starts": starts, "topic": "复购率"}
        return f"{consultant_id} {starts}", "/booking/new", fields, None

    return form


def _feedback(world: World, name: str) -> Callable[[int], Any]:
    def form(number: int) -> Any:
        words = f"第 {number} 次充值没有到账，买家在等，{name}"
        return words, "/feedback/new", {"product": str(world.product_id), "text": words}, None

    return form


def _imports(phone: str) -> Callable[[int], Any]:
    head = (
        "订单号,金额,商品名称,数量,支付方式,下单时间,下单IP,下单设备,支付时间,订单状态,联系方式,发货状态,"
        "优惠券,客户,推广人,分站,分站手续费,接口手续费,推广分成,返利"
    )

    def form(number: int) -> Any:
        row = (
            f"{phone}-{number},19.90,甲,1,,,203.0.113.7,,2026-10-05 12:00:00,已支付,1,,,,,shop1,,,,"
        )
        content = f"{head}\n{row}\n".encode("utf-8-sig")
        return hashlib.sha256(content).hexdigest(), "/imports/new", {"mapping": ""}, content

    return form


# --- a trial -------------------------------------------------------------------------------------


def run(
    portal: Flask,
    *,
    kills: int,
    seed_: int,
    one_key: bool = True,
    on_its_way_s: float = ON_ITS_WAY_S,
) -> dict[str, object]:
    """Kill `kills` workers while all clients send; return what was told and what is stored."""
    world, chance = seed(portal), random.Random(seed_)  # noqa: S311 – chooses what to kill when
    with gunicorn(portal, on_its_way_s=on_its_way_s) as (port, server):
        people = clients(world, port, one_key=one_key)
        threads = [threading.Thread(target=each.run) for each in people]
        for thread in threads:
            thread.start()
        killed = Counter(
            _kill_one(server, people, KINDS[number % len(KINDS)], chance) for number in range(kills)
        )
        people[0].enough.set()
        for thread in threads:
            thread.join(timeout=LONGEST_S + 30)
    answers = sum((each.answers for each in people), Counter[str]())
    sendings = [each for client in people for each in client.sendings]
    return {
        "seed": seed_,
        "kills": dict(sorted(killed.items())),
        "sent": dict(sorted(Counter(each.kind for each in sendings).items())),
        "tries": sum(each.tries for each in sendings),
        "answers": dict(sorted(answers.items())),
        **_compared(portal, sendings),
    }


def _kill_one(
    server: subprocess.Popen[bytes], people: list[Client], kind: str, chance: random.Random
) -> str:
    """Kill a worker a moment after a request of this kind was sent; return the kind."""
    under_way = people[0].under_way
    # Some are answered in between, or there would be nothing that could be lost.
    _wait_until(_more_answered(people, chance.randint(2, 8)))
    _wait_until(lambda: under_way[kind] > 0 and bool(_children(server.pid)))
    time.sleep(chance.uniform(0, 2 * ON_ITS_WAY_S))
    with contextlib.suppress(ProcessLookupError, IndexError):
        os.kill(chance.choice(_children(server.pid)), signal.SIGKILL)
    return kind


def _more_answered(people: list[Client], more: int) -> Callable[[], bool]:
    """Return a test that holds once the clients have been given `more` answers than now."""

    def answered() -> int:
        return sum(bool(s.told or s.refused) for each in people for s in list(each.sendings))

    goal = answered() + more
    return lambda: answered() >= goal


def _wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not holds():
        if time.monotonic() > until:
            raise RuntimeError("the clients get no answers")
        time.sleep(0.002)


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


_STORED = {
    BOOKING: "SELECT public_id, consultant_id, starts_at FROM booking WHERE state = 'booked'",
    FEEDBACK: "SELECT public_id, text FROM feedback",
    IMPORT: "SELECT public_id, sha256, stored FROM order_import",
}


def _compared(portal: Flask, sendings: list[Sending]) -> dict[str, object]:
    """Compare what the clients were told with what is stored."""
    with portal.app_context(), tenancy.for_everyone(reason="counting"):
        rows = {kind: db.session.execute(text(query)).all() for kind, query in _STORED.items()}
        db.session.rollback()
    stored = {
        BOOKING: {row.public_id: _slot(row) for row in rows[BOOKING]},
        FEEDBACK: {row.public_id: row.text for row in rows[FEEDBACK]},
        IMPORT: {row.public_id: row.sha256 for row in rows[IMPORT]},
    }
    told = {kind: {s.told for s in sendings if s.kind == kind and s.told} for kind in KINDS}
    uploads = portal.extensions["tongtu.settings"].uploads_dir
    kept = {row.stored for row in rows[IMPORT] if row.stored}
    return {
        "stored": {kind: len(stored[kind]) for kind in KINDS},
        "told": {kind: len(told[kind]) for kind in KINDS},
        "lost": sum(len(told[kind] - stored[kind].keys()) for kind in KINDS),
        "stored_but_told_nobody": sum(len(stored[kind].keys() - told[kind]) for kind in KINDS),
        "doubled": sum(
            count - 1 for kind in KINDS for count in Counter(stored[kind].values()).values()
        ),
        "never_answered": sum(not s.told and not s.refused for s in sendings),
        "refused": dict(Counter(s.kind for s in sendings if s.refused)),
        "files_missing": sum(not (uploads / each).exists() for each in kept),
        "files_left_over": len(list(uploads.glob("*/*"))) - len(kept),
    }


def _slot(row: Any) -> str:
    starts = row.starts_at
    if isinstance(starts, str):  # SQLite, asked without the model
        starts = datetime.fromisoformat(starts).replace(tzinfo=UTC)
    return f"{row.consultant_id} {start_in_address(starts)}"


def main() -> None:
    """Run the trial and its control, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=20261122)
    arguments = parser.parse_args()
    result: dict[str, object] = {}
    for kind in arguments.database or ("sqlite", "postgresql"):
        found = {}
        for name in ("one key", "control: a key for each try"):
            with database(kind) as address, portal_on(address) as portal:
                found[name] = run(
                    portal,
                    kills=arguments.kills,
                    seed_=arguments.seed,
                    one_key=name == "one key",
                )
            print(kind, name, json.dumps(found[name]), flush=True)
        result[kind] = found
    print(json.dumps(result))


if __name__ == "__main__":
    main()
