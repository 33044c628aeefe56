"""A deleted person is found nowhere any more, and what the shop has done still adds up."""

import hashlib
from datetime import timedelta

import pytest
import time_machine
from conftest import NOW
from sqlalchemy import func, select

from portal import clock, jobs
from portal.accounts import actions as accounts
from portal.db import Base, db, unit_of_work
from portal.evidence import verifying
from portal.outbox import actions as outbox
from portal.privacy import actions, queries, rules, tasks

AGAIN = timedelta(minutes=1)
BOOKS = ("booking", "session_note", "feedback", "feedback_event", "ticket", "ask", "order_import")


@pytest.fixture(autouse=True)
def at_now():
    with time_machine.travel(NOW, tick=True):
        yield


def counts() -> dict[str, int]:
    db.session.rollback()
    return {
        name: db.session.scalar(select(func.count()).select_from(Base.metadata.tables[name]))
        for name in BOOKS
    }


def facts(app) -> dict[str, str]:
    folder = app.extensions["tongtu.settings"].facts_dir
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def plan(actor, *, at=NOW) -> None:
    with unit_of_work():
        actions.plan_deletion(person_id=actor.person_id, at=at)


def run_due(app, *, at) -> None:
    with time_machine.travel(at, tick=True):
        with app.app_context(), unit_of_work():
            outbox.post(kind=tasks.DELETE_DUE, args={}, at=clock.now())
        jobs.run_all(app)


DUE = NOW + rules.GRACE + AGAIN


@pytest.mark.asvs("V14.2.4")
def test_nothing_of_a_deleted_person_is_found_in_the_whole_database(
    app, cast, clerk, orders, context, everything
):
    traces = ("店员阿豆", "13800000009", "xiaoyu.lin", "DouPhone")
    assert all(trace in everything() for trace in traces)  # the control: it is all there before
    before, facts_before = counts(), facts(app)

    plan(cast.dealer_clerk)
    run_due(app, at=DUE)

    found = everything()
    assert [trace for trace in traces if trace in found] == []
    assert counts() == before
    assert facts(app) == facts_before != {}
    verdict = verifying.verify()
    assert verdict.is_sound, verdict.problems
    assert verdict.erased > 0
    assert queries.planned_deletion(cast.dealer_clerk.person_id) is None


def test_nobody_can_sign_in_as_a_deleted_person(app, cast, clerk, sign_in):
    client = sign_in(cast.dealer_clerk)
    with app.app_context():
        plan(cast.dealer_clerk)
    assert client.get("/").status_code == 200  # during the days of grace

    run_due(app, at=DUE)

    assert client.get("/").status_code == 302
    answer = app.test_client().post(
        "/sign-in", data={"identity": cast.dealer_clerk.phone, "password": "correct horse battery"}
    )
    assert answer.status_code == 422


def test_the_phone_number_of_a_deleted_person_can_be_used_anew(app, cast, clerk, context):
    plan(cast.dealer_clerk)
    run_due(app, at=DUE)

    with unit_of_work():
        accounts.add_person(
            name="新来的", mail=None, phone=cast.dealer_clerk.phone, password_hash="x", at=NOW
        )


def test_nothing_happens_before_the_days_of_grace_are_over(app, cast, clerk, context, everything):
    plan(cast.dealer_clerk)

    run_due(app, at=NOW + rules.GRACE - AGAIN)

    assert "店员阿豆" in everything()


def test_who_changes_their_mind_keeps_everything(app, cast, clerk, context, everything):
    plan(cast.dealer_clerk)
    with unit_of_work():
        actions.undo_deletion(person_id=cast.dealer_clerk.person_id, at=NOW + AGAIN)

    run_due(app, at=DUE)

    assert "店员阿豆" in everything()


def test_the_last_owner_has_to_hand_over_first(cast, context):
    with pytest.raises(actions.Obstructed) as refused:
        plan(cast.dealer_a)

    assert list(refused.value.obstacles.sole_owner_of) == ["小鹿点卡铺"]


def test_a_consultant_with_sessions_ahead_has_to_settle_them_first(cast, clerk, context):
    with unit_of_work():
        booking = db.session.query(actions.queries.Booking).one()
        booking.starts_at = NOW + timedelta(days=1)
        booking.ends_at = NOW + timedelta(days=1, hours=1)

    with pytest.raises(actions.Obstructed) as refused:
        plan(cast.consultant)

    assert refused.value.obstacles.sessions_ahead == 1


def test_who_became_the_last_owner_meanwhile_is_not_deleted(app, cast, clerk, context, everything):
    plan(cast.dealer_clerk)
    with unit_of_work():
        membership = db.session.scalar(
            select(accounts.Membership).where(
                accounts.Membership.person_id == cast.dealer_clerk.person_id
            )
        )
        membership.is_owner = True
        db.session.execute(
            accounts.Membership.__table__.update()
            .where(accounts.Membership.person_id == cast.dealer_a.person_id)
            .values(is_owner=False)
        )

    run_due(app, at=DUE)

    assert "店员阿豆" in everything()
    assert queries.planned_deletion(cast.dealer_clerk.person_id) is not None


def test_asking_twice_is_one_wish(cast, clerk, context):
    plan(cast.dealer_clerk)
    plan(cast.dealer_clerk, at=NOW + AGAIN)

    assert len(queries.planned_deletions()) == 1


def test_others_with_the_same_name_keep_theirs(app, cast, clerk, context, everything):
    with unit_of_work():
        accounts.add_person(
            name="店员阿豆", mail="other@shop.example", phone=None, password_hash="x", at=NOW
        )
    plan(cast.dealer_clerk)

    run_due(app, at=DUE)

    assert everything().count("店员阿豆") == 1


def test_a_masked_text_says_what_was_there():
    identity = rules.Identity(name="店员阿豆", mail="a@b.example", phone="+8613800000009")

    text = rules.masked({"x": ["找店员阿豆，13800000009 或 a@b.example", 3, None]}, identity)

    assert text == {"x": ["找已注销用户，（已删除） 或 （已删除）", 3, None]}


def test_a_deletion_that_a_restore_undid_is_done_again_by_a_command(
    app, cast, clerk, context, everything
):
    result = app.test_cli_runner().invoke(
        args=["privacy", "erase", str(cast.dealer_clerk.person_id)]
    )

    assert result.exit_code == 0, result.output
    assert "店员阿豆" not in everything()


def test_the_command_says_what_stands_in_the_way(app, cast):
    result = app.test_cli_runner().invoke(args=["privacy", "erase", str(cast.dealer_a.person_id)])

    assert result.exit_code == 1
    assert "只有这一个负责人" in result.output
