"""A real portal with the demo alliance on a free port, its worker, and a real Chromium."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal.demo.world import World, build_world

ROOT = Path(__file__).resolve().parents[2]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
expect.set_options(timeout=20_000)  # the other worker may be rendering PDFs on the same two cores


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        if process.poll() is not None:
            raise RuntimeError("the portal stopped before it answered")
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2).close()  # noqa: S310 – loopback
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the portal did not answer within 30 s")


@dataclass(frozen=True)
class Running:
    """A portal that answers: where, and how to run its commands."""

    address: str
    data: Path
    flask: Callable[..., None]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A portal with the demo alliance and its reports built."""
    data = tmp_path_factory.mktemp("demo")
    environment = {
        **os.environ,
        "TONGTU_SECRET_KEY": "journeys-secret-key-that-is-long-enough",
        "TONGTU_PASSWORD_SALT": "journeys-password-salt-long-enough-too",
        "TONGTU_BUYER_KEY": "journeys-buyer-key-that-is-long-enough",
        "TONGTU_DATA_DIR": str(data),
        "TONGTU_PASSWORD_COST": "test",
        "TONGTU_SECOND_FACTOR": "offered",
    }
    environment.pop("TONGTU_DATABASE_URL", None)

    def flask(*arguments: str) -> None:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, f"flask {' '.join(arguments)}\n{done.stderr[-4000:]}"

    flask("demo", "ensure")
    flask("work", "--once")
    port = _free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "4",
         "--log-level", "error", "wsgi:app"],
        cwd=ROOT,
        env=environment,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_it_answers(address, server)
        yield Running(address=address, data=data, flask=flask)
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="session")
def world(running: Running) -> World:
    """The demo alliance that the portal was filled with."""
    kept = json.loads((running.data / "demo.json").read_text())
    return build_world(seed=kept["seed"], today=date.fromisoformat(kept["today"]))


@pytest.fixture
def visit(browser: Browser, running: Running) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page as somebody: `visit("13800000001", "/courses")`.

    Any message that the browser logs as an error fails the test: a refused inline style, a
    missing file, a script that throws.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def noted(text: str, address: str) -> None:
        # The browser logs every refused form; that the form came back is what the test looks at.
        if "422" not in text:
            problems.append(f"{address} {text}")

    def opened(
        who: str | None, path: str = "/", *, width: dict[str, int] = PHONE, scripts: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport=width, base_url=running.address, java_script_enabled=scripts, locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: noted(m.text, page.url) if m.type == "error" else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        if who is not None:
            page.goto("/sign-in")
            page.fill("#identity", who)
            page.fill("#password", "tongtu-demo")
            page.click("button[type=submit]:has-text('登录')")
            page.wait_for_url(lambda url: "/sign-in" not in url)
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []
