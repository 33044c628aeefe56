"""The pages of the courses: who may open them, what they show, and that they work by form alone."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import event, func, select

from portal.db import db, unit_of_work
from portal.learning import actions
from portal.learning.models import LearningEvent

COURSE = "/courses/trial-101"


def sent(attempt, name="one", **values):
    """Return a quiz's form as a browser would send it."""
    answers = attempt(name, **values)
    return {"key": answers.key, "asked": list(answers.asked), **answers.values}


def enrolled(client):
    client.post(f"{COURSE}/enrol")
    return client


@pytest.fixture
def statements(app):
    """The SQL statements that ran since the test began; clear it before what is measured."""
    seen = []

    def remember(_connection, _cursor, statement, *_):
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", remember)
    yield seen
    event.remove(engine, "before_cursor_execute", remember)


@pytest.mark.parametrize("who", ["dealer_a", "consultant", "operator", "author"])
@pytest.mark.parametrize("path", ["/courses", COURSE, f"{COURSE}/one"])
def test_dealers_and_the_alliance_may_look(cast, published, sign_in, who, path):
    assert sign_in(getattr(cast, who)).get(path).status_code == 200


@pytest.mark.parametrize("path", ["/courses", COURSE, f"{COURSE}/one"])
def test_a_supplier_may_not(cast, published, sign_in, path):
    assert sign_in(cast.supplier_a).get(path).status_code == 403


@pytest.mark.parametrize("step", ["enrol", "one/open", "one/read", "one"])
@pytest.mark.parametrize("who", ["consultant", "operator", "author"])
def test_only_dealers_learn(cast, published, sign_in, who, step):
    assert sign_in(getattr(cast, who)).post(f"{COURSE}/{step}").status_code == 403


@pytest.mark.parametrize("path", ["/courses/nothing", f"{COURSE}/nothing", "/courses/nothing/one"])
def test_what_does_not_exist_is_not_found(cast, published, sign_in, path):
    assert sign_in(cast.dealer_a).get(path).status_code == 404


def test_without_courses_the_page_says_so(cast, sign_in):
    assert "课程还在准备" in sign_in(cast.dealer_a).get("/courses").text


def test_starting_leads_to_the_first_lesson_and_the_card_then_says_go_on(cast, published, sign_in):
    client = sign_in(cast.dealer_a)

    before = client.get("/courses").text
    answer = client.post(f"{COURSE}/enrol")
    after = client.get("/courses").text

    assert "开始学习" in before
    assert answer.headers["Location"] == f"{COURSE}/one"
    assert "继续学习" in after
    assert "已完成 0 / 3 课" in after


def test_who_starts_from_a_lesson_stays_in_it(cast, published, sign_in):
    client = sign_in(cast.dealer_a)

    answer = client.post(f"{COURSE}/enrol", data={"lesson": "two"})

    assert answer.headers["Location"] == f"{COURSE}/two"


def test_another_lesson_than_the_courses_own_leads_to_the_first(cast, published, sign_in):
    answer = sign_in(cast.dealer_a).post(f"{COURSE}/enrol", data={"lesson": "../../x"})

    assert answer.headers["Location"] == f"{COURSE}/one"


@pytest.mark.parametrize("step", ["one/open", "one/read", "one"])
def test_anothers_enrolment_is_not_found(app, cast, published, sign_in, attempt, step):
    enrolled(sign_in(cast.dealer_a))

    answer = sign_in(cast.dealer_b).post(f"{COURSE}/{step}", data=sent(attempt))

    assert answer.status_code == 404
    with app.app_context():
        assert db.session.scalar(select(func.count(LearningEvent.id))) == 0
    assert sign_in(cast.dealer_b).get(f"{COURSE}/complete").status_code == 404


def test_answers_are_marked_at_once_in_words_and_the_next_lesson_is_offered(
    cast, published, sign_in, attempt
):
    client = enrolled(sign_in(cast.dealer_a))
    values = {"q-one-single": ["0"], "q-one-numeric": ["27"], "q-one-multiple": ["0", "1"]}

    answer = client.post(f"{COURSE}/one", data=sent(attempt, **values))
    page = client.get(answer.headers["Location"]).text

    assert answer.status_code == 303
    assert "通过了。这次 3 题答对 2 题。" in page
    assert "选对了" in page
    assert "你写的：27" in page
    assert "正确答案：45（44.5 到 45.5 都算对）" in page
    assert "还要除以 60。" in page  # why 27 is wrong
    assert "先数人。" in page  # the explanation
    assert f'action="{COURSE}/two/open"' in page


