"""The job ledger: posted once, claimed by one, taken over from the dead, given up in the end."""

import threading
from collections import Counter
from contextlib import nullcontext
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock, jobs
from portal.db import db, unit_of_work
from portal.outbox import actions, fence, queries, rules
from portal.outbox.models import Job
from portal.outbox.rules import JobState, Pile

NOW = clock.now()


def post(key=None, *, at=NOW, **args) -> int:
    with unit_of_work():
        return actions.post(kind="test", args=args, key=key, at=at).id


def claim(owner, *, at=NOW) -> int | None:
    with unit_of_work():
        job = actions.claim(owner=owner, at=at)
        return None if job is None else job.id


def state(job_id) -> JobState:
    db.session.rollback()  # see what others committed, and hold nothing that they wait for
    found = queries.job(job_id).state
    db.session.rollback()
    return found


def elsewhere(app, does):
    """Let another worker do something, as another process would: in a session of its own."""
    found = []

    def run():
        with app.app_context():
            found.append(does())
            db.session.remove()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=60)
    return found[0]


def run_one(app, handler, *, owner="w") -> bool:
    return jobs.run_next(app, owner=owner, handlers={"test": handler})


def test_a_job_is_posted_in_the_transaction_that_causes_it(context):
    def cause_then_fail():
        with unit_of_work():
            actions.post(kind="test", args={}, at=NOW)
            raise RuntimeError("after posting")

    with pytest.raises(RuntimeError, match="after posting"):
        cause_then_fail()

    assert claim("w") is None


def test_two_posts_with_one_key_are_one_job(context):
    first, second = post("k", n=1), post("k", n=2)

    assert first == second
    assert claim("w") == first
    assert claim("v") is None


def test_a_finished_jobs_key_starts_it_over(context):
    job_id = post("k", n=1)
    claim("w")
    with unit_of_work():
        actions.finish(job_id=job_id, owner="w", at=NOW)

    again = post("k", n=2)

    assert again == job_id
    assert state(job_id) is JobState.WAITING
    assert db.session.get(Job, job_id).args == {"n": 2}


def test_a_job_is_not_claimed_before_its_time(context):
    post(at=NOW + timedelta(minutes=5))

    assert claim("w") is None
    assert claim("w", at=NOW + timedelta(minutes=5)) is not None


def test_jobs_are_claimed_in_the_order_in_which_they_are_due(context):
    later, sooner = post(at=NOW + timedelta(seconds=1)), post()

    assert [claim("w", at=NOW + timedelta(seconds=2)) for _ in range(2)] == [sooner, later]


# --- the lease, and its control -----------------------------------------------------------------


def test_a_held_job_is_nobody_elses(context):
    job_id = post()
    claim("first")

    assert claim("second", at=NOW + rules.LEASE) is None
    assert state(job_id) is JobState.RUNNING


def test_control_without_a_lease_two_workers_hold_one_job(context, monkeypatch):
    monkeypatch.setattr(rules, "LEASE", timedelta(seconds=-1))
    job_id = post()

    assert [claim("first"), claim("second")] == [job_id, job_id]


def test_a_dead_workers_job_is_taken_over(context):
    job_id = post()
    claim("dead")

    assert claim("next", at=NOW + rules.LEASE + timedelta(seconds=1)) == job_id


def test_control_with_a_lease_that_never_ends_a_dead_workers_job_is_lost(context, monkeypatch):
    monkeypatch.setattr(rules, "LEASE", timedelta(days=36_500))
    post()
    claim("dead")

    assert claim("next", at=NOW + timedelta(days=365)) is None


def test_a_lease_that_is_renewed_does_not_run_out(context):
    job_id = post()
    claim("busy")
    with unit_of_work():
        actions.renew(job_id=job_id, owner="busy", at=NOW + timedelta(seconds=50))

    assert claim("other", at=NOW + timedelta(seconds=100)) is None


def test_progress_holds_a_job_too_and_is_told(context):
    job_id = post()
    claim("busy")
    with unit_of_work():
        actions.report_progress(
            job_id=job_id, owner="busy", done=1, total=4, at=NOW + timedelta(seconds=50)
        )

    assert claim("other", at=NOW + timedelta(seconds=100)) is None
    assert queries.job(job_id).percent == 25


@pytest.mark.parametrize("step", ["renew", "finish", "fail", "report_progress"])
def test_who_lost_the_lease_can_write_nothing_more(context, step):
    job_id = post()
    claim("slow")
    claim("quick", at=NOW + rules.LEASE + timedelta(seconds=1))
    more = {"fail": {"error": "late"}, "report_progress": {"done": 1, "total": 1}}.get(step, {})

    with pytest.raises(actions.LostLease), unit_of_work():
        getattr(actions, step)(job_id=job_id, owner="slow", at=NOW, **more)

    assert db.session.scalar(select(Job.owner)) == "quick"


