"""Periodic jobs: one a period however many workers look, one run for all that were missed."""

import threading
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text

from portal import jobs
from portal.db import db, unit_of_work
from portal.outbox import actions, periodic, rules
from portal.outbox.models import Job, Worker
from portal.outbox.rules import JobState

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 22, 2, 0, 30, tzinfo=UTC)
HOURLY = {"test": timedelta(hours=1)}
DAILY = {"test": time(3, 0)}


def schedule(periods=HOURLY, *, at=NOW) -> int:
    with unit_of_work():
        return periodic.schedule(periods, zone=SHANGHAI, at=at)


def due() -> list[datetime]:
    db.session.rollback()
    return list(db.session.scalars(select(Job.run_after).order_by(Job.run_after)))


def run_due(*, at) -> int:
    """Run what is due as a worker at `at` would, seeing to what comes next; return how many."""
    count = 0
    while True:
        with unit_of_work():
            job = actions.claim(owner="w", at=at)
            if job is None:
                return count
            actions.finish(job_id=job.id, owner="w", at=at)
            periodic.schedule(HOURLY, zone=SHANGHAI, at=at)
        count += 1


# --- when ----------------------------------------------------------------------------------------


def test_an_interval_is_due_at_the_same_instants_for_everybody():
    due = {
        rules.next_due(timedelta(minutes=15), after=NOW + timedelta(minutes=m), zone=SHANGHAI)
        for m in range(14)
    }

    assert due == {datetime(2026, 11, 22, 2, 15, tzinfo=UTC)}


def test_an_instant_that_is_due_now_is_not_the_next_one():
    at = datetime(2026, 11, 22, 2, 15, tzinfo=UTC)

    assert rules.next_due(timedelta(minutes=15), after=at, zone=SHANGHAI) == at + timedelta(
        minutes=15
    )
    assert rules.next_due(time(10, 15), after=at, zone=SHANGHAI) == at + timedelta(days=1)


def test_a_time_of_day_is_local():
    assert rules.next_due(time(3, 0), after=NOW, zone=SHANGHAI) == datetime(
        2026, 11, 22, 19, 0, tzinfo=UTC
    )


@pytest.mark.parametrize("day", [datetime(2026, 3, 7, 12), datetime(2026, 10, 31, 12)])  # noqa: DTZ001 – made aware below
def test_it_is_due_once_on_days_on_which_clocks_change(day):
    day = day.replace(tzinfo=UTC)
    found, at = [], day
    while at < day + timedelta(days=3):
        at = rules.next_due(time(2, 30), after=at, zone=NEW_YORK)
        found.append(at.astimezone(NEW_YORK).date())

    assert len(found) == len(set(found)) == 4


# --- one a period --------------------------------------------------------------------------------


def test_there_is_one_run_ahead_however_often_one_looks(context):
    assert [schedule() for _ in range(3)] == [1, 0, 0]
    assert due() == [datetime(2026, 11, 22, 3, 0, tzinfo=UTC)]


def test_each_period_has_one_run(context):
    schedule()
    at, runs = NOW, 0
    while at < NOW + timedelta(hours=5):
        at += timedelta(minutes=7)
        runs += run_due(at=at)

    assert runs == 5
    assert len(due()) == 6  # and the next


def test_periods_in_which_nobody_worked_are_made_up_for_by_one_run(context):
    schedule()

    assert run_due(at=NOW + timedelta(days=3)) == 1
    assert due()[-1] == datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def test_a_run_that_failed_for_good_does_not_end_the_series(context):
    schedule()
    later = NOW + timedelta(hours=2)
    with unit_of_work():
        job = actions.claim(owner="w", at=later)
        actions.fail(job_id=job.id, owner="w", error="x", at=later, hopeless=True)

    assert schedule(at=later) == 1


def test_a_worker_whose_clock_is_behind_does_not_start_a_finished_run_over(context):
    schedule()
    run_due(at=NOW + timedelta(hours=1))
    with unit_of_work():
        db.session.execute(text("DELETE FROM job WHERE state = 'waiting'"))

    assert schedule(at=NOW) == 0
    assert db.session.scalar(select(Job.state)) == JobState.DONE


def many_workers(app, look) -> None:
    start = threading.Barrier(6)

    def worker():
        with app.app_context():
            start.wait(timeout=30)
            look()
            db.session.remove()

    threads = [threading.Thread(target=worker) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=60)


def test_many_workers_that_look_at_once_post_one_run(context):
    for day in range(5):
        many_workers(context, lambda day=day: schedule(DAILY, at=NOW + timedelta(days=day)))
        with unit_of_work():
            db.session.execute(text("UPDATE job SET state = 'done'"))

    assert len(due()) == 5


def test_control_without_the_key_of_the_period_they_post_many(context, monkeypatch):
    numbers = iter(range(100))
    monkeypatch.setattr(rules, "key_of_period", lambda kind, _due: f"{kind}@{next(numbers)}")
    monkeypatch.setattr(periodic, "_post", slowly(periodic._post))

    many_workers(context, lambda: schedule(DAILY))

    assert len(due()) > 1


def slowly(post):
    """Let every worker look before any of them has written."""

    def posts(*args, **more):
        db.session.rollback()
        met.wait(timeout=30)
        return post(*args, **more)

    return posts


met = threading.Barrier(6)


def test_the_worker_sees_to_what_the_portal_does_periodically(context):
    jobs.tick(context, owner="w")

    kinds = set(db.session.scalars(select(Job.kind)))
    assert kinds == set(jobs.PERIODIC)
    assert db.session.scalar(select(func.count()).select_from(Worker)) == 1


def test_every_periodic_kind_has_a_handler():
    assert set(jobs.PERIODIC) <= set(jobs.HANDLERS)


# --- clearing up ---------------------------------------------------------------------------------


def job_over(*, days_ago, state=JobState.DONE, **more) -> int:
    then = NOW - timedelta(days=days_ago)
    with unit_of_work():
        job = Job(kind="old", args={}, state=state, run_after=then, created_at=then,
                  finished_at=then, **more)  # fmt: skip
        db.session.add(job)
        db.session.flush()
        return job.id


def left_after_purge() -> set[int]:
    with unit_of_work():
        periodic.purge(at=NOW)
    return set(db.session.scalars(select(Job.id)))


def test_what_was_over_long_ago_is_deleted_and_the_rest_stays(context):
    lately = job_over(days_ago=29)
    unsettled = job_over(days_ago=200, state=JobState.DEAD)
    job_over(days_ago=31)
    job_over(days_ago=60, state=JobState.DEAD, given_up_at=NOW - timedelta(days=31))

    assert left_after_purge() == {lately, unsettled}


def test_a_job_that_a_record_points_to_stays(context, cast):
    kept = job_over(days_ago=100)
    with unit_of_work():
        db.session.execute(
            text(
                "INSERT INTO report_build (public_id, job_id, state, dealers, built, unchanged,"
                " failed, created_at) VALUES ('x', :job, 'done', 0, 0, 0, '[]', :at)"
            ),
            {"job": kept, "at": NOW},
        )

    assert left_after_purge() == {kept}
