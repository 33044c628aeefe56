"""What stands around a lesson's text: film, changes, what to say, where to go when stuck."""

import pytest
from conftest import NOW
from learning.conftest import WRONG_ONE, write_filmed
from sqlalchemy import select

from courses.load import load_library
from portal.access import Role
from portal.catalog import actions as catalog
from portal.db import db, unit_of_work
from portal.feedback.models import Feedback
from portal.learning import actions, queries, versions
from portal.learning.models import LessonReport, WatchPosition
from portal.learning.rules import ReportState

COURSE = "/courses/trial-101"
# Where the database makes no difference.
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FILM = "/courses/filmed-101/film"


@pytest.fixture
def filmed(app, cast, tmp_path):
    """A published course with a film, in which dealer A is enrolled; its files are served."""
    folder = write_filmed(tmp_path / "served" / "courses")
    settings = app.extensions["tongtu.settings"]
    object.__setattr__(settings, "content_dir", folder.parent)
    with app.app_context(), unit_of_work():
        actions.publish(library=load_library(folder), at=NOW)
        actions.enrol(member=cast.dealer_a.member, slug="filmed-101", at=NOW)


def attempted(client, attempt, key):
    sent = attempt("one", key=key, **WRONG_ONE)
    data = {"key": sent.key, "asked": list(sent.asked), **sent.values}
    return client.post(f"{COURSE}/one", data=data)


@SQLITE
def test_it_comes_in_the_parts_that_the_browser_asks_for(cast, filmed, sign_in):
    client = sign_in(cast.dealer_a)
    film = "/courses/filmed-101/assets/a.webm"

    whole = client.get(film, buffered=True)
    part = client.get(film, buffered=True, headers={"Range": "bytes=100-199"})
    last = client.get(film, buffered=True, headers={"Range": "bytes=-8"})
    beyond = client.get(film, buffered=True, headers={"Range": "bytes=9999-"})
    again = client.get(film, buffered=True, headers={"If-None-Match": whole.headers["ETag"]})

    assert whole.status_code == 200
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert (part.status_code, part.data) == (206, whole.data[100:200])
    assert part.headers["Content-Range"] == "bytes 100-199/2048"
    assert last.data == whole.data[-8:]
    assert beyond.status_code == 416
    assert again.status_code == 304
    assert whole.headers["Cache-Control"].startswith("private")


@SQLITE
def test_the_page_has_the_film_with_its_captions(cast, filmed, sign_in):
    page = sign_in(cast.dealer_a).get(FILM).text

    assert '<source src="assets/a.webm" type="video/webm">' in page
    assert 'kind="captions" src="assets/a.zh-CN.vtt" srclang="zh-CN"' in page
    assert "视频 1:40，有字幕" in page


@SQLITE
def test_where_it_was_left_is_known_on_another_device(app, cast, filmed, sign_in):
    client = sign_in(cast.dealer_a)

    answers = [client.post(f"{FILM}/watched", data={"seconds": s}) for s in ("61", "73")]

    assert [each.status_code for each in answers] == [204, 204]
    assert 'data-watched="73"' in sign_in(cast.dealer_a).get(FILM).text
    with app.app_context():
        assert db.session.scalars(select(WatchPosition.seconds)).all() == [73]


@SQLITE
def test_who_saw_it_to_the_end_begins_anew(cast, filmed, sign_in):
    client = sign_in(cast.dealer_a)

    client.post(f"{FILM}/watched", data={"seconds": "5000"})

    assert 'data-watched="0"' in client.get(FILM).text


@SQLITE
@pytest.mark.parametrize("seconds", ["", "-1", "x", "1e9", "99999999999"])
def test_nonsense_is_refused(cast, filmed, sign_in, seconds):
    answer = sign_in(cast.dealer_a).post(f"{FILM}/watched", data={"seconds": seconds})

    assert answer.status_code == 400


@SQLITE
def test_who_has_not_enrolled_has_no_position(cast, filmed, sign_in):
    answer = sign_in(cast.dealer_b).post(f"{FILM}/watched", data={"seconds": "1"})

    assert answer.status_code == 404


@SQLITE
def test_a_lesson_without_a_film_has_none(cast, learn, sign_in):
    learn()

    answer = sign_in(cast.dealer_a).post(f"{COURSE}/one/watched", data={"seconds": "1"})

    assert answer.status_code == 404


@SQLITE
def test_a_lesson_with_a_film_costs_six_statements(cast, filmed, sign_in, count_queries):
    client = sign_in(cast.dealer_a)
    client.get(FILM)

    with count_queries() as asked:
        client.get(FILM)

    assert len(asked) <= 6


def test_a_report_reaches_the_author_with_the_version_that_was_read(app, cast, published, sign_in):
    client = sign_in(cast.dealer_a)

    client.post(f"{COURSE}/one/report", data={"text": "第二段的数是去年的，今年改成 45 天"})

    with app.app_context():
        row = db.session.scalars(select(LessonReport)).one()
        assert row.lesson_id == "trial-101/one"
        assert row.course_version_id == versions.current_of("trial-101").id
        assert row.person_id == cast.dealer_a.person_id
        assert row.state == ReportState.OPEN
    to_answer = sign_in(cast.author).get("/teaching/reports").text
    assert "第二段的数是去年的" in to_answer


def test_a_report_of_a_word_comes_back_with_what_was_typed(app, cast, published, sign_in):
    answer = sign_in(cast.dealer_a).post(f"{COURSE}/one/report", data={"text": "错了"})

    assert answer.status_code == 422
    assert "请写 5 到 1000 个字" in answer.text
    assert ">错了</textarea>" in answer.text
    with app.app_context():
        assert db.session.scalars(select(LessonReport)).all() == []