# --- many workers at once -----------------------------------------------------------------------

JOBS, WORKERS = 30, 4


def naive_claim(*, owner, at):
    """What a claim would be without locks: look for a job, then write in another transaction."""
    with unit_of_work():
        job_id = db.session.scalar(
            select(Job.id).where(Job.state == JobState.WAITING).order_by(Job.id).limit(1)
        )
    pause.wait(timeout=5)
    if job_id is None:
        return None
    with unit_of_work():
        job = db.session.get(Job, job_id)
        job.state, job.owner = JobState.RUNNING, owner
        return job_id


pause = threading.Barrier(WORKERS)


def storm(app, take) -> Counter[int]:
    """Let all workers take jobs at once; return how often each job was taken."""
    taken, lock = Counter(), threading.Lock()

    def worker(name):
        with app.app_context():
            while (job_id := take(name)) is not None:
                with lock:
                    taken[job_id] += 1
            db.session.remove()

    threads = [threading.Thread(target=worker, args=(f"w{n}",)) for n in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return taken


def test_of_many_workers_each_job_is_taken_by_one(context):
    for _ in range(JOBS):
        post()

    taken = storm(context, claim)

    assert len(taken) == JOBS
    assert set(taken.values()) == {1}


def test_control_looking_first_and_writing_after_gives_one_job_to_many(context):
    for _ in range(3):
        post()
    first_round = []

    def take_once(name):
        if len(first_round) >= WORKERS:
            return None
        first_round.append(name)
        return naive_claim(owner=name, at=NOW)

    taken = storm(context, take_once)

    assert max(taken.values()) > 1


# --- running ------------------------------------------------------------------------------------


def test_a_job_runs_with_its_arguments_and_is_done(context):
    seen = []
    job_id = post(n=7)

    def sees(args, progress):
        seen.append(args)

    assert run_one(context, sees)
    assert seen == [{"n": 7}]
    assert state(job_id) is JobState.DONE
    assert not run_one(context, sees)


def test_a_failed_job_waits_longer_each_time_and_is_given_up(context, monkeypatch):
    job_id = post()
    times, pauses = [NOW], []
    monkeypatch.setattr(clock, "now", lambda: times[-1])

    def fails(args, progress):
        raise OSError("no space left")

    for _ in range(rules.MAX_ATTEMPTS):
        assert run_one(context, fails)
        run_after = db.session.scalar(select(Job.run_after))
        db.session.rollback()
        pauses.append((run_after - times[-1]).total_seconds())
        times.append(max(times[-1], run_after))

    # Each pause is shifted by up to a fifth, so that not all come back at once.
    assert all(
        0.8 * plain <= pause <= 1.2 * plain
        for plain, pause in zip([5, 20, 80, 320], pauses[:-1], strict=True)
    )
    assert state(job_id) is JobState.DEAD
    assert queries.dead_count() == 1
    assert queries.job(job_id).error == "OSError: no space left"
    db.session.rollback()
    assert not run_one(context, fails)


def test_a_kind_that_nobody_knows_is_dead_at_once_and_stops_no_worker(context):
    unknown = post()

    assert jobs.run_next(context, owner="w", handlers={})

    assert state(unknown) is JobState.DEAD
    assert queries.job(unknown).error == rules.UNKNOWN_KIND


def test_a_job_that_another_try_would_not_help_is_dead_at_once(context):
    job_id = post()

    def refused(args, progress):
        raise actions.Hopeless("550 no such mailbox")

    run_one(context, refused)

    assert state(job_id) is JobState.DEAD
    assert queries.job(job_id).error == "550 no such mailbox"


def test_a_job_that_takes_every_worker_with_it_is_given_up(context):
    job_id, at = post(), NOW
    for _ in range(rules.MAX_WORKERS_LOST):
        assert claim("doomed", at=at) == job_id
        at += rules.LEASE + timedelta(seconds=1)

    assert claim("next", at=at) is None
    assert state(job_id) is JobState.DEAD
    assert queries.job(job_id).error == rules.WORKER_LOST


def test_a_failed_job_leaves_nothing_of_its_own_half_done(context):
    job_id = post()

    def half(args, progress):
        db.session.add(Job(kind="half", args={}, run_after=NOW, created_at=NOW))
        db.session.flush()
        raise ValueError("halfway")

    run_one(context, half)

    assert db.session.scalars(select(Job.kind)).all() == ["test"]
    assert state(job_id) is JobState.WAITING


def test_a_long_job_keeps_its_lease_while_it_works(context, monkeypatch):
    monkeypatch.setattr(rules, "LEASE", timedelta(seconds=0.6))
    post()
    others = []

    def works(args, progress):
        for _ in range(4):
            threading.Event().wait(0.3)
            others.append(elsewhere(context, lambda: claim("other", at=clock.now())))

    run_one(context, works)

    assert others == [None] * 4


def test_control_a_long_job_without_renewal_is_taken_away(context, monkeypatch):
    monkeypatch.setattr(rules, "LEASE", timedelta(seconds=0.6))
    monkeypatch.setattr(actions, "renew", lambda **_: None)
    job_id = post()
    others = []

    def works(args, progress):
        threading.Event().wait(1.0)
        others.append(elsewhere(context, lambda: claim("other", at=clock.now())))

    run_one(context, works)

    assert others == [job_id]
    assert db.session.scalar(select(Job.owner)) == "other"  # the slow one could not finish it


# --- a worker that lost its job writes nothing ----------------------------------------------------


def taken_away_while_it_works(context) -> int:
    """Run a job that is taken over in its middle, and then goes on to write; return its id."""
    job_id = post()

    def works(args, progress):
        late = NOW + rules.LEASE + timedelta(hours=1)
        assert elsewhere(context, lambda: claim("heir", at=late)) == job_id
        with unit_of_work():
            actions.post(kind="effect", args={}, at=NOW)

    run_one(context, works)
    db.session.rollback()
    return job_id


def effects() -> int:
    return len(db.session.scalars(select(Job.id).where(Job.kind == "effect")).all())


def test_a_worker_that_lost_its_job_cannot_commit_what_it_did(context):
    job_id = taken_away_while_it_works(context)

    assert effects() == 0
    assert db.session.get(Job, job_id).owner == "heir"


def test_control_without_the_fence_it_writes_although_the_job_is_anothers(context, monkeypatch):
    monkeypatch.setattr(fence, "held", lambda **_: nullcontext())

    taken_away_while_it_works(context)

    assert effects() == 1


def test_what_a_job_leaves_uncommitted_is_committed_with_its_end(context):
    def writes(args, progress):
        actions.post(kind="effect", args={}, at=NOW + timedelta(days=1))

    job_id = post()
    run_one(context, writes)

    assert (effects(), state(job_id)) == (1, JobState.DONE)


# --- what a person decides about a dead job -------------------------------------------------------


@pytest.fixture
def dead(context) -> int:
    job_id = post(n=1)
    claim("w")
    with unit_of_work():
        actions.fail(job_id=job_id, owner="w", error="OSError: full", at=NOW, hopeless=True)
    return job_id


def test_a_dead_job_that_is_tried_again_has_all_its_tries(dead):
    with unit_of_work():
        actions.try_again(job_id=dead, at=NOW)

    job = queries.job(dead)
    assert (job.state, job.attempt, job.error) == (JobState.WAITING, 0, None)
    assert queries.dead_count() == 0


def test_a_dead_job_that_is_given_up_is_no_trouble_any_more_and_keeps_its_reason(dead, cast):
    with unit_of_work():
        actions.give_up(
            job_id=dead, by_person_id=cast.operator.person_id, reason="文件重复", at=NOW
        )

    assert queries.dead_by_kind() == {}
    assert queries.pile_sizes()[Pile.GIVEN_UP] == 1
    assert queries.job(dead).given_up_reason == "文件重复"


def test_only_a_dead_job_is_decided_about_and_only_once(dead, cast):
    waiting = post()

    def give_up(job_id):
        with unit_of_work():
            actions.give_up(
                job_id=job_id, by_person_id=cast.operator.person_id, reason="重复", at=NOW
            )

    give_up(dead)

    with pytest.raises(actions.NotDead):
        give_up(dead)
    with pytest.raises(actions.NotDead):
        give_up(waiting)
    with pytest.raises(actions.NotDead), unit_of_work():
        actions.try_again(job_id=dead, at=NOW)


# --- what is told about it -----------------------------------------------------------------------


def test_the_ledger_tells_how_many_there_are_and_how_long_the_oldest_has_waited(context):
    post(at=NOW - timedelta(minutes=7))
    post(at=NOW - timedelta(minutes=3))
    post(at=NOW + timedelta(minutes=1))
    claim("w", at=NOW - timedelta(minutes=6))

    assert queries.counts() == {("test", JobState.RUNNING): 1, ("test", JobState.WAITING): 2}
    assert queries.longest_wait(at=NOW) == timedelta(minutes=3)
    assert queries.longest_wait(at=NOW - timedelta(hours=1)) == timedelta()


def test_a_worker_counts_as_long_as_it_is_heard_of(context):
    with unit_of_work():
        actions.beat(worker="w", at=NOW)
        actions.beat(worker="v", at=NOW - timedelta(hours=1))
        actions.beat(worker="w", at=NOW)

    assert queries.workers(at=NOW) == 1

    with unit_of_work():
        actions.leave(worker="w")

    assert queries.workers(at=NOW) == 0
