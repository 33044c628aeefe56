"""The operators' page of jobs: what failed and why, what to do about it, what else there is."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal import clock
from portal.db import unit_of_work
from portal.outbox import actions, queries
from portal.outbox.rules import JobState, Pile


@pytest.fixture
def job(app, cast) -> Callable[..., int]:
    """Return a function that makes a job in a state: `job("failed", kind="orders.import")`."""

    def make(state: str, *, kind: str = "orders.import", error: str = "OSError: x") -> int:
        at = clock.now() - timedelta(minutes=3)
        with app.app_context(), unit_of_work():
            made = actions.post(kind=kind, args={}, at=at, caused_by=cast.operator.person_id)
            if state != "waiting":
                claimed = actions.claim(owner="w", at=at)
                assert claimed is not None
                assert claimed.id == made.id
            if state == "failed":
                actions.fail(job_id=made.id, owner="w", error=error, at=at, hopeless=True)
            if state == "done":
                actions.finish(job_id=made.id, owner="w", at=at)
            return made.id

    return make


@pytest.fixture
def operator(cast, sign_in):
    return sign_in(cast.operator)


def stored(app, job_id):
    with app.app_context():
        return queries.job(job_id)


def test_what_failed_stands_first_with_its_reason_in_words(job, operator):
    job("done", kind="orders.expire")
    job("failed", error="OSError: [Errno 28] No space left on device")

    page = operator.get("/jobs")

    assert "导入订单" in page.text
    assert "磁盘满了" in page.text
    assert "OSError: [Errno 28] No space left on device" in page.text
    assert "试了 1 次" in page.text
    assert "运营小方 发起" in page.text
    assert "清理没有确认的订单文件</div>" not in page.text


def test_a_failure_shows_what_it_was_told_and_nothing_live(job, operator):
    job("failed", error="ValueError: <script>alert(1)</script>")

    page = operator.get("/jobs")

    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_each_pile_shows_its_own(job, operator):
    made = {Pile.DONE: job("done"), Pile.FAILED: job("failed"), Pile.RUNNING: job("running")}
    made[Pile.WAITING] = job("waiting", kind="reports.build")

    running = operator.get("/jobs?pile=running").text
    waiting = operator.get("/jobs?pile=waiting").text
    done = operator.get("/jobs?pile=done").text

    assert f"/jobs/{made[Pile.RUNNING]}/progress" in running
    assert "生成增长报告</div>" in waiting
    assert "起排队" in waiting
    assert "做完" in done
    assert "再试一次" not in done


def test_the_list_can_be_of_one_kind_and_has_pages(job, operator):
    for _ in range(21):
        job("done")
    job("done", kind="reports.build")

    first = operator.get("/jobs?pile=done&kind=orders.import")
    second = operator.get("/jobs?pile=done&kind=orders.import&page=2")

    assert "1 / 2" in first.text
    assert "生成增长报告</div>" not in first.text + second.text
    assert second.text.count("导入订单</div>") == 1


def test_nonsense_in_the_address_shows_the_first_pile(operator):
    assert operator.get("/jobs?pile=nonsense&page=x&kind=nonsense").status_code == 200


def test_a_job_is_tried_again(app, job, operator):
    job_id = job("failed")

    page = operator.post(f"/jobs/{job_id}/again", follow_redirects=True)

    assert "已重新排队" in page.text
    assert stored(app, job_id).state is JobState.WAITING


def test_a_job_is_given_up_with_its_reason(app, job, operator):
    job_id = job("failed")

    asked = operator.get(f"/jobs/{job_id}/give-up")
    page = operator.post(
        f"/jobs/{job_id}/give-up", data={"reason": "文件重复"}, follow_redirects=True
    )
    given_up = operator.get("/jobs?pile=given_up")

    assert "为什么放弃" in asked.text
    assert "已放弃，原因记下了" in page.text
    assert "放弃：文件重复" in given_up.text
    assert "运营小方 在" in given_up.text
    assert stored(app, job_id).state is JobState.DEAD


@pytest.mark.parametrize("reason", ["", "   ", "长" * 301])
def test_without_a_reason_nothing_is_given_up(app, job, operator, reason):
    job_id = job("failed")

    page = operator.post(f"/jobs/{job_id}/give-up", data={"reason": reason})

    assert page.status_code == 422
    assert "form-error" in page.text
    assert reason.strip() in page.text
    assert stored(app, job_id).given_up_at is None


def test_what_another_operator_has_decided_stays_decided(app, job, operator):
    job_id = job("failed")
    operator.post(f"/jobs/{job_id}/again")

    late = operator.post(f"/jobs/{job_id}/give-up", data={"reason": "重复"}, follow_redirects=True)
    later = operator.post(f"/jobs/{job_id}/again", follow_redirects=True)

    assert "已经不在" in late.text
    assert "已经不在" in later.text
    assert stored(app, job_id).state is JobState.WAITING


def test_it_is_told_when_nobody_works(app, operator):
    nobody = operator.get("/jobs").text
    with app.app_context(), unit_of_work():
        actions.beat(worker="w", at=clock.now())
    somebody = operator.get("/jobs").text

    assert "没有工作进程在运行" in nobody
    assert "1 个工作进程在运行" in somebody


@pytest.mark.parametrize("path", ["/admin", "/jobs", "/jobs/1/give-up"])
@pytest.mark.parametrize("who", ["dealer_a", "supplier_a", "consultant", "author"])
def test_these_pages_are_the_operators(who, path, cast, sign_in):
    assert sign_in(getattr(cast, who)).get(path).status_code == 403


def test_there_is_nothing_to_give_up_where_there_is_no_job(operator):
    assert operator.get("/jobs/999/give-up").status_code == 404
    assert "已经不在" in operator.post("/jobs/999/again", follow_redirects=True).text


def test_the_start_page_and_the_system_page_lead_there(job, operator):
    job("failed")

    assert "/jobs?pile=failed&amp;kind=orders.import" in operator.get("/").text
    assert "1 个没有做成" in operator.get("/admin").text


def test_the_list_asks_the_database_as_often_for_many_as_for_one(job, operator, count_queries):
    job("done")
    operator.get("/jobs?pile=done")
    with count_queries() as few:
        operator.get("/jobs?pile=done")
    for _ in range(10):
        job("done")
    with count_queries() as many:
        operator.get("/jobs?pile=done")

    assert len(many) == len(few)
