"""What a build makes, and that the next one makes only what changed."""

import os
import re
import shutil
import time

from reports.site.layout import slug_of
from reports.site.view import current_build

BOTH = ("zh-CN", "en")


def _inodes(view, ref):
    return {name: view.file(ref, name).stat().st_ino for name in view.entry(ref).files}


def test_a_build_holds_every_dealer_in_every_language_as_page_pdf_charts_and_data(alliance):
    summary = alliance.build(languages=BOTH)

    view = current_build(alliance.out)
    assert (summary.dealers, summary.built, summary.unchanged, summary.failed) == (3, 3, 0, ())
    assert view.build_id == summary.build_id
    assert view.dealers() == tuple(sorted(["d1", "d2", slug_of("店/3")]))
    files = set(view.entry("d1").files)
    assert {f"report.{code}.{kind}" for code in BOTH for kind in ("html", "pdf")} <= files
    assert {"report.json", "chart-trend.zh-CN.svg", "chart-trend.en.svg"} <= files
    assert view.file("d1", "report.en.pdf").read_bytes().startswith(b"%PDF-")
    assert view.report_data("d1")["months"][2]["net_gmv_minor"] == 10_000


def test_the_index_lists_the_dealers_and_shows_no_figure(alliance):
    alliance.build(names={"d1": "甲 <b>店</b>"})

    index = (current_build(alliance.out).folder / "index.html").read_text(encoding="utf-8")
    assert "甲 &lt;b&gt;店&lt;/b&gt;（d1）" in index
    assert f'href="dealers/{slug_of("店/3")}/report.zh-CN.html"' in index
    assert "123" not in re.sub(r'(href|src)="[^"]*"', "", index)


def test_every_link_of_the_pages_and_the_index_leads_to_a_file_of_the_build(alliance):
    alliance.build(languages=BOTH)
    folder = current_build(alliance.out).folder
    pages = [folder / "index.html", *folder.glob("dealers/*/*.html")]
    assert len(pages) == 7
    for page in pages:
        text = page.read_text(encoding="utf-8")
        links = re.findall(r'(?:href|src)="([^"#]+)"', text)
        assert links
        for link in [link for link in links if not link.startswith("data:")]:
            assert (page.parent / link).is_file(), f"{page.name} -> {link}"


def test_a_second_build_builds_nothing_and_writes_nothing(alliance, tree_of):
    first = alliance.build()
    pointer = (alliance.out / "CURRENT").stat()

    second = alliance.build()

    assert (second.built, second.unchanged, second.build_id) == (0, 3, first.build_id)
    assert (alliance.out / "CURRENT").stat().st_mtime_ns == pointer.st_mtime_ns
    assert [path.name for path in (alliance.out / "builds").iterdir()] == [first.build_id]


def test_one_changed_line_rebuilds_exactly_one_dealer_and_links_the_others(alliance):
    alliance.build()
    before = current_build(alliance.out)
    alliance.sells("d2", "2026-02", price="0.01")
    alliance.ingest()

    summary = alliance.build()

    after = current_build(alliance.out)
    assert (summary.built, summary.unchanged) == (1, 2)
    assert after.report_data("d2")["months"][1]["gmv_minor"] == 2_001
    assert before.report_data("d2")["months"][1]["gmv_minor"] == 2_000
    for ref in ("d1", "店/3"):
        assert _inodes(after, ref) == _inodes(before, ref)
    assert _inodes(after, "d2") != _inodes(before, "d2")
    assert after.entry("d2").facts_version == after.facts_version != before.facts_version
    assert after.entry("d1").facts_version == before.facts_version


def test_a_new_name_rebuilds_that_dealer_and_a_new_language_or_link_home_all(alliance):
    alliance.build()
    assert alliance.build(names={"d1": "甲店"}).built == 1
    assert alliance.build(names={"d1": "甲店"}, languages=BOTH).built == 3
    assert alliance.build(names={"d1": "甲店"}, languages=BOTH, home_url="/home").built == 3
    assert alliance.build(names={"d1": "甲店"}, languages=BOTH, home_url="/home").built == 0


def test_a_dealer_without_facts_leaves_the_site(alliance, tmp_path):
    alliance.build()
    other = type(alliance)(facts_root=tmp_path / "other" / "facts", out=alliance.out)
    other.facts_root.parent.mkdir()
    other.sells("d2", "2026-01")
    other.ingest()

    other.build()

    view = current_build(alliance.out)
    assert view.dealers() == ("d2",)
    assert not (view.folder / "dealers" / "d1").exists()


def test_progress_counts_every_dealer_once(alliance):
    seen = []
    alliance.build()
    alliance.sells("d2", "2026-02", price="0.01")
    alliance.ingest()

    alliance.build(progress=lambda done, total: seen.append((done, total)))

    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_damaged_and_missing_files_are_mended_by_the_next_build(alliance, tree_of):
    first = alliance.build()
    view = current_build(alliance.out)
    whole = tree_of(view.folder)
    page = view.file("d1", "report.zh-CN.html")
    page.write_bytes(page.read_bytes().replace(b"123", b"999"))
    view.file("d2", "report.json").unlink()
    (view.folder / next(name for name in view.manifest.shared if "css" in name)).unlink()

    second = alliance.build()

    assert (second.build_id, second.built, second.unchanged) == (first.build_id, 2, 1)
    assert tree_of(view.folder) == whole


def test_a_site_whose_manifest_is_lost_is_built_again(alliance):
    first = alliance.build()
    (alliance.out / "builds" / first.build_id / "manifest.json").unlink()

    second = alliance.build()

    assert (second.built, second.build_id) == (3, first.build_id)
    assert current_build(alliance.out).dealers()


def test_the_last_builds_and_all_of_the_last_hour_are_kept(alliance):
    ids = [alliance.build(names={"d1": f"店 {number}"}).build_id for number in range(5)]
    builds = alliance.out / "builds"
    assert sorted(path.name for path in builds.iterdir()) == sorted(ids)
    two_hours_ago = time.time() - 7200
    for place, build_id in enumerate(ids):
        os.utime(builds / build_id, (two_hours_ago, two_hours_ago + place))

    ids.append(alliance.build(names={"d1": "店 5"}).build_id)

    assert sorted(path.name for path in builds.iterdir()) == sorted(ids[-3:])


def test_a_build_can_go_back_to_earlier_facts(alliance):
    first = alliance.build()
    alliance.build(names={"d1": "甲店"})

    again = alliance.build()

    assert (again.built, again.build_id) == (1, first.build_id)
    assert current_build(alliance.out).build_id == first.build_id


def test_a_build_does_not_depend_on_the_builds_before(alliance, tmp_path, tree_of):
    alliance.build(names={"d1": "甲店"})
    last = alliance.build()
    fresh = alliance.build(out=tmp_path / "fresh")
    assert last.build_id == fresh.build_id
    places = (root / "builds" / last.build_id for root in (alliance.out, tmp_path / "fresh"))
    assert tree_of(next(places)) == tree_of(next(places))
    shutil.rmtree(tmp_path / "fresh")
