"""A portal with a seeded database, order facts, built reports and an upload; and empty places."""

import csv
import dataclasses
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from backup_steps import run_sql
from conftest import NOW, make_settings
from flask_migrate import upgrade
from releases import RELEASES, Release, databases

from portal.app import create_app
from portal.backup.examining import MIGRATIONS
from portal.backup.place import Place
from portal.db import Base, db, unit_of_work
from portal.evidence import actions as evidence
from portal.evidence.models import EvidenceDetail, EvidenceEntry, EvidenceHead
from reports.facts.buyers import KEY_VARIABLE
from reports.facts.ingest import check
from reports.facts.store import apply
from reports.site import build as site

CHAIN = [each.__table__ for each in (EvidenceEntry, EvidenceDetail, EvidenceHead)]
UPLOAD = "0123456789abcdef0123456789abcdef/orders-0123456789abcdef"


def order_file() -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(
        ["order_id", "dealer_id", "sku", "title", "region", "qty", "unit_price", "paid_at"]
    )
    for number in range(60):
        when = f"2026-{8 + number % 3:02}-1{number % 9}T09:00"
        writer.writerow((f"o-{number}", "xiaolu", "S1", "月卡", "UK", 1, f"{number}.45", when))
    return text.getvalue().encode()


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """Facts and reports of one shop, made once."""
    folder = tmp_path_factory.mktemp("built")
    file = folder / "orders.csv"
    file.write_bytes(order_file())
    with check(file, mapping=None, buyer_key=b"k" * 32) as checked:
        apply(folder / "facts", checked)
    site.build(facts_root=folder / "facts", out=folder / "site", workers=1)
    return folder


@pytest.fixture
def new_place(database_url: str, tmp_path: Path) -> Callable[[], Place]:
    """Return a function that gives an empty place: no table, no file."""
    new_database = databases(database_url, tmp_path, "kept")
    made = []

    def make() -> Place:
        made.append(tmp_path / f"place-{len(made)}")
        made[-1].mkdir()
        return Place(settings=make_settings(made[-1], new_database()), start=create_app)

    return make


@pytest.fixture
def place(new_place, built: Path, monkeypatch) -> Place:
    """A portal as release 0.1.0 seeded it, upgraded, with files of every kind."""
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    place = new_place()
    settings = place.settings
    Release(RELEASES[0]).load(settings.database_url)
    app = create_app(settings)
    with app.app_context():
        upgrade(directory=str(MIGRATIONS))
        Base.metadata.create_all(db.engine, tables=CHAIN)
        with unit_of_work():
            for number in range(5):
                evidence.record(action="test.happened", at=NOW, details={"number": number})
        db.engine.dispose()
    run_sql(place, f"UPDATE order_import SET stored = '{UPLOAD}' WHERE id = 1;")  # it waits
    shutil.copytree(built / "facts", settings.facts_dir)
    shutil.copytree(built / "site", settings.site_dir)
    (settings.facts_dir / "buyer.key").write_text("b" * 64)
    upload = settings.uploads_dir / UPLOAD
    upload.parent.mkdir(parents=True)
    upload.write_bytes(order_file())
    picture = settings.uploads_dir / "pictures" / "1" / "0123456789abcdef.webp"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"RIFF of an action item")
    # A build is dated by its folder, and served since the pointer's last change.
    for path in (*(settings.site_dir / "builds").iterdir(), settings.site_dir / "CURRENT"):
        os.utime(path, (1_790_000_000, 1_790_000_000))
    return place


@pytest.fixture
def with_settings() -> Callable[..., Place]:
    """Return a function that gives the place with some settings changed."""

    def change(place: Place, **changes: object) -> Place:
        settings = dataclasses.replace(place.settings, **changes)
        return dataclasses.replace(place, settings=settings)

    return change
