"""What we carry from other projects is what its manifest says, with version, licence and hash."""

import hashlib
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "requirements"))

import used_css  # noqa: E402 – found by the line above

PACKAGES = tomllib.loads((ROOT / "requirements/assets.toml").read_text(encoding="utf-8"))["package"]
FOLDERS = (
    "portal/static/vendor",
    "reports/render/static/vendor",
    "reports/render/fonts",
    "tests/booking/vendor",
)


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


def rules_missing(words: frozenset[str], css: str) -> list[str]:
    """Return the classes of rules that a page could use, that are there, and were not kept."""
    whole = (ROOT / "requirements/tabler-classes.txt").read_text(encoding="utf-8").splitlines()
    usable = {line for line in whole if words.issuperset(line.split())}
    return sorted(usable - used_css.classes_of(css))


def test_no_page_names_a_class_that_was_left_out_of_the_stylesheet():
    """If it fails: python requirements/vendor_assets.py --only @tabler/core"""
    css = (ROOT / "portal/static/vendor/tabler.min.css").read_text(encoding="utf-8")

    assert rules_missing(used_css.words_of_pages(), css) == []
    assert rules_missing(frozenset({"carousel-inner"}), css) == ["carousel-inner"]


def test_only_what_pages_can_use_is_kept_of_a_stylesheet():
    css = (
        ":root{--a:1px;--b:2px;--c:var(--b)}.btn,.modal{width:var(--a)}.btn:not(.modal){top:0}"
        "@media print{.modal{top:0}}@media (min-width:9px){.btn>.sm\\:x{left:0}}"
    )

    kept = used_css.used(css, words=frozenset({"btn", "sm"}), others="")

    assert kept.replace("\n", "") == (":root{--a:1px;}.btn{width:var(--a)}.btn:not(.modal){top:0}")
