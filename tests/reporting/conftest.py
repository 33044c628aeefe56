"""A tiny alliance with real order facts and built reports."""

import csv
import io
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from portal import clock
from portal.booking.actions import bookings, hours
from portal.db import unit_of_work
from portal.reporting import actions
from portal.sales.actions import deciding, importing, receiving
from reports.facts.ingest import check
from reports.facts.store import apply
from reports.site import build as site

HEADER = ["order_id", "dealer_id", "sku", "title", "region", "qty", "unit_price", "paid_at"]
MONTHS = ("2026-08", "2026-09", "2026-10")


def orders(*lines: tuple[str, str, str]) -> bytes:
    """An order file; each line is (dealer, month, price), one order on the month's tenth."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for number, (dealer, month, price) in enumerate(lines):
        row = (f"{dealer}-{month}-{number}", dealer, "S1", "月卡", "UK", 1, price)
        writer.writerow((*row, f"{month}-10T09:00"))
    return text.getvalue().encode()


def two_shops() -> bytes:
    """Both shops of the cast and one whose dealer is no member, three months each."""
    return orders(
        *(("xiaolu", month, "123.45") for month in MONTHS),
        *(("acheng", month, "20.00") for month in MONTHS),
        *(("stranger", month, "5.00") for month in MONTHS),
        ("xiaolu", "2026-11", "1.00"),
    )


@pytest.fixture
def bring_in(app, cast) -> Callable[[bytes], None]:
    """Import an order file without HTTP."""

    def run(content: bytes) -> None:
        # A context of its own: requests that ran in one context would share its signed-in member.
        with app.app_context():
            with unit_of_work():
                found = receiving.receive(
                    stream=io.BytesIO(content),
                    filename="orders.csv",
                    mapping=None,
                    uploaded_by=cast.operator.person_id,
                    at=clock.now(),
                )
                import_id = deciding.confirm(
                    public_id=found.public_id,
                    by_person_id=cast.operator.person_id,
                    at=clock.now(),
                ).id
            importing.import_now(import_id=import_id, now=clock.now)

    return run


@pytest.fixture
def one_process(monkeypatch) -> None:
    """Render in one process: these tests build three shops."""
    monkeypatch.setattr(actions, "WORKERS", 1)


@pytest.fixture
def build(app, cast, one_process) -> Callable[[], int]:
    """Build the reports without HTTP; returns the build's id."""

    def run() -> int:
        with app.app_context():
            with unit_of_work():
                build_id = actions.start_build(
                    started_by=cast.operator.person_id, at=clock.now()
                ).id
            actions.build_now(build_id=build_id, now=clock.now)
            return build_id

    return run


@pytest.fixture
def hold_session(app, cast) -> Callable[..., str]:
    """Let a consultant of the cast hold a session with a dealer; returns its public id."""

    def run(*, consultant, dealer) -> str:
        with app.app_context(), unit_of_work():
            row = hours.add_consultant(
                person_id=consultant.person_id,
                organisation_id=consultant.organisation_id,
                specialty_zh="复购与老客维护",
                specialty_en="Repurchase",
                timezone="Asia/Shanghai",
            )
            starts_at = clock.now() + timedelta(days=3)
            return bookings.enter(
                dealer_id=dealer.organisation_id,
                person_id=dealer.person_id,
                consultant_id=row.id,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=45),
                topic="复购率一直在掉",
                submission_key="once",
                at=clock.now(),
            ).public_id

    return run


@pytest.fixture(scope="session")
def built_once(tmp_path_factory) -> Path:
    """Facts of two_shops() and reports of them, made once for all tests that only read them."""
    folder = tmp_path_factory.mktemp("built")
    file = folder / "orders.csv"
    file.write_bytes(two_shops())
    with check(file, mapping=None, buyer_key=b"k" * 32) as checked:
        apply(folder / "facts", checked)
    summary = site.build(
        facts_root=folder / "facts",
        out=folder / "site",
        languages=actions.LANGUAGES,
        names={"xiaolu": "小鹿点卡铺", "acheng": "阿成游戏屋"},
        home_url=actions.HOME_URL,
        workers=1,
    )
    assert summary.built == 3
    return folder


@pytest.fixture
def built(app, built_once) -> None:
    """Put the reports of both shops of the cast into this test's data folder."""
    settings = app.extensions["tongtu.settings"]
    shutil.copytree(built_once / "facts", settings.facts_dir)
    shutil.copytree(built_once / "site", settings.site_dir)


@pytest.fixture(name="make_orders")
def _make_orders():
    return orders


@pytest.fixture(name="two_shops")
def _two_shops() -> bytes:
    return two_shops()
