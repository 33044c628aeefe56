"""What a page of the courses costs: CPU of the catalogue, a course and a lesson, signed in.

    python benchmarks/courses.py [--requests 200] [--rounds 5] [--profile lesson]

8 courses of 30 lessons are published (Chinese, every lesson with a quiz), 50 dealers are half-way
through. One of them asks for each page over one connection that is kept open; the portal runs
under gunicorn as deployed (deploy/gunicorn.conf.py, one process), and beside it, in the same
rounds, a bare Flask application that renders one template without data. CPU time is that of the
server's process, from /proc; what a round takes is divided by its requests, and the median of the
rounds counts, so that a busy machine disturbs little. `--profile` shows where one page's time goes.

The last line is one JSON object: catalogue_cpu_ms, course_cpu_ms, lesson_cpu_ms, bare_cpu_ms, and
queries_max, the most statements with which any of the pages reached the database (sign-in, tenant,
frame and page together; BEGIN and ROLLBACK are no queries).
"""

import argparse
import contextlib
import cProfile
import http.client
import json
import os
import pstats
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask, render_template_string
from sqlalchemy import event

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from courses.course import SOURCE_LANGUAGE  # noqa: E402 – found by the line above
from courses.load import load_library  # noqa: E402 – as above
from portal import clock, tenancy  # noqa: E402 – as above
from portal.access import Member, Role  # noqa: E402 – as above
from portal.accounts import actions as accounts  # noqa: E402 – as above
from portal.app import create_app  # noqa: E402 – as above
from portal.db import db, unit_of_work  # noqa: E402 – as above
from portal.learning import actions as learning  # noqa: E402 – as above

COURSES, LESSONS, LEARNERS = 8, 30, 50
PHONE, PASSWORD = "13800000001", "correct horse battery"
AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
PAGES = {
    "catalogue": "/courses",
    "course": "/courses/trade-101",
    "lesson": "/courses/trade-101/lesson-16",
}
NOT_QUERIES = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "SET")
COURSE = """id: trade-10{course}
title: {{zh-CN: 第 {course} 门：把老客留下来, en: "Course {course}: keep your regulars"}}
summary: {{zh-CN: 分层、触达、复盘，一周做完一轮。, en: One round a week.}}
level: 1
kpi: [repurchase_rate]
order: {course}
pass: {{rule: all_required}}
certificate: true
owner: 联盟运营部
review_by: 2027-06-30
languages: [zh-CN]
"""
TEXT = """
# 为什么先分层

老客的下单间隔不一样，一次群发会把常来的人也打扰到。先按**最近一次下单**分成三层，
再决定先联系谁。

| 层 | 最近下单 | 人数 | 先做什么 |
|---|---|---|---|
| 常来 | 30 天内 | 24 | 什么也不用做 |
| 要走 | 30 到 60 天 | 18 | 一对一问一句 |
| 走了 | 60 天以上 | 33 | 下次活动再叫 |

!!! tip "先数人，再看百分比"
    人少的时候百分比会跳。

1. 打开订单表，按买家排好。
2. 找到每个人最近一次下单的日期。
3. 照上面的表分成三层，写下每层的人数。

> 我们店第一次分层，要走的有 18 个人，问了一圈，回来 5 个。

算一遍：75 个买家里 24 个常来，24 ÷ 75 = 32%。下个月再数一次，看这个数往哪边走。
"""
QUIZ = """
```gift
::c{course}-l{lesson}-a:: 30 天没下单的老客，第一步做什么？ {{
  =先分层再联系 #对，先知道是谁。
  ~群发所有人 #常来的人会被打扰。
  ~直接降价 #还不知道为什么没来。
  ####先分层。
}}

::c{course}-l{lesson}-b:: 75 人里 24 人常来，是百分之几？ {{#
  =32:0.5 #对。
  ####24 ÷ 75。
}}

::c{course}-l{lesson}-c:: 人数少的时候看百分比最准。 {{FALSE #会跳。 #对。 ####人少看人数。}}
```
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200, help="of each page in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", choices=PAGES, help="print where one page's time goes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings(Path(folder))
        app = create_app()
        seed(app, Path(folder))
        queries = {name: _queries(app, path) for name, path in PAGES.items()}
        if arguments.profile:
            _profiled(app, PAGES[arguments.profile], count=arguments.requests)
            return
        with server("wsgi:app") as ours, server("benchmarks.courses:bare()") as other:
            cpu = _measured(ours, other, rounds=arguments.rounds, requests=arguments.requests)
    result = {f"{name}_cpu_ms": round(statistics.median(taken), 2) for name, taken in cpu.items()}
    print(
        json.dumps(
            {
                **result,
                "queries_max": max(queries.values()),
                "queries": queries,
                "rounds": {name: [round(each, 2) for each in taken] for name, taken in cpu.items()},
                "load": round(os.getloadavg()[0], 1),
                "cores": os.cpu_count(),
            }
        )
    )


def bare() -> Flask:
    """Return a Flask application with nothing in it but one page."""
    app = Flask("bare")

    @app.get("/")
    def page() -> str:
        return render_template_string("<!doctype html><title>{{ title }}</title>", title="bare")

    return app


def settings(folder: Path) -> None:
    """Set the environment of the portal, here and in the servers to be started."""
    os.environ.update(
        TONGTU_SECRET_KEY="x" * 40,
        TONGTU_PASSWORD_SALT="y" * 40,
        TONGTU_DATA_DIR=str(folder / "data"),
        TONGTU_SECOND_FACTOR="offered",
        TONGTU_READS_PER_MINUTE="0",  # our clients are a flood, on purpose
        TONGTU_PASSWORD_COST="test",  # noqa: S106 – the name of a cost, and no password
        PYTHONPATH=str(ROOT),
    )
    (folder / "data").mkdir()
    os.environ.pop("TONGTU_DATABASE_URL", None)


def _write_courses(folder: Path) -> Path:
    for course in range(1, COURSES + 1):
        target = folder / f"trade-10{course}"
        target.mkdir(parents=True)
        (target / "course.yaml").write_text(COURSE.format(course=course), encoding="utf-8")
        for lesson in range(1, LESSONS + 1):
            head = (
                f"---\nid: trade-10{course}/lesson-{lesson}\n"
                f"title: 第 {lesson} 课：三层分好，先联系谁\n"
                f"minutes: 6\nkpi: [repurchase_rate]\n"
                f"action: {{code: do_{lesson}, text: 给要走的一层发一条消息, within_days: 7}}\n"
                "pass: {rule: m_of_n, m: 2, n: 3}\n---\n"
            )
            text = head + TEXT + QUIZ.format(course=course, lesson=lesson)
            name = f"{lesson * 10:03d}-lesson-{lesson}.{SOURCE_LANGUAGE}.md"
            (target / name).write_text(text, encoding="utf-8")
    return folder


def seed(app: Flask, folder: Path) -> None:
    """Publish the courses; 50 dealers enrol in all and are half-way through the first."""
    library = load_library(_write_courses(folder / "courses"))
    at = clock.now() - timedelta(days=20)
    with app.app_context(), tenancy.for_everyone(reason="a benchmark arranges"):
        db.create_all()
        with unit_of_work():
            learning.publish(library=library, at=at)
            password_hash = accounts.hash_of(PASSWORD)
            for number in range(LEARNERS):
                shop = accounts.add_organisation(kind="dealer", name=f"店 {number}", at=at)
                person = accounts.add_person(
                    name="店主",
                    mail=None,
                    phone=str(int(PHONE) + number),
                    password_hash=password_hash,
                    at=at,
                )
                accounts.join(
                    person_id=person.id, organisation_id=shop.id, role=Role.DEALER, is_owner=True
                )
                _learn(Member(person.id, person.name, shop.id, shop.name, Role.DEALER), at)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _learn(member: Member, at: datetime) -> None:
    for course in range(1, COURSES + 1):
        learning.enrol(member=member, slug=f"trade-10{course}", at=at)
    for lesson in range(1, LESSONS // 2 + 1):
        keys = [f"c1-l{lesson}-{each}" for each in "abc"]
        learning.answer_quiz(
            member=member,
            slug="trade-101",
            name=f"lesson-{lesson}",
            answers=learning.Answers(
                key=f"attempt-{member.person_id:04}-{lesson:04}",
                asked=tuple(keys),
                values=dict(
                    zip([f"q-{key}" for key in keys], (["0"], ["32"], ["false"]), strict=True)
                ),
            ),
            at=at + timedelta(hours=lesson),
        )


# Over the network, as deployed


class _Browser:
    """One visitor with cookies over one connection that stays open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._cookie = ""

    def connect(self) -> None:
        """Open the connection anew."""
        self._connection.close()
        self._connection.connect()

    def get(self, path: str) -> str:
        """Return a page; raise RuntimeError unless it is one."""
        return self._answered("GET", path, None)

    def sign_in(self) -> None:
        """Sign the benchmark's dealer in."""
        page = self.get("/sign-in")
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        if found is None:
            raise RuntimeError("the sign-in page has no token")
        typed = {"csrf_token": found[1], "identity": PHONE, "password": PASSWORD}
        self._answered("POST", "/sign-in", typed)

    def _answered(self, method: str, path: str, fields: Mapping[str, str] | None) -> str:
        headers = {"User-Agent": AGENT, "Accept-Language": "zh-CN", "Cookie": self._cookie}
        body = None
        if fields is None:
            headers["Accept-Encoding"] = "gzip, br" if self._cookie else "identity"
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = "&".join(f"{name}={_quoted(value)}" for name, value in fields.items())
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        if answer.status >= 400 or (method == "GET" and answer.status != 200):
            raise RuntimeError(f"{method} {path}: {answer.status}")
        for name, value in answer.getheaders():
            if name == "Set-Cookie":
                self._cookie = value.partition(";")[0]
        return text