def test_each_kind_of_question_can_be_answered_and_is_marked(cast, published, sign_in, attempt):
    client = enrolled(sign_in(cast.dealer_a))
    values = {
        "q-two-truth": ["true"],
        "q-two-words": ["新客"],
        "q-two-match-0": ["1"],
        "q-two-match-1": ["1"],
    }

    client.post(f"{COURSE}/two", data=sent(attempt, "two", **values))
    page = client.get(f"{COURSE}/two").text

    assert "要看 90 天。" in page
    assert "可以这样写：活跃 / 活跃买家" in page
    assert "你选的：去查原因" in page
    assert "应选：继续做" in page
    assert "对了一部分" in page
    assert "再答一次" in page


def test_an_incomplete_attempt_keeps_what_was_filled_in(cast, published, sign_in, attempt):
    client = enrolled(sign_in(cast.dealer_a))
    values = {"q-one-numeric": ["四十五"], "q-one-multiple": ["1"]}

    answer = client.post(f"{COURSE}/one", data=sent(attempt, **values))

    assert answer.status_code == 422
    assert "还有 2 题没有答完" in answer.text
    assert 'value="四十五"' in answer.text
    assert re.search(r'name="q-one-multiple" value="1" checked', answer.text)
    assert "这一题还没有答" in answer.text
    assert "请只填数字" in answer.text


def test_after_the_refusal_the_same_form_can_be_completed(cast, published, sign_in, attempt):
    client = enrolled(sign_in(cast.dealer_a))
    refused = client.post(f"{COURSE}/one", data=sent(attempt, **{"q-one-single": ["0"]}))
    key = re.search(r'name="key" value="([^"]+)"', refused.text)[1]

    answer = client.post(f"{COURSE}/one", data={**sent(attempt), "key": key})

    assert answer.status_code == 303


def test_a_retry_asks_only_what_is_not_right_yet(cast, published, sign_in, attempt):
    client = enrolled(sign_in(cast.dealer_a))
    values = {"q-one-single": ["0"], "q-one-numeric": ["27"], "q-one-multiple": ["2"]}
    client.post(f"{COURSE}/one", data=sent(attempt, **values))

    page = client.get(f"{COURSE}/one?again=1").text

    assert re.findall(r'name="asked" value="([^"]+)"', page) == ["one-numeric", "one-multiple"]


def test_a_form_without_its_key_is_refused(cast, published, sign_in, attempt):
    client = enrolled(sign_in(cast.dealer_a))

    answer = client.post(f"{COURSE}/one", data={**sent(attempt), "key": "short"})

    assert answer.status_code == 400


def test_questions_of_another_lesson_are_not_found(cast, published, sign_in, attempt):
    client = enrolled(sign_in(cast.dealer_a))

    assert client.post(f"{COURSE}/two", data=sent(attempt)).status_code == 404


def test_what_was_typed_is_shown_as_text(cast, published, sign_in, attempt):
    client = enrolled(sign_in(cast.dealer_a))
    hostile = "<script>alert(1)</script>"
    values = {
        "q-two-truth": ["true"],
        "q-two-words": [hostile],
        "q-two-match-0": ["0"],
        "q-two-match-1": ["1"],
    }

    client.post(f"{COURSE}/two", data=sent(attempt, "two", **values))
    page = client.get(f"{COURSE}/two").text

    assert hostile not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_completed_course_says_what_to_do_next(cast, learn, sign_in):
    learn("one", "two", "three")
    client = sign_in(cast.dealer_a)

    page = client.get(f"{COURSE}/complete").text

    assert "学完了" in page
    assert "做 two 这件事" in page
    assert f'href="{COURSE}/complete"' in client.get(f"{COURSE}/three").text


def test_the_completion_page_waits_for_completion(cast, learn, sign_in):
    learn("one")

    answer = sign_in(cast.dealer_a).get(f"{COURSE}/complete")

    assert (answer.status_code, answer.headers["Location"]) == (302, COURSE)


def test_a_lesson_without_a_quiz_is_done_when_read(cast, published, sign_in):
    client = enrolled(sign_in(cast.dealer_a))

    client.post(f"{COURSE}/three/read")

    assert "已完成 1 / 3 课" in client.get(f"{COURSE}/three").text


def test_an_english_reader_is_told_where_english_is_absent(cast, published, sign_in):
    client = enrolled(sign_in(cast.dealer_a))

    page = client.get(f"{COURSE}/one", headers={"Accept-Language": "en"}).text

    assert 'class="card-body prose lesson-text" lang="zh-CN"' in page
    assert "note-info" in page
    assert "note-info" not in client.get(f"{COURSE}/one").text


def test_those_who_only_look_see_the_key_and_no_form(cast, published, sign_in):
    page = sign_in(cast.author).get(f"{COURSE}/one").text

    assert "正确答案：45" in page
    assert "该选这个" in page
    assert 'name="asked"' not in page
    # What one can send is a report to the author, and nothing else.
    assert page.count(f'action="{COURSE}') == page.count(f'action="{COURSE}/one/report"') == 1