def test_who_is_moved_is_told_what_changed_until_they_say_so(
    app, cast, learn, sign_in, change, write_lesson, moment_of
):
    learn("one")
    client = sign_in(cast.dealer_a)
    with app.app_context(), unit_of_work():
        edited = change(three=write_lesson(name="three", text="改过的正文。"))
        actions.publish(library=edited, at=moment_of(60))

    told = client.get(COURSE).text
    client.post(f"{COURSE}/seen")
    after = client.get(COURSE).text

    assert "这门课更新了" in told
    assert f'<a href="{COURSE}/three">课时 three</a>' in told
    assert "已完成 1 / 3 课" in told
    assert "这门课更新了" not in after


def test_a_newer_version_put_off_is_not_offered_again_but_the_one_after_it_is(
    app, cast, learn, sign_in, change, write_lesson, moment_of
):
    learn("one")
    client = sign_in(cast.dealer_a)

    def publish(**files):
        with app.app_context(), unit_of_work():
            actions.publish(library=change(**files), at=moment_of(60))
        return client.get(COURSE).text

    offered = publish(four=write_lesson(name="four"))
    client.post(f"{COURSE}/seen")
    put_off = client.get(COURSE).text
    again = publish(four=write_lesson(name="four"), five=write_lesson(name="five"))

    assert "先不换" in offered
    assert "这门课出了新版本" not in put_off
    assert "新增：课时 four、课时 five" in "".join(again.split("\n")).replace("  ", "")


def test_who_fails_twice_is_led_to_a_consultant_who_sees_what_was_wrong(
    app, cast, learn, sign_in, attempt
):
    learn()
    client = sign_in(cast.dealer_a)
    attempted(client, attempt, "failing-0001")
    once = client.get(f"{COURSE}/one").text
    attempted(client, attempt, "failing-0002")
    twice = client.get(f"{COURSE}/one").text

    assert "预约顾问" not in once
    assert "/booking?lesson=trial-101/one&amp;topic=" in twice
    with app.app_context():
        trouble = queries.trouble_of(
            person_id=cast.dealer_a.person_id, lesson_id="trial-101/one", language="zh-CN"
        )
        other = queries.trouble_of(
            person_id=cast.dealer_b.person_id, lesson_id="trial-101/one", language="zh-CN"
        )
    assert (trouble.lesson_title, trouble.attempts, trouble.passed) == ("课时 one", 2, False)
    assert [item.answered for item in trouble.items] == ["百分比", "你写的：27", "看一天"]
    assert other is None


@SQLITE
def test_feedback_from_a_lesson_knows_the_lesson_its_version_and_its_product(
    app, cast, filmed, sign_in
):
    with app.app_context(), unit_of_work():
        category = catalog.add_category(code="game", name_zh="游戏点券", name_en="Game credit")
        product = catalog.add_product(
            supplier_id=cast.supplier_a.organisation_id,
            category_id=category.id,
            code="recharge-30",
            name_zh="点券 30 元",
            name_en="Credit 30",
        )
        product_id, version = product.id, versions.current_of("filmed-101").version
    client = sign_in(cast.dealer_a)
    address = f"/feedback/new?lesson=filmed-101/film&version={version}&code=recharge-30"

    lesson, form = client.get(FILM).text, client.get(address).text
    data = {"product": product_id, "text": "晚上八九点到账要半个小时", "version": version}
    sent = client.post("/feedback/new", data={**data, "lesson": "filmed-101/film"})
    forged = client.post("/feedback/new", data={**data, "lesson": "<b>"})

    assert address.replace("&", "&amp;") in lesson
    assert "反馈这个商品" in lesson
    assert f'value="{product_id}" selected' in form
    assert 'name="lesson" type="hidden" value="filmed-101/film"' in form
    assert (sent.status_code, forged.status_code) == (302, 422)
    with app.app_context():
        [given] = db.session.scalars(select(Feedback)).all()
        assert (given.lesson_id, given.course_version) == ("filmed-101/film", version)
    assert "在这一课里提的" in client.get(sent.headers["Location"].removesuffix("/sent")).text
    inbox = sign_in(cast.supplier_a).get(f"/feedback/inbox/{given.public_id}").text
    assert "学课程时提的：filmed-101/film" in inbox


@SQLITE
def test_the_worker_may_serve_all_courses_and_names_files_by_their_content(cast, client):
    answer = client.get("/courses/worker.js")

    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/courses"
    assert answer.text.count("?v=") >= 7
    assert "{{" not in answer.text


@SQLITE
def test_a_page_says_for_whom_it_is_and_only_a_learners_may_be_kept(cast, published, sign_in):
    own = sign_in(cast.dealer_a).get(f"{COURSE}/one")
    other = sign_in(cast.dealer_b).get(f"{COURSE}/one")
    author = sign_in(cast.author).get(f"{COURSE}/one")
    mark = own.headers["X-Tongtu-Person"]

    assert f'data-person="{mark}"' in own.text
    assert other.headers["X-Tongtu-Person"] != mark
    assert cast.author.member.role is Role.AUTHOR
    assert "X-Tongtu-Person" not in author.headers


@SQLITE
def test_who_is_signed_in_is_told_with_a_token(cast, client, sign_in):
    nobody = client.get("/courses/offline.json").json
    somebody = sign_in(cast.dealer_a).get("/courses/offline.json").json

    assert nobody["person"] is None
    assert len(somebody["person"]) == 24
    assert somebody["token"]


@pytest.fixture
def client(app):
    """A visitor who is not signed in."""
    return app.test_client()
