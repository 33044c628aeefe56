"""Questions of learners about a lesson: kept, shown to who asked, taken back, nobody else's."""

import pytest
from conftest import NOW
from learning.conftest import work_in, write_course
from rows import all_of
from sqlalchemy import select

from courses.load import load_library
from portal import tenancy
from portal.db import db
from portal.learning import actions as learning
from portal.privacy import erasing
from portal.questions import actions, rules
from portal.questions.models import LessonQuestion

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
COURSE = "trial-101"
LESSON = f"/courses/{COURSE}/one"
OF_LESSON = f"/courses/questions/of-lesson/{COURSE}/one"
MINE = "/courses/questions"
TEXT = "点卡的间隔\n也按 30 天算吗？"


@pytest.fixture
def course(app, tmp_path):
    with work_in(app):
        learning.publish(library=load_library(write_course(tmp_path / "content")), at=NOW)


@pytest.fixture
def question(app, cast, course):
    """A question of dealer A's about the first lesson; its id."""
    return ask(app, cast.dealer_a.member)


def ask(app, member, *, text=TEXT):
    with work_in(app):
        return actions.ask(member=member, slug=COURSE, name="one", text=text, at=NOW).id


def questions(app):
    with work_in(app):
        return all_of(LessonQuestion)


def test_a_question_is_kept_and_shown_to_who_asked_with_what_it_waits_for(
    app, cast, course, sign_in
):
    client = sign_in(cast.dealer_a)
    assert "还没有提问" in client.get(MINE).text
    answer = client.post(OF_LESSON, data={"question": TEXT})
    assert answer.status_code == 303
    assert [each.text for each in questions(app)] == [TEXT]
    lesson = client.get(answer.location).text
    assert "有了回答会通知你" in lesson
    assert 'data-draft-done="question-' in lesson
    for page in (client.get(OF_LESSON).text, client.get(MINE).text):
        assert TEXT in page
        assert "等作者回答" in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "还没有写问题", id="empty"),
        pytest.param("字" * 1001, "最多 1000 个字", id="long"),
    ],
)
def test_a_question_that_is_refused_stays_in_the_field(app, cast, course, sign_in, text, said):
    answer = sign_in(cast.dealer_a).post(OF_LESSON, data={"question": text})
    assert answer.status_code == 422
    assert said in answer.text
    assert text in answer.text
    assert questions(app) == []


def test_who_waits_for_many_answers_asks_no_more_and_keeps_the_words(app, cast, course, sign_in):
    numbers = [ask(app, cast.dealer_a.member, text=f"第 {n} 问") for n in range(rules.MAX_OPEN)]
    client = sign_in(cast.dealer_a)
    refused = client.post(OF_LESSON, data={"question": "再问一句"})
    assert refused.status_code == 422
    assert "再问一句" in refused.text
    assert "还在等回答" in refused.text
    client.post(f"{MINE}/{numbers[0]}/withdraw")
    assert client.post(OF_LESSON, data={"question": "再问一句"}).status_code == 303


def test_a_question_that_is_taken_back_leaves_no_words(app, cast, question, sign_in):
    client = sign_in(cast.dealer_a)
    answer = client.post(f"{MINE}/{question}/withdraw?from=lesson")
    assert answer.location == f"{LESSON}#questions"
    assert "点卡的间隔" not in client.get(MINE).text
    assert "点卡的间隔" not in client.get(OF_LESSON).text
    assert [each.text for each in questions(app)] == [""]
    assert client.post(f"{MINE}/{question}/withdraw").status_code == 404


def test_nobody_else_sees_a_question_or_takes_it_back(app, cast, question, sign_in):
    for other in (cast.dealer_clerk, cast.dealer_b, cast.supplier_a, cast.consultant):
        client = sign_in(other)
        assert client.post(f"{MINE}/{question}/withdraw").status_code in (403, 404)
        for page in (MINE, OF_LESSON):
            assert "点卡的间隔" not in client.get(page).text
    assert [each.text for each in questions(app)] == [TEXT]


@pytest.mark.usefixtures("question")
def test_not_even_a_query_without_a_tenant_gives_out_a_colleagues_question(app, cast, as_deployed):
    for member, seen in (
        (cast.dealer_clerk.member, 0),
        (cast.dealer_a.member, 1),
    ):  # and the control
        with app.app_context():
            tenancy.enter(member)
            assert len(db.session.scalars(select(LessonQuestion)).all()) == seen


def test_who_is_forgotten_leaves_no_words_of_their_questions(app, cast, question):
    with work_in(app):
        erasing.erase(person_id=cast.dealer_a.person_id, at=NOW)
    assert [each.text for each in questions(app)] == [""]


def test_only_a_dealer_is_offered_to_ask(cast, course, sign_in):
    assert "问作者" in sign_in(cast.dealer_a).get(LESSON).text
    assert "问作者" not in sign_in(cast.consultant).get(LESSON).text
