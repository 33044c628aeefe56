"""The disk is full, the database gone: a 503 in words, nothing half saved, and then it goes on.

The numbers of the full run are benchmarks/faults.py's; here each fault happens a few times.
"""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from conftest import NOW, PASSWORD, _actor, empty, make_app
from faults import Wire
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from sqlalchemy.engine import make_url

from portal import errors
from portal.access import Access, Role
from portal.accounts import actions as accounts
from portal.db import db, unit_of_work
from portal.feedback.models import Feedback

TEXT = "客户付款后一直没有收到卡密，今天已经是第三次了。"


@dataclass
class Shop:
    """A portal with one dealer signed in."""

    app: Flask
    client: FlaskClient

    def says(self, key: str) -> int:
        """Give feedback with this key; return the status."""
        answer = self.client.post(
            "/feedback/new",
            data={"product": "unsure", "text": TEXT, "impact": "", "idempotency_key": key},
        )
        if answer.status_code == 503:
            assert "系统暂时连不上" in answer.text
            assert answer.headers["Retry-After"] == errors.RETRY_AFTER_S
            assert "Traceback" not in answer.text
        return answer.status_code

    def stored(self, key: str) -> int:
        with self.app.app_context():
            count = select(func.count()).where(Feedback.submission_key == key)
            found = db.session.scalar(count) or 0
            db.session.remove()
            return found


def opened(app: Flask) -> Shop:
    app.config["PROPAGATE_EXCEPTIONS"] = False  # a failed commit is answered as in production
    with app.app_context():
        db.create_all()
        with unit_of_work():
            dealer = accounts.add_organisation(kind="dealer", name="小鹿点卡铺", at=NOW)
            actor = _actor("林小鹿", "13800000001", dealer, Role.DEALER)
        db.session.remove()
    client = app.test_client()
    answer = client.post("/sign-in", data={"identity": actor.phone, "password": PASSWORD})
    assert answer.status_code == 302
    return Shop(app=app, client=client)


@pytest.fixture
def closing() -> Callable[[Flask], Flask]:
    """Return a function that lets go of an application's connections after the test."""
    apps: list[Flask] = []
    yield lambda app: apps.append(app) or app
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def fill(disk: Path, *, leave_bytes: int) -> Path:
    """Fill a disk but for `leave_bytes`; return the file that does it."""
    ballast = disk / "ballast"
    free = os.statvfs(disk)
    ballast.write_bytes(b"\0" * max(0, free.f_bavail * free.f_frsize - leave_bytes))
    return ballast


@pytest.mark.parametrize("free_kb", [0, 8, 24, 40, 64])
def test_a_full_disk_says_so_saves_nothing_and_goes_on_once_there_is_room(
    small_disk, closing, free_kb
):
    app = closing(make_app(small_disk, f"sqlite:///{small_disk / 'tongtu.sqlite'}"))
    shop = opened(app)
    ballast = fill(small_disk, leave_bytes=free_kb * 1024)

    answers = {f"key-{number}": shop.says(f"key-{number}") for number in range(12)}

    assert set(answers.values()) <= {302, 503}
    assert 503 in answers.values()
    assert {key: shop.stored(key) for key in answers} == {
        key: int(status == 302) for key, status in answers.items()
    }
    ballast.unlink()
    assert [shop.says(key) for key in answers] == [302] * len(answers)
    assert [shop.stored(key) for key in answers] == [1] * len(answers)


def test_a_database_that_may_not_grow_is_answered_like_a_full_disk(tmp_path, closing):
    app = closing(make_app(tmp_path, f"sqlite:///{tmp_path / 'tongtu.sqlite'}"))
    shop = opened(app)
    pages: list[int] = []

    def limit(_session: object, _transaction: object, connection) -> None:
        if pages:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages[0]}")

    event.listen(db.session, "after_begin", limit)
    try:
        with app.app_context():
            pages.append(db.session.scalar(db.text("PRAGMA page_count")))
            db.session.remove()
        answers = {f"key-{number}": shop.says(f"key-{number}") for number in range(60)}
    finally:
        event.remove(db.session, "after_begin", limit)

    assert {302, 503} == set(answers.values())
    assert {key: shop.stored(key) for key in answers} == {
        key: int(status == 302) for key, status in answers.items()
    }


