"""An owner sees progress and no answers, asks for a course once, and takes it back."""

from datetime import timedelta

import time_machine
from conftest import NOW
from rows import all_of

from courses.path import LearningPath
from portal.db import unit_of_work
from portal.learning import path_publishing
from portal.teaching.models import CourseAssignment

SLUG = "trial-101"
DUE = {"course": SLUG, "due_on": "2026-12-01"}


def assign(owner, cast, **changes):
    return owner.post(f"/team/{cast.dealer_clerk.person_id}/assign", data=DUE | changes)


def test_the_owner_sees_the_staff_and_nobody_elses(app, cast, learn, sign_in):
    learn("one", actor=cast.dealer_clerk)
    learn("one", "two", actor=cast.dealer_b)
    owner = sign_in(cast.dealer_a)

    team = owner.get("/team").text
    member = owner.get(f"/team/{cast.dealer_clerk.person_id}").text

    assert "店员阿豆" in team
    assert "陈成" not in team
    assert "完成 1 / 3 课" in member
    assert "q-one" not in member
    assert owner.get(f"/team/{cast.dealer_b.person_id}").status_code == 404
    assert sign_in(cast.dealer_clerk).get("/team").status_code == 403


def test_a_clerk_sees_the_own_progress_and_what_the_owner_sees(app, cast, learn, sign_in):
    learn("one", actor=cast.dealer_clerk)
    learn("one", "two", "three", actor=cast.dealer_a)

    clerk = sign_in(cast.dealer_clerk).get("/my-learning").text

    assert "完成 1 课，学完 0 门" in clerk
    assert "看不到你的答案" in clerk
    assert "看不到你的答案" not in sign_in(cast.dealer_a).get("/my-learning").text


def test_paths_are_shown_to_who_is_on_them_and_to_the_owner(app, cast, learn, sign_in):
    learn("one", "two", "three", actor=cast.dealer_clerk)
    given = LearningPath(
        id="start-here",
        title={"zh-CN": "新手路径"},
        summary={"zh-CN": "从这里开始"},
        courses=(SLUG, "never-offered-101"),
        ordered=True,
    )
    with app.app_context(), unit_of_work():
        path_publishing.publish(paths=[given], at=NOW)

    clerk = sign_in(cast.dealer_clerk).get("/my-learning").text
    owner = sign_in(cast.dealer_a)
    member = owner.get(f"/team/{cast.dealer_clerk.person_id}").text

    assert "学完 1 / 1 门" in clerk
    assert 'href="/courses/paths/start-here"' in clerk
    assert "学完 1 / 1 门" in member
    assert 'href="/courses/paths/start-here"' not in member  # that page would show the owner's own
    assert "新手路径" not in owner.get("/my-learning").text


@time_machine.travel(NOW, tick=True)
def test_an_assignment_reaches_the_clerk_once_and_can_be_taken_back(app, cast, published, sign_in):
    owner, clerk = sign_in(cast.dealer_a), sign_in(cast.dealer_clerk)

    first, again = assign(owner, cast), assign(owner, cast)
    home, notices = clerk.get("/").text, clerk.get("/notices").text
    with app.app_context():
        (row,) = all_of(CourseAssignment)
        number = row.id
    foreign = sign_in(cast.dealer_b).post(f"/team/assignments/{number}/withdraw")
    taken_back = owner.post(f"/team/assignments/{number}/withdraw")

    assert (first.status_code, again.status_code) == (303, 422)
    assert "老板安排" in home
    assert "老板安排你学“课程 trial-101”" in notices
    assert (foreign.status_code, taken_back.status_code) == (404, 303)
    assert "老板安排" not in clerk.get("/").text


@time_machine.travel(NOW, tick=True)
def test_a_day_gone_by_and_a_course_that_is_not_are_refused_and_stay_typed(
    app, cast, published, sign_in
):
    owner = sign_in(cast.dealer_a)
    yesterday = (NOW - timedelta(days=1)).date().isoformat()

    late, unknown = assign(owner, cast, due_on=yesterday), assign(owner, cast, course="nothing")

    assert (late.status_code, unknown.status_code) == (422, 422)
    assert "选今天或以后的日子" in late.text
    assert f'value="{yesterday}"' in late.text


@time_machine.travel(NOW, tick=True)
def test_who_has_completed_a_course_is_not_asked_for_it(app, cast, learn, sign_in):
    learn("one", "two", "three", actor=cast.dealer_clerk)

    refused = assign(sign_in(cast.dealer_a), cast)

    assert refused.status_code == 422