def test_the_catalogue_costs_as_many_queries_for_four_courses_as_for_one(
    app, cast, learn, sign_in, statements, four_courses, moment_of
):
    learn("one")
    client = sign_in(cast.dealer_a)

    def cost():
        client.get("/courses")  # the first visit reads the versions, once per process
        statements.clear()
        assert client.get("/courses").status_code == 200
        return len(statements)

    with_one = cost()
    with app.app_context(), unit_of_work():
        actions.publish(library=four_courses, at=moment_of(0))
        for number in (2, 3):
            actions.enrol(member=cast.dealer_a.member, slug=f"trial-10{number}", at=moment_of(0))
    with_four = cost()

    assert with_four == with_one
    assert with_four <= 10


def test_a_lesson_costs_few_queries(cast, learn, sign_in, statements):
    learn("one", "two")
    client = sign_in(cast.dealer_a)
    client.get(f"{COURSE}/one")
    statements.clear()

    client.get(f"{COURSE}/one")

    # BEGIN, the sign-in, the version with the enrolment, the events, the count of notices.
    assert len(statements) <= 6


@pytest.mark.parametrize(
    "path", ["/courses/%00", f"{COURSE}/%00", f"{COURSE}/..%2fone", "/courses/A"]
)
def test_a_name_that_no_course_can_have_is_not_found(cast, published, sign_in, path):
    assert sign_in(cast.dealer_a).get(path).status_code == 404


def test_hostile_values_are_graded_as_wrong_and_kept_within_bounds(
    cast, published, sign_in, attempt
):
    client = enrolled(sign_in(cast.dealer_a))
    values = {
        "q-two-truth": ["true", "false"] * 500,
        "q-two-words": ["\x01\ud7ff" + "长" * 100_000],
        "q-two-match-0": ["1", "-1", "1e9"],
        "q-two-match-1": ["0"],
        "q-unknown": ["x"],
    }

    answer = client.post(f"{COURSE}/two", data=sent(attempt, "two", **values))
    page = client.get(f"{COURSE}/two")

    assert answer.status_code == 303
    assert page.status_code == 200
    assert len(page.data) < 30_000


def test_a_picture_of_a_course_is_sent_and_nothing_above_its_folder(
    app, cast, published, sign_in, write_content
):
    content = write_content()
    pictures = content / "courses" / "trial-101" / "assets"
    pictures.mkdir()
    (pictures / "a.png").write_bytes(b"\x89PNG")
    settings = app.extensions["tongtu.settings"]
    app.extensions["tongtu.settings"] = replace(settings, content_dir=content)
    client = sign_in(cast.dealer_a)

    with client.get(f"{COURSE}/assets/a.png") as picture:
        assert picture.data == b"\x89PNG"
    assert client.get(f"{COURSE}/assets/../course.yaml").status_code == 404
    assert client.get(f"{COURSE}/assets/%2e%2e/course.yaml").status_code == 404
    assert sign_in(cast.supplier_a).get(f"{COURSE}/assets/a.png").status_code == 403


def test_a_learner_may_choose_the_newer_version_and_keeps_what_is_done(
    app, cast, learn, sign_in, change, write_lesson, moment_of
):
    learn("one")
    client = sign_in(cast.dealer_a)
    before = client.get(COURSE).text
    with app.app_context(), unit_of_work():
        actions.publish(library=change(four=write_lesson(name="four")), at=moment_of(60))

    offered = client.get(COURSE).text
    client.post(f"{COURSE}/renew")
    after = client.get(COURSE).text

    assert "这门课出了新版本" not in before
    assert "新增：课时 four" in offered
    assert "已完成的 1 课照样算完成" in offered
    assert "去掉" not in offered
    assert "已完成 1 / 4 课" in after
    assert "这门课出了新版本" not in after
    assert "这门课更新了" in after


def test_who_has_completed_a_course_is_neither_offered_nor_moved_to_a_newer_version(
    app, cast, learn, sign_in, change, write_lesson, moment_of
):
    learn("one", "two", "three")
    client = sign_in(cast.dealer_a)
    with app.app_context(), unit_of_work():
        actions.publish(library=change(four=write_lesson(name="four")), at=moment_of(60))

    client.post(f"{COURSE}/renew")
    page = client.get(COURSE).text

    assert "这门课出了新版本" not in page
    assert "已完成 3 / 3 课" in page


def test_who_has_not_enrolled_cannot_move_to_another_version(cast, published, sign_in):
    assert sign_in(cast.dealer_b).post(f"{COURSE}/renew").status_code == 404


def test_after_two_failed_attempts_a_consultant_is_offered(
    app, cast, published, sign_in, attempt, wrong_one
):
    client = enrolled(sign_in(cast.dealer_a))

    def fail(number):
        form = sent(attempt, key=f"attempt-000{number}", **wrong_one)
        client.post(f"{COURSE}/one", data=form)
        return "卡在这里了" in client.get(f"{COURSE}/one").text

    assert [fail(1), fail(2)] == [False, "booking.index" in app.view_functions]
