"""Certificates are issued once, by whoever comes first, and never twice for one version."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from certificates.conftest import SLUG
from conftest import NOW
from learning.conftest import work_in
from rows import all_of
from sqlalchemy import delete, text
from sqlalchemy.exc import IntegrityError

from courses.certificate import written
from portal.certificates import actions, queries
from portal.certificates.models import Certificate, SigningKey
from portal.certificates.rules import Standing
from portal.db import db, unit_of_work
from portal.learning import actions as learning
from portal.learning import completing
from portal.notices import texts
from portal.notices.models import Notice
from portal.notices.rules import NoticeKind
from portal.outbox.models import Job

# What the database itself has to hold is asked of both, further down.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LATER = NOW + timedelta(days=30)
THREADS = 20


def numbers(app):
    with app.app_context():
        return sorted(each.number for each in all_of(Certificate))


@pytest.fixture(autouse=True)
def at_now():
    with time_machine.travel(NOW, tick=True):
        yield


@on_sqlite
def test_completing_the_course_issues_the_certificate_after_the_commit(
    app, cast, complete, run_jobs, context
):
    complete()
    run_jobs()

    (row,) = queries.of_member(member=cast.dealer_a.member)
    assert (row.slug, row.issue, row.name) == (SLUG, 1, "林小鹿")
    assert row.organisation_name == "小鹿点卡铺"
    assert row.completed_at == NOW
    assert row.standing is Standing.VALID


@on_sqlite
def test_the_holder_hears_of_a_certificate_from_the_job_of_its_end_and_of_the_next_one(
    app, cast, complete, run_jobs, context
):
    complete()
    run_jobs()
    (first,) = numbers(app)
    with unit_of_work():
        actions.revoke(
            typed=first, reason="姓名写错了", by_person_id=cast.operator.person_id, at=LATER
        )
    with unit_of_work():
        second = actions.issue_anew(typed=first, at=LATER)
        actions.issue_anew(typed=first, at=LATER)

    told = [each for each in all_of(Notice) if each.kind.startswith("certificate.")]
    assert {each.person_id for each in told} == {cast.dealer_a.person_id}
    assert [(each.kind, each.path) for each in told] == [
        ("certificate.issued", f"/certificates/{written(first)}"),
        ("certificate.revoked", f"/certificates/{written(first)}"),
        ("certificate.issued", f"/certificates/{written(second)}"),
    ]
    assert "姓名写错了" in texts.text(NoticeKind(told[1].kind), told[1].params)


@on_sqlite
def test_who_claims_a_certificate_is_looking_at_it_and_hears_nothing_more(app, issued, run_jobs):
    issued()
    run_jobs()

    with app.app_context():
        assert not [each for each in all_of(Notice) if each.kind.startswith("certificate.")]


@on_sqlite
def test_a_course_under_way_posts_no_job_and_earns_nothing(app, cast, learn, context):
    learn("one", "two")

    assert [each.kind for each in all_of(Job) if each.kind == completing.COMPLETED] == []
    with pytest.raises(actions.NotCompleted):
        actions.claim(member=cast.dealer_a.member, slug=SLUG, at=NOW)


@on_sqlite
def test_who_does_not_want_to_wait_for_the_job_claims_it_and_the_job_finds_it_done(
    app, cast, issued, run_jobs
):
    number = issued()
    run_jobs()

    assert numbers(app) == [number]


@on_sqlite
def test_answering_again_in_a_completed_course_issues_nothing_more(
    app, cast, issued, attempt, run_jobs
):
    number = issued()
    with work_in(app):
        learning.answer_quiz(
            member=cast.dealer_a.member,
            slug=SLUG,
            name="one",
            answers=attempt("one", key="again-0002"),
            at=LATER,
        )
    run_jobs()

    assert numbers(app) == [number]


@on_sqlite
def test_who_goes_along_with_a_change_of_texts_keeps_the_one_certificate(
    app, cast, issued, change, write_new_text, run_jobs
):
    number = issued()
    with work_in(app):
        learning.publish(library=change(three=write_new_text), at=LATER)
        completion = completing.of_member(member=cast.dealer_a.member)[0]
        again = actions.issue(completion=completion, at=LATER).number

    assert again == number
    assert numbers(app) == [number]


@pytest.fixture
def write_new_text(write_lesson):
    return write_lesson(name="three", text="另一段正文。")


@on_sqlite
def test_certificates_from_before_there_were_any_are_issued_by_command(
    app, cast, complete, context
):
    complete()
    complete(cast.dealer_b)
    with unit_of_work():
        assert actions.issue_missing(at=NOW) == 2
    with unit_of_work():
        assert actions.issue_missing(at=NOW) == 0


def test_what_a_certificate_says_is_not_rewritten(app, issued, context):
    issued()

    with pytest.raises(IntegrityError, match="certificate_is_fixed"):
        db.session.execute(text("UPDATE certificate SET completed_at = issued_at"))
    db.session.rollback()


@on_sqlite
def test_a_certificate_is_valid_from_its_issue_until_its_revocation(app, cast, issued, context):
    number = issued()
    person_id = cast.dealer_a.person_id
    with unit_of_work():
        actions.revoke(
            typed=number, reason="学习记录有误", by_person_id=cast.operator.person_id, at=LATER
        )

    def valid(at):
        return queries.valid(person_id=person_id, slug=SLUG, at=at)

    assert not valid(NOW - timedelta(seconds=1))
    assert valid(NOW)
    assert valid(LATER - timedelta(seconds=1))
    assert not valid(LATER)
    assert not queries.valid(person_id=cast.dealer_b.person_id, slug=SLUG, at=NOW)


def test_a_revoked_certificate_is_not_claimed_again_but_issued_anew_by_an_operator(
    app, cast, issued, context, run_jobs
):
    number = issued()
    operator = cast.operator.person_id
    with pytest.raises(actions.StillValid):
        actions.issue_anew(typed=number, at=LATER)
    with unit_of_work():
        actions.revoke(typed=number, reason="姓名写错了", by_person_id=operator, at=LATER)
    with pytest.raises(actions.AlreadyRevoked), unit_of_work():
        actions.revoke(typed=number, reason="再撤一次", by_person_id=operator, at=LATER)
    with unit_of_work():
        assert actions.claim(member=cast.dealer_a.member, slug=SLUG, at=LATER) == number
        anew = actions.issue_anew(typed=number, at=LATER)
        assert actions.issue_anew(typed=number, at=LATER) == anew

    assert [each.issue for each in queries.of_member(member=cast.dealer_a.member)] == [2, 1]
    assert queries.any_one(number).reason == "姓名写错了"
    assert queries.any_one(anew).standing is Standing.VALID


# ---- many at once ----


def at_once(app, work):
    """Let twenty threads do the same at the same moment; return what each got, or its error."""
    start, outcomes = Barrier(THREADS), []

    def run():
        with app.app_context():
            start.wait()
            try:
                with unit_of_work():
                    outcomes.append(work())
            except Exception as error:
                outcomes.append(error)
            finally:
                db.session.remove()

    threads = [Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def blindly(monkeypatch):
    """Let everybody write as if they had looked before anybody wrote: only the index is left."""
    monkeypatch.setattr(actions, "_earlier", lambda _: None)


@pytest.mark.parametrize("looks_first", [True, False])
def test_twenty_requests_at_once_issue_one_certificate_under_one_key(
    looks_first, app, cast, complete, monkeypatch
):
    complete()
    if not looks_first:
        blindly(monkeypatch)

    got = at_once(app, lambda: actions.claim(member=cast.dealer_a.member, slug=SLUG, at=NOW))

    assert len(got) == THREADS
    assert set(got) == set(numbers(app))
    assert len(set(got)) == 1
    with app.app_context():
        assert len(all_of(SigningKey)) == 1


def test_control_without_the_unique_index_the_same_twenty_issue_twenty(
    app, cast, complete, monkeypatch
):
    complete()
    blindly(monkeypatch)
    index = "uq_certificate_once ON certificate (person_id, slug, version, issue)"
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("DROP INDEX uq_certificate_once"))
    try:
        got = at_once(app, lambda: actions.claim(member=cast.dealer_a.member, slug=SLUG, at=NOW))
        found = numbers(app)
    finally:
        with app.app_context():
            with unit_of_work():
                db.session.execute(delete(Certificate))
            with db.engine.begin() as connection:
                connection.execute(text(f"CREATE UNIQUE INDEX {index}"))

    assert len(found) == THREADS, got
