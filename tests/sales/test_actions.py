"""Receiving, deciding and importing: once, whatever happens in between."""

import io
import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal import clock, jobs
from portal.db import db, unit_of_work
from portal.outbox import presenting
from portal.outbox import rules as outbox_rules
from portal.outbox.models import Job
from portal.sales import filing, queries, rules
from portal.sales.actions import deciding, importing, receiving
from portal.sales.models import OrderImport, RejectedRow
from portal.sales.rules import State

PROJECT = Path(__file__).resolve().parents[2]


def find(public_id: str) -> OrderImport:
    db.session.expire_all()
    return db.session.scalar(select(OrderImport).where(OrderImport.public_id == public_id))


def confirm(public_id, cast) -> None:
    with unit_of_work():
        deciding.confirm(public_id=public_id, by_person_id=cast.operator.person_id, at=clock.now())


def run_jobs(app) -> None:
    db.session.rollback()  # on SQLite an open transaction of this test would keep the worker out
    jobs.run_all(app)


def test_every_row_is_counted_in_one_class(receive, mixed):
    found = find(receive(mixed))

    assert found.rows_read == 6
    assert (found.sales, found.refunds, found.not_goods, found.unpaid) == (3, 0, 0, 1)
    assert found.rejected == 2
    assert found.reasons == {"bad_number": 1, "missing_dealer": 1}
    assert db.session.scalar(select(func.count()).select_from(RejectedRow)) == 2


@pytest.mark.asvs("V5.3.1", "V5.3.2")
def test_an_upload_lies_under_a_random_name_that_others_cannot_read(receive, mixed, uploads):
    receive(mixed, filename="../../../up.csv")
    receive(mixed, filename="../../../up.csv")

    first, second = uploads()
    assert first.name == second.name == f"orders-{first.name[-16:]}"
    assert first.parent != second.parent
    assert "up.csv" not in str(first)
    assert first.stat().st_mode & 0o077 == 0
    assert first.parent.stat().st_mode & 0o077 == 0


def test_a_path_on_the_disk_is_received_and_stays_there(context, cast, mixed, tmp_path):
    path = tmp_path / "demo.csv"
    path.write_bytes(mixed)

    with unit_of_work():
        found = receiving.receive_path(
            path=path, mapping=None, uploaded_by=cast.operator.person_id, at=clock.now()
        )

    assert (found.filename, found.state) == ("demo.csv", State.CHECKED)
    assert path.read_bytes() == mixed


def test_a_refused_file_survives_the_error_that_answers_it(context, cast, uploads):
    with receiving.own_transaction():
        found = receiving.receive(
            stream=io.BytesIO(b""),
            filename="x.csv",
            mapping=None,
            uploaded_by=cast.operator.person_id,
            at=clock.now(),
        )
        public_id = found.public_id
    db.session.rollback()

    assert (find(public_id).state, find(public_id).reason) == (State.REFUSED, "empty")
    assert uploads() == []


def test_another_buyer_key_than_before_is_refused(bring_in, receive, mixed, monkeypatch):
    bring_in(mixed)
    monkeypatch.setenv("TONGTU_BUYER_KEY", "another key than the one of the facts")

    found = find(receive(mixed))

    assert (found.state, found.reason) == (State.REFUSED, "buyer_key_changed")


def test_confirming_twice_imports_once(context, receive, mixed, cast, lines_in_force):
    public_id = receive(mixed)

    confirm(public_id, cast)
    confirm(public_id, cast)
    run_jobs(context)
    confirm(public_id, cast)
    run_jobs(context)

    imports = select(func.count()).select_from(Job).where(Job.kind == deciding.IMPORT)
    assert db.session.scalar(imports) == 1
    assert find(public_id).state == State.IMPORTED
    assert len(lines_in_force()) == 3


def confirm_in_threads(app, public_id, cast, *, count) -> list[Exception]:
    """Press the button `count` times at once; return what went wrong."""
    start, failures = threading.Barrier(count), []

    def press() -> None:
        with app.app_context():
            start.wait(timeout=10)
            try:
                confirm(public_id, cast)
            except Exception as error:
                failures.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=press) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return failures


def posted_imports() -> int:
    return db.session.scalars(select(Job.kind)).all().count(deciding.IMPORT)


def test_many_who_confirm_at_once_post_one_job(context, receive, mixed, cast, lines_in_force):
    public_id = receive(mixed)

    failures = confirm_in_threads(context, public_id, cast, count=6)
    run_jobs(context)

    assert failures == []
    assert posted_imports() == 1
    assert len(lines_in_force()) == 3


def test_control_without_the_jobs_key_each_of_them_posts_one(
    context, receive, mixed, cast, monkeypatch
):
    post = deciding.outbox.post
    monkeypatch.setattr(deciding.outbox, "post", lambda **given: post(**{**given, "key": None}))
    public_id = receive(mixed)

    confirm_in_threads(context, public_id, cast, count=3)

    assert posted_imports() == 3


