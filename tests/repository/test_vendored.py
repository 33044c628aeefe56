"""What we carry from other projects is what its manifest says, with version, licence and hash."""

import hashlib
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = tomllib.loads((ROOT / "requirements/assets.toml").read_text(encoding="utf-8"))["package"]
FOLDERS = ("portal/static/vendor", "reports/render/static/vendor", "reports/render/fonts")


@pytest.mark.asvs("V15.1.2")
def test_every_vendored_file_is_the_recorded_one():
    wrong = [
        file["target"]
        for package in PACKAGES
        for file in package["file"]
        if hashlib.sha256((ROOT / file["target"]).read_bytes()).hexdigest() != file["sha256"]
    ]

    assert wrong == []


@pytest.mark.asvs("V15.1.2")
def test_every_package_names_its_version_and_licence():
    assert all(package["version"] and package["licence"] for package in PACKAGES)


def test_no_vendored_file_is_missing_from_the_manifest():
    listed = {file["target"] for package in PACKAGES for file in package["file"]}
    there = {
        str(path.relative_to(ROOT))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }

    assert there - listed == set()
