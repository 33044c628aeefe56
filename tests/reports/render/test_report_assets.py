import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from reports.render.assets import SOURCES, STATIC_FOLDER, hashed_name, write_assets

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def vendoring() -> ModuleType:
    path = ROOT / "requirements" / "vendor_assets.py"
    spec = importlib.util.spec_from_file_location("vendor_assets", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_names_tell_the_content(tmp_path):
    assets = write_assets(tmp_path / "assets")

    assert sorted(path.name for path in (tmp_path / "assets").iterdir()) == sorted(
        assets.files.values()
    )
    assert re.fullmatch(r"\.\./\.\./assets/plotly-[0-9a-f]{10}\.js", assets.href("plotly.js"))
    assert hashed_name("a.css", b"1") != hashed_name("a.css", b"2")


def test_writing_twice_changes_nothing(tmp_path):
    first = write_assets(tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}

    assert write_assets(tmp_path) == first
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == times


def test_every_asset_lies_in_the_tree():
    assert [name for name in SOURCES.values() if not (STATIC_FOLDER / name).is_file()] == []


def test_vendored_files_are_the_recorded_ones(vendoring):
    assert vendoring.differences() == []


def test_control_a_changed_vendored_file_is_named(vendoring, monkeypatch, tmp_path):
    monkeypatch.setattr(vendoring, "ROOT", tmp_path)
    found = vendoring.differences()
    assert "reports/render/static/vendor/plotly.css: missing" in found


def test_plotlys_rules_hold_what_it_would_inject():
    rules = (STATIC_FOLDER / "vendor/plotly.css").read_text(encoding="utf-8")
    assert rules.count("{") > 50
    assert ".js-plotly-plot .plotly .main-svg" in rules
    assert "X " not in rules