def test_a_full_disk_refuses_an_upload_and_leaves_no_half_of_it(small_disk, closing):
    app = closing(make_app(small_disk, f"sqlite:///{small_disk / 'tongtu.sqlite'}"))
    shop = opened(app)
    with app.app_context(), unit_of_work():
        alliance = accounts.add_organisation(kind="alliance", name="同途联盟", at=NOW)
        operator = _actor("运营小方", "13800000007", alliance, Role.OPERATOR)
    shop.client.post("/sign-out")
    shop.client.post("/sign-in", data={"identity": operator.phone, "password": PASSWORD})
    fill(small_disk, leave_bytes=60 * 1024)

    answer = shop.client.post(
        "/imports/new",
        data={"mapping": "", "file": (BytesIO(b"order,paid\n" * 30_000), "orders.csv")},
    )

    assert answer.status_code == 503
    assert "系统暂时连不上" in answer.text
    assert list((small_disk / "uploads").iterdir()) == []


@pytest.fixture
def behind_a_wire(postgres_url, tmp_path, closing):
    """A portal whose connection to PostgreSQL can be cut."""
    url = make_url(postgres_url)
    wire = Wire((str(url.host), int(url.port or 5432)))
    address = url.set(port=wire.port).render_as_string(hide_password=False)
    app = closing(make_app(tmp_path, address))
    yield opened(app), wire
    wire.mend()
    empty(app)
    wire.close()


@pytest.mark.asvs("V2.3.3", "V16.5.3")
@pytest.mark.parametrize("messages", [0, 1, 2, 3, 5, 8, 13])
def test_a_database_that_goes_away_in_the_middle_of_a_write_leaves_nothing_half_saved(
    behind_a_wire, messages
):
    shop, wire = behind_a_wire

    wire.cut_after(messages)
    first = shop.says("key-1")
    wire.mend()

    # A commit may have gone through though its answer was lost: never the other way round.
    assert first == 503 or shop.stored("key-1") == 1
    assert shop.says("key-1") == 302
    assert shop.stored("key-1") == 1


@pytest.mark.asvs("V16.5.2")
def test_a_portal_whose_database_is_gone_says_so_on_every_page_and_needs_no_restart(behind_a_wire):
    shop, wire = behind_a_wire

    wire.cut_after(0)
    gone = {path: shop.client.get(path).status_code for path in ("/", "/courses")}
    alive = shop.app.test_client().get("/healthz")
    ready = shop.client.get("/readyz")
    wire.mend()

    assert gone == {"/": 503, "/courses": 503}
    assert alive.status_code == 200
    assert ready.status_code == 503
    assert shop.client.get("/courses").status_code == 200


def test_an_english_reader_gets_the_words_in_english(behind_a_wire):
    shop, wire = behind_a_wire
    shop.client.post("/language/en")

    wire.cut_after(0)
    page = shop.client.get("/courses")

    assert page.status_code == 503
    assert "cannot be reached" in page.text


@pytest.mark.asvs("V16.5.1")
def test_an_error_page_that_cannot_be_drawn_is_still_a_sentence(app, monkeypatch):
    monkeypatch.setitem(app.view_functions, "home.page", _broken)
    app.template_context_processors[None].append(_broken)
    try:
        page = app.test_client().get("/about/help")
    finally:
        app.template_context_processors[None].remove(_broken)

    assert page.status_code == 500
    assert "系统出了点问题" in page.text
    assert page.headers["X-Request-ID"] in page.text


def _broken(**_: str) -> str:
    raise RuntimeError("planted")


_broken.__access__ = Access(public=True)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "full"), True),
        (OSError(errno.ENOENT, "missing"), False),
        (ValueError("planted"), False),
    ],
)
def test_only_what_may_pass_is_called_unavailable(error, expected):
    assert errors.is_unavailable(error) is expected
