"""The check of a site against the facts names every difference."""

import json

import pytest

from reports.recount import recount
from reports.site.manifest import FileEntry, build_id_of
from reports.site.view import current_build
from reports.verify import verify


@pytest.fixture
def site(alliance):
    """Return the alliance with its built site."""
    alliance.build(languages=("zh-CN", "en"))
    return alliance


def _problems(alliance):
    return {(p.page, p.month, p.figure): (p.expected, p.found) for p in _all(alliance)}


def _all(alliance):
    return verify(alliance.out, alliance.facts_root)


def test_a_fresh_site_has_no_problem(site):
    assert _all(site) == ()


def test_an_altered_figure_in_the_data_is_named_with_page_month_and_both_values(site):
    path = current_build(site.out).file("d1", "report.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    data["months"][1]["gmv_minor"] += 1
    path.write_text(json.dumps(data), encoding="utf-8")

    found = _problems(site)

    assert found["dealers/d1/report.json", "2026-02", "gmv_minor"] == ("12345", "12346")
    assert {page for page, _, _ in found} == {"dealers/d1/report.json"}


def test_an_altered_figure_inside_one_page_names_that_page(site):
    path = current_build(site.out).file("d1", "report.en.html")
    content = path.read_bytes()
    assert content.count(b'"net_gmv_minor":10000') == 1
    path.write_bytes(content.replace(b'"net_gmv_minor":10000', b'"net_gmv_minor":10001'))

    found = _problems(site)

    key = ("dealers/d1/report.en.html", "2026-03", "net_gmv_minor")
    assert found.pop(key) == ("10000", "10001")
    assert list(found) == [("dealers/d1/report.en.html", "", "sha256")]


def test_every_figure_of_every_month_and_the_mix_are_compared(site):
    """The control of the two above: each figure altered alone is found."""
    path = current_build(site.out).file("d1", "report.json")
    original = path.read_text(encoding="utf-8")
    figures = [name for name in json.loads(original)["months"][0] if name != "month"]
    assert len(figures) == 11
    for figure in figures:
        data = json.loads(original)
        data["months"][1][figure] = 987
        path.write_text(json.dumps(data), encoding="utf-8")
        assert ("dealers/d1/report.json", "2026-02", figure) in _problems(site)
    data = json.loads(original)
    data["mix"][0]["share_bps"] -= 1
    path.write_text(json.dumps(data), encoding="utf-8")
    assert ("dealers/d1/report.json", "", "mix 1") in _problems(site)


def test_a_missing_and_an_added_month_are_named(site):
    path = current_build(site.out).file("d1", "report.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    data["months"][0]["month"] = "2025-12"
    path.write_text(json.dumps(data), encoding="utf-8")
    found = _problems(site)
    assert found["dealers/d1/report.json", "2025-12", "month"] == ("—", "2025-12")
    assert found["dealers/d1/report.json", "2026-01", "month"] == ("2026-01", "—")


def test_a_missing_file_a_foreign_file_and_an_altered_pdf_are_named(site):
    view = current_build(site.out)
    view.file("d1", "report.en.html").unlink()
    (view.folder / "dealers" / "d2" / "notes.txt").write_text("left behind")
    pdf = view.file("d2", "report.en.pdf")
    pdf.write_bytes(pdf.read_bytes() + b"\n")

    assert [(p.page, p.figure) for p in _all(site)] == [
        ("dealers/d1/report.en.html", "sha256"),
        ("dealers/d2/notes.txt", "file"),
        ("dealers/d2/report.en.pdf", "sha256"),
    ]


def test_a_page_without_its_data_is_named(site):
    path = current_build(site.out).file("d1", "report.en.html")
    path.write_text("<html><script>var a</script></html>", encoding="utf-8")
    assert ("dealers/d1/report.en.html", "", "data") in _problems(site)


def test_facts_that_moved_on_are_found_until_the_site_is_built_again(site):
    site.sells("d2", "2026-02", price="0.01")
    site.sells("d9", "2026-02")
    site.ingest()

    found = _problems(site)

    assert found["dealers/d2/report.json", "2026-02", "gmv_minor"] == ("2001", "2000")
    assert found["dealers/d9", "", "dealer"] == ("d9", "—")
    assert not any(page.startswith("dealers/d1/") for page, _, _ in found)
    site.build(languages=("zh-CN", "en"))
    assert _all(site) == ()


def test_a_manifest_rewritten_to_hide_a_change_no_longer_fits_its_build_id(site):
    view = current_build(site.out)
    path = view.file("d1", "report.en.pdf")
    path.write_bytes(b"%PDF-1.7 another")
    manifest = view.folder / "manifest.json"
    values = json.loads(manifest.read_text())
    entry = FileEntry.of(path)
    values["dealers"]["d1"]["files"]["report.en.pdf"] = {
        "sha256": entry.sha256,
        "size_bytes": entry.size_bytes,
    }
    manifest.write_text(json.dumps(values))

    (problem,) = _all(site)

    assert (problem.page, problem.figure) == ("manifest.json", "build id")
    assert problem.found == build_id_of(manifest.read_bytes())


def test_the_second_computation_gives_known_figures(site):
    """The figures written down by hand, so that the check itself is checked."""
    from reports.facts.store import open_current  # noqa: PLC0415 – only this test reads the store

    facts = open_current(site.facts_root)
    truth = recount(files=facts.paths, until=facts.facts_until)
    march = truth["d1"].months["2026-03"]
    assert (march["gmv_minor"], march["refund_minor"], march["orders"]) == (12_345, 2_345, 1)
    assert march["mom_bps"] is None
    assert truth["d1"].months["2026-02"]["mom_bps"] == 0
    assert truth["d1"].mix == [
        {
            "label": "Thing 85048",
            "gmv_minor": 24_690,
            "share_bps": 10_000,
            "previous_gmv_minor": 0,
        }
    ]
