"""Review cards in the portal: one question at a time, each answer once, one reminder a day."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from conftest import NOW
from learning.conftest import ASKED, RIGHT, write_course
from sqlalchemy import func, select

from courses.load import load_library
from portal.db import db, unit_of_work
from portal.learning import actions as learning
from portal.learning.actions import Answers
from portal.notices import queries as notices
from portal.paging import Page
from portal.review import actions, queries
from portal.review.models import ReviewAnswer

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def learnt(app, cast, tmp_path):
    """Dealer A has completed the first lesson at NOW."""
    with app.app_context(), unit_of_work():
        learning.publish(library=load_library(write_course(tmp_path / "content")), at=NOW)
        member = cast.dealer_a.member
        learning.enrol(member=member, slug="trial-101", at=NOW)
        learning.answer_quiz(
            member=member,
            slug="trial-101",
            name="one",
            answers=Answers("a-key-of-the-first-quiz", ASKED["one"], RIGHT["one"]),
            at=NOW,
        )
    return cast.dealer_a


def form(question="one-multiple", key="a-key-that-is-long-enough", **values):
    return {"key": key, "question": question, **(values or RIGHT["one"])}


def stored():
    return db.session.scalar(select(func.count()).select_from(ReviewAnswer))


@time_machine.travel(TOMORROW, tick=False)
def test_a_round_asks_explains_and_ends(learnt, sign_in):
    client = sign_in(learnt)

    assert "3 题" in client.get("/").text
    for left, name in ((2, "one-multiple"), (1, "one-numeric"), (0, "one-single")):
        assert f'value="{name}"' in client.get("/review").text
        sent = client.post("/review", data=form(name, key=f"a-key-that-is-long-{left}"))
        assert sent.status_code == 303
        told = client.get(sent.location).text
        assert "答对了" in told
        assert (f"还有 {left} 题" in told) == bool(left)
    assert "今天的复习做完了" in told
    assert "现在没有要复习的" in client.get("/review").text


@time_machine.travel(TOMORROW, tick=False)
def test_an_empty_answer_stays_on_its_page(learnt, sign_in):
    answer = sign_in(learnt).post("/review", data=form(**{"q-other": "1"}))

    assert answer.status_code == 422
    assert "这一题还没有答" in answer.text


def test_nothing_waits_before_the_day_after(learnt, sign_in):
    with time_machine.travel(NOW, tick=False):
        page = sign_in(learnt).get("/review").text

    assert "现在没有要复习的" in page
    assert "11月23日" in page


def test_who_has_learnt_nothing_is_shown_the_way(cast, sign_in):
    assert "还没有复习卡" in sign_in(cast.dealer_b).get("/review").text


@time_machine.travel(TOMORROW, tick=False)
def test_an_answer_is_its_owners_alone(learnt, cast, sign_in):
    sent = sign_in(learnt).post("/review", data=form())

    assert sign_in(cast.dealer_b).get(sent.location).status_code == 404
    assert sign_in(cast.dealer_clerk).get(sent.location).status_code == 404


def test_the_same_answer_at_once_counts_once(app, learnt):
    start, ids = Barrier(2), []

    def tap():
        with app.app_context():
            start.wait()
            with unit_of_work():
                sent = actions.Sent("one-key-for-both-taps", "one-multiple", RIGHT["one"])
                ids.append(actions.answer(member=learnt.member, sent=sent, at=TOMORROW))
            db.session.remove()

    def tolerant():
        try:
            tap()
        except actions.NotDue:  # the other one was through before this one looked
            ids.append(None)

    taps = [Thread(target=tolerant) for _ in range(2)]
    for each in taps:
        each.start()
    for each in taps:
        each.join()

    with app.app_context():
        assert stored() == 1
    assert len(ids) == 2


def reminders(actor):
    rows = notices.of_member(member=actor.member, page=Page()).rows
    return [row.text for row in rows if "要复习" in row.text]


def test_one_reminder_a_day_by_however_many_workers(app, learnt):
    start = Barrier(2)

    def work():
        with app.app_context():
            start.wait()
            actions.remind(at=TOMORROW)
            db.session.remove()

    workers = [Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()

    with app.app_context():
        assert reminders(learnt) == ["今天有 3 题要复习，约 2 分钟"]


def test_control_without_the_rows_of_the_day_two_reminders_are_sent(app, learnt, monkeypatch):
    monkeypatch.setattr(actions, "_first_today", lambda *_: True)
    with app.app_context():
        for _ in range(2):
            actions.remind(at=TOMORROW)

        assert len(reminders(learnt)) == 2


def test_nobody_is_reminded_of_nothing(app, learnt):
    with app.app_context():
        actions.remind(at=NOW)

        assert reminders(learnt) == []


def test_who_is_away_is_reminded_of_one_set(context, learnt):
    found = queries.waiting(member=learnt.member, today=queries.local_day(NOW + timedelta(days=60)))

    assert found.count == 3
