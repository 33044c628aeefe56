"""Building: once at a time, resumed after a kill, told once to whom it concerns."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from portal import clock, jobs
from portal.db import db, unit_of_work
from portal.notices.models import Notice
from portal.outbox import rules as outbox_rules
from portal.outbox.models import Job
from portal.reporting import actions, queries
from portal.reporting.models import ReportBuild
from portal.reporting.rules import GIVEN_UP, BuildState
from reports.facts.store import NoFacts
from reports.site import cluster

PROJECT = Path(__file__).resolve().parents[2]
MONTHS = ("2026-08", "2026-09", "2026-10")


def told() -> list[int]:
    """Return the organisations that were told of a report, one entry a notice."""
    db.session.rollback()
    found = db.session.scalars(select(Notice.organisation_id).order_by(Notice.id)).all()
    db.session.rollback()
    return list(found)


def find(build_id: int) -> ReportBuild:
    db.session.rollback()
    return db.session.get(ReportBuild, build_id)


def test_a_build_is_written_down_with_what_it_did(context, bring_in, build, two_shops):
    bring_in(two_shops)

    found = find(build())

    assert (found.state, found.dealers, found.built) == (BuildState.DONE, 3, 3)
    assert (found.unchanged, found.failed) == (0, [])
    assert found.duration_ms > 0
    assert found.site_build is not None


def test_only_dealers_whose_figures_changed_are_told(
    context, cast, bring_in, build, two_shops, make_orders
):
    bring_in(two_shops)
    build()
    both = {cast.dealer_a.organisation_id, cast.dealer_b.organisation_id}
    first = told()
    build()
    again = told()
    bring_in(make_orders(("acheng", "2026-10", "7.00")))

    second = find(build())

    assert sorted(first) == sorted(both)
    assert again == first
    assert told() == [*first, cast.dealer_b.organisation_id]
    assert second.built >= 1


def test_a_build_without_facts_is_refused(context, cast):
    with pytest.raises(NoFacts):
        actions.start_build(started_by=cast.operator.person_id, at=clock.now())


@pytest.mark.asvs("V15.2.2")
def test_who_start_at_once_start_one_build(context, cast, bring_in, two_shops):
    bring_in(two_shops)
    start, ids, failures = threading.Barrier(5), [], []

    def press() -> None:
        with context.app_context():
            start.wait(timeout=10)
            try:
                with unit_of_work():
                    build = actions.start_build(started_by=cast.operator.person_id, at=clock.now())
                    ids.append(build.id)
            except Exception as error:
                failures.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=press) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert failures == []
    assert len(ids) == 5
    assert len(set(ids)) == 1
    kinds = db.session.scalars(select(Job.kind)).all()
    assert kinds.count(actions.BUILD) == 1


def test_the_database_holds_one_running_build_at_most(context):
    def insert_two():
        with unit_of_work():
            for name in ("a", "b"):
                db.session.add(
                    ReportBuild(public_id=name, state=BuildState.RUNNING, created_at=clock.now())
                )

    with pytest.raises(Exception, match=r"uq_report_build_running|UNIQUE"):
        insert_two()


def test_a_build_whose_job_was_given_up_makes_room_for_the_next(
    context, cast, bring_in, two_shops, build
):
    bring_in(two_shops)
    with unit_of_work():
        first = actions.start_build(started_by=None, at=clock.now())
        db.session.get(Job, first.job_id).state = "dead"
        first_id = first.id
    shown = queries.running_build()
    db.session.rollback()  # on SQLite an open transaction of this test would keep others out

    second_id = build()

    assert shown is None
    assert (find(first_id).state, find(first_id).reason) == (BuildState.FAILED, GIVEN_UP)
    assert find(second_id).state == BuildState.DONE


def test_running_a_finished_builds_job_again_changes_nothing(context, bring_in, build, two_shops):
    bring_in(two_shops)
    build_id = build()
    finished, before = find(build_id).finished_at, told()

    actions.build_now(build_id=build_id, now=clock.now)

    assert told() == before
    assert find(build_id).finished_at == finished


WORKER = """
import os, signal, sys
from portal import jobs
from portal.app import create_app
from portal.reporting import actions, tasks

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    actions.WORKERS = 1
    where = sys.argv[1]
    if where == "after the site was switched":
        actions._finish = die

    def handler(args, progress):
        tasks.build_reports(args, die if where == "while rendering" else progress)

    jobs.run_next(create_app(), owner="doomed", handlers={"reports.build": handler})
"""


@pytest.mark.parametrize("where", ["while rendering", "after the site was switched"])
def test_a_build_killed_halfway_and_run_again_tells_everyone_once(
    where, context, cast, bring_in, two_shops, tmp_path, monkeypatch, one_process
):
    bring_in(two_shops)
    with unit_of_work():
        build_id = actions.start_build(started_by=None, at=clock.now()).id
        # The worker is to meet the build's job and no other.
        db.session.execute(update(Job).where(Job.kind != actions.BUILD).values(state="done"))
    script = tmp_path / "doomed.py"
    script.write_text(WORKER, encoding="utf-8")
    env = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "TONGTU_SECRET_KEY": "x" * 40,
        "TONGTU_PASSWORD_SALT": "y" * 40,
        "TONGTU_DATA_DIR": str(tmp_path),
        "TONGTU_DATABASE_URL": context.config["SQLALCHEMY_DATABASE_URI"],
    }
    killed = subprocess.run([sys.executable, script, where], cwd=PROJECT, env=env, check=False)
    before = told()
    later = clock.now() + outbox_rules.LEASE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    jobs.run_all(context)

    assert killed.returncode == -9
    assert before == []
    assert sorted(told()) == sorted([cast.dealer_a.organisation_id, cast.dealer_b.organisation_id])
    assert find(build_id).state == BuildState.DONE


def test_reports_are_rendered_on_the_cluster_that_is_set_and_without_it_tried_again(
    context, cast, bring_in, two_shops, monkeypatch
):
    monkeypatch.setattr(cluster, "_PATIENCE_S", 1)
    context.extensions["tongtu.settings"] = replace(
        context.extensions["tongtu.settings"], dask_scheduler="tcp://127.0.0.1:9"
    )
    bring_in(two_shops)
    with unit_of_work():
        build_id = actions.start_build(started_by=cast.operator.person_id, at=clock.now()).id

    jobs.run_all(context)

    job = db.session.scalar(select(Job).where(Job.kind == actions.BUILD))
    assert (job.state, job.attempt) == (outbox_rules.JobState.WAITING, 1)
    assert job.error == "ClusterUnavailable: no answer from tcp://127.0.0.1:9"
    assert job.caused_by == cast.operator.person_id
    assert find(build_id).state == BuildState.RUNNING