def _quoted(value: str) -> str:
    return "".join(c if c.isalnum() else f"%{ord(c):02X}" for c in value)


@contextlib.contextmanager
def server(application: str) -> Iterator[tuple[int, int]]:
    """Serve an application with one worker; give its port and the worker's process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.conf.py")),
        *("--workers", "1", "--max-requests", "0", "--bind", f"127.0.0.1:{port}"),
        *("--log-level", "warning", application),
    ]
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as counts:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stderr=log,
            stdout=log,
            env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": counts},
        )
        try:
            yield port, _worker_of(process.pid, port)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _worker_of(master: int, port: int) -> int:
    for _ in range(300):
        time.sleep(0.1)
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
            if children:
                return int(children[0])
    raise RuntimeError("the server did not start")


def _cpu_s(process: int) -> float:
    """Return the seconds of CPU, user and system, that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _measured(
    ours: tuple[int, int], other: tuple[int, int], *, rounds: int, requests: int
) -> dict[str, list[float]]:
    """Return the milliseconds of CPU a request, by page, one a round; the pages alternate."""
    visitor, stranger = _Browser(ours[0]), _Browser(other[0])
    visitor.sign_in()
    work = {name: (visitor, path, ours[1]) for name, path in PAGES.items()}
    work["bare"] = (stranger, "/", other[1])
    taken: dict[str, list[float]] = {name: [] for name in work}
    for browser, path, _process in work.values():
        for _ in range(20):
            browser.get(path)
    for _ in range(rounds):
        for name, (browser, path, process) in work.items():
            browser.connect()  # the server closes what was idle while the others were asked
            begun = _cpu_s(process)
            for _ in range(requests):
                browser.get(path)
            taken[name].append(1000 * (_cpu_s(process) - begun) / requests)
    return taken


# In this process


def _client_of(app: Flask):
    client = app.test_client()
    page = client.get("/sign-in").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    answer = client.post(
        "/sign-in", data={"csrf_token": token[1], "identity": PHONE, "password": PASSWORD}
    )
    assert answer.status_code == 302, answer.text
    return client


def _queries(app: Flask, path: str) -> int:
    """Return with how many statements a page reaches the database, at its second showing."""
    client = _client_of(app)
    client.get(path)
    seen: list[str] = []

    def remember(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.lstrip().upper().startswith(NOT_QUERIES):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", remember)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", remember)
    return len(seen)


def _profiled(app: Flask, path: str, *, count: int) -> None:
    client = _client_of(app)
    for _ in range(20):
        client.get(path)
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(count):
        client.get(path)
    profile.disable()
    for order in ("tottime", "cumulative"):
        pstats.Stats(profile).sort_stats(order).print_stats(60)


if __name__ == "__main__":
    main()
