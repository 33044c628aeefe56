"""A dealer that fails, a process that dies, a build that is killed: the others are served."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from reports.facts.store import open_current
from reports.metrics.report import reports_of
from reports.render.assets import write_assets
from reports.site.crew import outcomes_of
from reports.site.layout import slug_of
from reports.site.view import NoReport, current_build
from reports.site.worker import Job
from reports.verify import verify

NOT_A_TEXT = "half a pair: \ud800"  # what no encoding has, so the data cannot be written


def _wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.02)


def test_a_failing_dealer_is_named_and_the_others_are_built(alliance):
    summary = alliance.build(names={"d1": NOT_A_TEXT})

    view = current_build(alliance.out)
    assert (summary.dealers, summary.built) == (3, 2)
    ((ref, reason),) = summary.failed
    assert (ref, reason.split(":")[0]) == ("d1", "UnicodeEncodeError")
    assert view.failed() == {"d1": reason}
    with pytest.raises(NoReport):
        view.entry("d1")
    assert not (view.folder / "dealers" / "d1").exists()


def test_a_failing_dealer_keeps_the_report_there_was_and_is_tried_again(alliance):
    alliance.build()
    before = current_build(alliance.out).file("d1", "report.json").read_bytes()

    failed = alliance.build(names={"d1": NOT_A_TEXT})

    assert (failed.built, failed.unchanged, len(failed.failed)) == (0, 2, 1)
    assert current_build(alliance.out).file("d1", "report.json").read_bytes() == before
    mended = alliance.build(names={"d1": "甲店"})
    assert (mended.built, mended.failed) == (1, ())
    assert current_build(alliance.out).failed() == {}


def test_a_process_that_is_killed_costs_no_dealer(alliance):
    for number in range(10, 22):
        alliance.sells(f"d{number}", "2026-03")
    alliance.ingest()
    killed = []

    def kill_one(done, total):
        if done == 3:
            victim = multiprocessing.active_children()[0]
            os.kill(victim.pid, signal.SIGKILL)
            killed.append(victim.pid)

    summary = alliance.build(progress=kill_one, workers=2)

    assert killed
    assert (summary.built, summary.failed) == (15, ())
    assert verify(alliance.out, alliance.facts_root) == ()


def test_processes_are_replaced_after_their_share_and_no_job_is_lost(alliance, tmp_path):
    alliance.sells("d4", "2026-01")
    alliance.sells("d5", "2026-01")
    alliance.ingest()
    assets = write_assets(tmp_path / "assets")
    jobs = [
        Job(
            report=report,
            slug=slug_of(report.dealer_ref),
            key="",
            folder=tmp_path / slug_of(report.dealer_ref),
            languages=("en",),
            home_url=None,
            assets=assets,
        )
        for report in reports_of(open_current(alliance.facts_root))
    ]
    done, processes = [], set()

    for outcome in outcomes_of(jobs, workers=1, recycle_after=2):
        done.append(outcome.job.slug)
        processes |= {child.pid for child in multiprocessing.active_children()}

    assert done == [job.slug for job in jobs]
    assert len(done) == 5
    assert len(processes) == 3


def test_a_build_killed_half_way_leaves_the_old_one_served_and_nothing_behind(
    alliance, start_reports
):
    old = alliance.build()
    for number in range(10, 60):
        alliance.sells(f"d{number}", "2026-03")
    alliance.ingest()
    making = alliance.out / "builds" / ".making" / "dealers"
    words = ["build", "--facts", alliance.facts_root, "--out", alliance.out, "--workers", "1"]

    process = start_reports(*words)
    _wait_for(lambda: making.exists() and len(list(making.iterdir())) > 2)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.send_signal(signal.SIGKILL)
    process.wait()

    view = current_build(alliance.out)
    assert view.build_id == old.build_id
    assert view.report_data("d1")["months"]
    assert making.exists()
    assert children
    _wait_for(lambda: not any(_runs(pid) for pid in children))
    assert alliance.build(workers=2).built == 50
    assert not making.exists()
    assert verify(alliance.out, alliance.facts_root) == ()


def _runs(pid):
    """Return whether the process exists and is more than a zombie nobody has collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_two_builds_at_once_queue_and_the_second_has_nothing_to_do(alliance, start_reports):
    words = ["build", "--facts", alliance.facts_root, "--out", alliance.out, "--workers", "1"]
    processes = [start_reports(*words), start_reports(*words)]
    assert [process.wait(120) for process in processes] == [0, 0]
    assert len(list((alliance.out / "builds").iterdir())) == 1
    assert verify(alliance.out, alliance.facts_root) == ()


WITHOUT_PANGO = """
import sys

class WithoutPango:
    def find_spec(self, name, path=None, target=None):
        if name == "weasyprint" or name.startswith("weasyprint."):
            raise OSError("cannot load library 'libpango-1.0-0'")

sys.meta_path.insert(0, WithoutPango())
"""


def test_without_pango_the_pages_are_built_and_the_pdfs_follow_when_it_is_there(
    alliance, run_reports, tmp_path
):
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_PANGO)
    words = ["build", "--facts", alliance.facts_root, "--out", alliance.out, "--workers", "1"]

    first = run_reports(*words, PYTHONPATH=str(tmp_path))

    assert first.returncode == 0, first.stderr
    assert "没有生成 PDF" in first.stdout
    assert "libpango" in first.stdout
    pages_only = current_build(alliance.out)
    assert "report.zh-CN.html" in pages_only.entry("d1").files
    assert not pages_only.entry("d1").has_pdf()
    again = run_reports(*words, PYTHONPATH=str(tmp_path))
    assert "新生成 0 家" in again.stdout
    assert "没有生成 PDF" in again.stdout
    mended = alliance.build()
    assert (mended.built, mended.pdf_missing_reason) == (3, None)
    assert current_build(alliance.out).entry("d1").has_pdf()


def test_builds_are_the_same_bytes_in_any_time_zone_language_and_process(
    alliance, run_reports, tmp_path, tree_of
):
    trees = []
    for place, environ in (
        ("one", {"TZ": "Asia/Shanghai", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}),
        ("two", {"TZ": "America/New_York", "LC_ALL": "C", "PYTHONHASHSEED": "2"}),
    ):
        out = tmp_path / place
        words = ["--facts", alliance.facts_root, "--out", out, "--lang", "zh-CN", "--lang", "en"]
        result = run_reports("build", *words, **environ)
        assert result.returncode == 0, result.stderr
        trees.append(tree_of(out / "builds"))
    assert trees[0] == trees[1]
