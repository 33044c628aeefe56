"""What the portal asks of a built site, and what it must never be given."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.site.layout import slug_of
from reports.site.manifest import Manifest, NoBuild
from reports.site.view import NoReport, current_build


def test_an_empty_folder_holds_no_build(tmp_path):
    with pytest.raises(NoBuild):
        current_build(tmp_path)


def test_a_pointer_to_a_build_that_is_not_there_is_no_build(tmp_path):
    (tmp_path / "CURRENT").write_text("gone\n")
    with pytest.raises(NoBuild):
        current_build(tmp_path)


def test_a_build_says_what_it_was_built_from_and_when_it_was_switched_to(alliance):
    alliance.build(languages=("en", "zh-CN", "en"))
    view = current_build(alliance.out)
    assert view.languages == ("en", "zh-CN")
    assert view.facts_until == date(2026, 3, 10)
    assert view.facts_version == view.report_data("d1")["facts_version"]
    assert view.built_at.tzinfo is UTC
    assert abs((datetime.now(UTC) - view.built_at).total_seconds()) < 120  # noqa: TID251


def test_only_files_of_that_dealer_are_given(alliance):
    alliance.build()
    view = current_build(alliance.out)
    assert view.file("店/3", "report.json").is_file()
    for ref, name in (
        ("d1", "../d2/report.json"),
        ("d1", "../../manifest.json"),
        ("d1", "/etc/passwd"),
        ("d1", "."),
        ("d1", ""),
        ("../d1", "report.json"),
        ("d9", "report.json"),
        ("D1", "report.json"),
        (slug_of("店/3"), "report.json"),
    ):
        with pytest.raises(NoReport):
            view.file(ref, name)


def test_only_assets_of_the_build_are_given(alliance):
    alliance.build()
    view = current_build(alliance.out)
    name = next(n for n in view.manifest.shared if n.endswith(".css")).removeprefix("assets/")
    assert view.asset(name).is_file()
    for wrong in ("../manifest.json", "../index.html", "nothing.css", ""):
        with pytest.raises(NoReport):
            view.asset(wrong)


def test_a_view_stays_readable_after_the_next_build(alliance):
    alliance.build()
    old = current_build(alliance.out)
    alliance.build(names={"d1": "甲店"})
    assert old.report_data("d1")["dealer_name"] == "d1"
    assert current_build(alliance.out).report_data("d1")["dealer_name"] == "甲店"


def test_a_manifest_survives_being_written_and_read(alliance):
    alliance.build()
    manifest = current_build(alliance.out).manifest
    assert Manifest.from_bytes(manifest.to_bytes()) == manifest
    with pytest.raises(ValueError, match="format"):
        Manifest.from_bytes(b"[]")


@given(st.text(max_size=80))
def test_a_slug_is_always_a_plain_folder_name(ref):
    slug = slug_of(ref)
    assert 1 <= len(slug) <= 64
    assert set(slug) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


@given(st.text(max_size=30), st.text(max_size=30))
def test_two_dealers_never_share_a_slug(one, other):
    assert (slug_of(one) == slug_of(other)) == (one == other)


def test_nobody_can_take_the_slug_of_another_dealer():
    digest = slug_of("店")
    assert digest.startswith("x")
    assert slug_of(digest) != digest
    assert slug_of("12345") == "12345"
