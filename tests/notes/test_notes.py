"""A learner's notes: written, changed, deleted, taken back, taken away, and nobody else's."""

from datetime import timedelta

import pytest
from conftest import NOW
from learning.conftest import work_in, write_course
from rows import all_of
from sqlalchemy import select

from courses.load import Library, load_library
from portal import tenancy
from portal.db import db
from portal.learning import actions as learning
from portal.notes import actions, rules
from portal.notes.models import LessonNote

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
COURSE = "trial-101"
LESSON = f"/courses/{COURSE}/one"
OF_LESSON = f"/courses/notes/of-lesson/{COURSE}/one"
TEXT = "先给 30 天没来的老客发券，\n周五晚上再看。"


@pytest.fixture
def course(app, tmp_path):
    with work_in(app):
        learning.publish(library=load_library(write_course(tmp_path / "content")), at=NOW)


@pytest.fixture
def note(app, cast, course):
    """A note of dealer A's on the first lesson; its id."""
    return write(app, cast.dealer_a.member)


def write(app, member, *, name="one", text=TEXT, at=NOW):
    with work_in(app):
        return actions.write(member=member, slug=COURSE, name=name, text=text, at=at).id


def notes(app):
    with work_in(app):
        return all_of(LessonNote)


def test_a_note_is_kept_as_it_was_written_and_shown_on_its_lesson(app, cast, course, sign_in):
    client = sign_in(cast.dealer_a)
    answer = client.post(OF_LESSON, data={"note": TEXT})
    assert answer.status_code == 303
    assert [each.text for each in notes(app)] == [TEXT]
    lesson = client.get(answer.location).text
    assert "笔记记下了" in lesson
    assert "data-draft-done" in lesson
    assert "data-draft-done" not in client.get(LESSON).text
    assert TEXT in client.get(OF_LESSON).text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "还没有写内容", id="empty"),
        pytest.param("字" * 2001, "最多 2000 个字", id="long"),
    ],
)
def test_a_note_that_is_refused_stays_in_the_field(app, cast, course, sign_in, text, said):
    answer = sign_in(cast.dealer_a).post(OF_LESSON, data={"note": text})
    assert answer.status_code == 422
    assert said in answer.text
    assert text in answer.text
    assert notes(app) == []


def test_nobody_else_reads_or_changes_a_note(cast, note, sign_in):
    for other in (cast.dealer_b, cast.operator):
        client = sign_in(other)
        assert client.get(f"/courses/notes/{note}").status_code in (403, 404)
        assert client.post(f"/courses/notes/{note}/delete").status_code in (403, 404)
    assert "老客发券" not in sign_in(cast.dealer_b).get("/courses/notes").text
    assert "老客发券" not in sign_in(cast.dealer_b).get("/courses/notes.md").text


@pytest.mark.usefixtures("note")
def test_not_even_a_query_without_a_tenant_gives_out_a_colleagues_note(app, cast, as_deployed):
    for member, seen in (
        (cast.dealer_clerk.member, 0),
        (cast.dealer_a.member, 1),
    ):  # and the control
        with app.app_context():
            tenancy.enter(member)
            assert len(db.session.scalars(select(LessonNote)).all()) == seen


def test_a_note_is_changed_and_says_so(app, cast, note, sign_in):
    client = sign_in(cast.dealer_a)
    assert "先给 30 天没来的老客" in client.get(f"/courses/notes/{note}").text
    assert client.post(f"/courses/notes/{note}", data={"note": "改成周六"}).status_code == 303
    assert [each.text for each in notes(app)] == ["改成周六"]
    assert "改过" in client.get("/courses/notes").text


def test_a_deleted_note_is_gone_until_it_is_taken_back(cast, note, sign_in):
    client = sign_in(cast.dealer_a)
    page = client.get(client.post(f"/courses/notes/{note}/delete").location).text
    kept, _, gone = page.partition("删掉的笔记（1）")
    assert "撤销" in kept
    assert "老客发券" not in kept
    assert "老客发券" in gone
    assert "老客发券" not in client.get("/courses/notes.md").text
    for _twice in range(2):
        assert client.post(f"/courses/notes/{note}/restore").status_code == 303
    assert "老客发券" in client.get("/courses/notes").text


def test_a_note_deleted_thirty_days_ago_is_erased_and_a_later_one_is_not(app, cast, note):
    member = cast.dealer_a.member
    later = write(app, member, text="晚一天删的")
    other = write(app, member, text="没有删的")
    end = NOW + rules.KEPT_AFTER_DELETION
    with work_in(app):
        actions.remove(member=member, note_id=note, at=NOW)
        actions.remove(member=member, note_id=later, at=NOW + timedelta(days=1))
        with pytest.raises(actions.NoSuchNote):
            actions.take_back(member=member, note_id=note, at=end)
        actions.purge(at=end)
    assert {each.id for each in notes(app)} == {later, other}


def test_notes_stand_in_the_order_of_the_lessons_and_are_found_by_a_word(app, cast, note, sign_in):
    member = cast.dealer_a.member
    write(app, member, name="two", text="第二课的 100%", at=NOW - timedelta(days=1))
    client = sign_in(cast.dealer_a)
    page = client.get("/courses/notes").text
    assert page.index("老客发券") < page.index("第二课的")
    found = client.get("/courses/notes?q=100%25").text
    assert "第二课的" in found
    assert "老客发券" not in found
    assert "没有找到" in client.get("/courses/notes?q=_").text


def test_the_file_holds_every_line_of_a_note_inside_a_quotation(app, cast, note, sign_in):
    write(app, cast.dealer_a.member, text="# 不是标题\n- 也不是清单")
    answer = sign_in(cast.dealer_a).get("/courses/notes.md")
    assert answer.mimetype == "text/markdown"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "> # 不是标题\n> - 也不是清单" in answer.text
    assert "> 周五晚上再看。" in answer.text


def test_a_note_stays_when_its_course_is_taken_off(app, cast, note, sign_in):
    with work_in(app):
        learning.publish(library=Library(courses=(), findings=()), at=NOW + timedelta(days=1))
    page = sign_in(cast.dealer_a).get("/courses/notes").text
    assert "老客发券" in page
    assert "已下架" in page


def test_a_lesson_takes_no_more_notes_than_its_page_shows(app, cast, course, sign_in):
    for number in range(rules.MAX_PER_LESSON):
        write(app, cast.dealer_a.member, text=f"第 {number} 条")
    answer = sign_in(cast.dealer_a).post(OF_LESSON, data={"note": "再来一条"})
    assert answer.status_code == 422
    assert "再来一条" in answer.text
    assert "先删掉几条" in answer.text


def test_only_a_dealer_is_offered_notes(cast, course, sign_in):
    assert "写笔记" in sign_in(cast.dealer_a).get(LESSON).text
    assert "写笔记" not in sign_in(cast.operator).get(LESSON).text