def test_an_import_that_failed_once_says_that_it_will_be_tried_again(
    context, receive, mixed, cast, monkeypatch
):
    public_id = receive(mixed)
    confirm(public_id, cast)

    def no_space(*args, **kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(importing, "apply", no_space)
    run_jobs(context)

    job = queries.job_of(public_id=public_id)
    assert (job.state, job.attempt) == (outbox_rules.JobState.WAITING, 1)
    assert presenting.progress(job).text == "上一次没有完成，过几分钟会自动再试。"


@pytest.mark.asvs("V2.3.1")
def test_an_import_that_was_not_confirmed_is_not_carried_out(receive, mixed, lines_in_force):
    found = find(receive(mixed))

    importing.import_now(import_id=found.id, now=clock.now)

    assert lines_in_force() == []


def test_the_outcome_is_written_down(bring_in, make_csv, row):
    bring_in(make_csv([row("A1"), row("A2")]))

    found = find(bring_in(make_csv([row("A1"), row("A2", 金额="1.00"), row("A3")])))

    numbers = (found.orders_new, found.orders_replaced, found.orders_unchanged)
    assert numbers == (1, 1, 1)
    assert found.state == State.IMPORTED
    assert found.facts_version not in (None, found.facts_before)


def test_an_upload_that_is_gone_fails_with_its_reason_and_can_be_discarded(
    context, receive, mixed, cast, uploads
):
    public_id = receive(mixed)
    confirm(public_id, cast)
    uploads()[0].unlink()

    run_jobs(context)

    assert (find(public_id).state, find(public_id).reason) == (State.FAILED, "file_gone")
    with unit_of_work():
        deciding.discard(public_id=public_id, at=clock.now())
    assert find(public_id).state == State.DISCARDED


def test_an_import_that_failed_can_be_tried_again(
    context, bring_in, receive, make_csv, row, cast, monkeypatch, lines_in_force
):
    bring_in(make_csv([row("A1")]))
    public_id = receive(make_csv([row("A2")]))
    confirm(public_id, cast)
    monkeypatch.setenv("TONGTU_BUYER_KEY", "another key than the one of the facts")
    run_jobs(context)
    failed = find(public_id).reason
    monkeypatch.delenv("TONGTU_BUYER_KEY")

    confirm(public_id, cast)
    run_jobs(context)

    assert failed == "buyer_key_changed"
    assert find(public_id).state == State.IMPORTED
    assert [line[0] for line in lines_in_force()] == ["A1", "A2"]


def test_what_nobody_confirms_is_discarded_after_a_week(
    context, receive, mixed, monkeypatch, uploads
):
    public_id = receive(mixed)
    run_jobs(context)
    assert find(public_id).state == State.CHECKED
    later = clock.now() + rules.KEPT_UNCONFIRMED + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    run_jobs(context)

    assert find(public_id).state == State.DISCARDED
    assert uploads() == []


def test_expiry_leaves_an_imported_file_alone(context, bring_in, mixed, monkeypatch):
    public_id = bring_in(mixed)
    later = clock.now() + rules.KEPT_UNCONFIRMED + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    run_jobs(context)

    assert find(public_id).state == State.IMPORTED


WORKER = """
import os, signal, sys
from portal import jobs
from portal.app import create_app
from portal.sales import tasks
from portal.sales.actions import importing

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

where = sys.argv[1]
if where == "after the facts were switched":
    importing._record = die

def handler(args, progress):
    tasks.import_orders(args, die if where == "while reading rows" else progress)

jobs.run_next(create_app(), owner="doomed", handlers={"orders.import": handler})
"""


@pytest.mark.parametrize("where", ["while reading rows", "after the facts were switched"])
def test_an_import_killed_halfway_and_run_again_is_in_the_facts_once(
    where, context, receive, many, cast, tmp_path, monkeypatch, lines_in_force, facts_root
):
    public_id = receive(many(6000))
    confirm(public_id, cast)
    env = {
        **os.environ,
        "TONGTU_SECRET_KEY": "x" * 40,
        "TONGTU_PASSWORD_SALT": "y" * 40,
        "TONGTU_DATA_DIR": str(facts_root.parent),
        "TONGTU_DATABASE_URL": context.config["SQLALCHEMY_DATABASE_URI"],
    }
    killed = subprocess.run(
        [sys.executable, "-c", WORKER, where], cwd=PROJECT, env=env, check=False
    )
    halfway = len(lines_in_force())
    later = clock.now() + outbox_rules.LEASE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)

    run_jobs(context)

    found = find(public_id)
    assert killed.returncode == -9
    assert halfway == (0 if where == "while reading rows" else 6000)
    assert len(lines_in_force()) == 6000
    assert (found.state, found.orders_new, found.orders_unchanged) == (State.IMPORTED, 6000, 0)


def test_progress_is_told_in_rows(context, receive, many, cast):
    public_id = receive(many(6000))
    confirm(public_id, cast)
    told = []

    importing.import_now(
        import_id=find(public_id).id,
        now=clock.now,
        progress=lambda done, total: told.append((done, total)),
    )

    assert told == [(5000, 6000), (6000, 6000)]


def test_a_job_that_was_given_up_shows_and_can_be_started_over(
    context, receive, mixed, cast, lines_in_force
):
    public_id = receive(mixed)
    confirm(public_id, cast)
    with unit_of_work():
        job = db.session.scalar(select(Job).where(Job.kind == deciding.IMPORT))
        job.state = "dead"
    given_up = queries.job_of(public_id=public_id).is_over

    confirm(public_id, cast)
    run_jobs(context)

    assert given_up
    assert len(lines_in_force()) == 3


@pytest.mark.asvs("V2.2.3")
def test_rows_that_do_not_add_up_are_refused_by_the_database(context, receive, mixed):
    public_id = receive(mixed)

    with pytest.raises(Exception, match="rows_add_up"), unit_of_work():
        find(public_id).sales += 1


def test_an_upload_that_a_killed_process_left_behind_is_removed_after_a_day(
    context, receive, mixed, uploads
):
    receive(mixed)
    folder = context.extensions["tongtu.settings"].uploads_dir
    with io.BytesIO(mixed) as stray:
        filing.keep(stray, folder=folder)
    known = [
        folder / str(stored) for stored in db.session.scalars(select(OrderImport.stored)).all()
    ]

    assert importing.sweep_uploads(at=clock.now()) == 0  # it may be on its way to be written down
    assert len(uploads()) == 2
    assert importing.sweep_uploads(at=clock.now() + timedelta(days=1, minutes=1)) == 1
    assert uploads() == known
