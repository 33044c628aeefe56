"""Publishing in the portal: what was looked at is published, nothing else, and nobody loses."""

import threading
from dataclasses import replace

import pytest
from conftest import NOW
from rows import all_of

from courses.load import load_library
from portal import tenancy
from portal.db import unit_of_work
from portal.learning import actions as learning
from portal.learning import versions
from portal.learning.models import Enrolment
from portal.teaching.queries import drafts

SLUG = "trial-101"


@pytest.fixture
def folder(app, tmp_path, library):
    """The portal's content folder, holding the course; it is this test's own."""
    values = app.extensions["tongtu.settings"]
    app.extensions["tongtu.settings"] = replace(values, content_dir=tmp_path / "site")
    (tmp_path / "content").rename(tmp_path / "courses-before")
    (tmp_path / "site").mkdir()
    (tmp_path / "courses-before").rename(tmp_path / "site" / "courses")
    return tmp_path / "site" / "courses"


def edit(folder, old: str, new: str) -> None:
    path = next(folder.glob(f"{SLUG}/030-*.md"))
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def seen(app, folder) -> str:
    with app.app_context():
        return drafts.read(folder, today=NOW.date()).digest


def test_an_author_sees_what_a_change_does_and_publishes_it(app, cast, learn, sign_in, folder):
    learn("one")
    edit(folder, "正文。", "改过的正文。")
    author = sign_in(cast.author)

    before = author.get("/teaching/publish").text
    answer = author.post("/teaching/publish", data={"seen": seen(app, folder)})
    after = author.get("/teaching/publish").text

    assert "改写课时：《课时 three》" in before
    assert "1 人自动换到新版本，0 人留在原来的版本" in before
    assert answer.status_code == 303
    assert "没有要发布的改动" in after
    with app.app_context():
        # The learner is of another tenant than the author.
        assert all_of(Enrolment)[0].course_version_id == versions.current_of(SLUG).id


def test_what_changed_after_the_look_is_shown_again_and_not_published(
    app, cast, published, sign_in, folder
):
    edit(folder, "正文。", "改过的正文。")
    looked_at = seen(app, folder)
    edit(folder, "改过的正文。", "又改过的正文。")

    answer = sign_in(cast.author).post("/teaching/publish", data={"seen": looked_at})

    assert answer.status_code == 422
    assert "又改了" in answer.text
    with app.app_context():
        assert len(versions.published(SLUG)) == 1


def test_who_publishes_a_new_course_while_somebody_else_does_is_told_to_look_again(
    app, cast, sign_in, folder
):
    looked_at = seen(app, folder)
    author, statuses = sign_in(cast.author), []

    def publish() -> None:
        statuses.append(author.post("/teaching/publish", data={"seen": looked_at}).status_code)

    second = threading.Thread(target=publish)
    with app.app_context(), tenancy.for_everyone(reason="a test arranges"), unit_of_work():
        learning.publish(library=load_library(folder), at=NOW)
        second.start()
        second.join(timeout=1)
        assert second.is_alive()  # it waits for the rows that are written here
    second.join()

    # On SQLite it had not begun to read: it finds nothing left to publish.
    on_sqlite = app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    assert statuses == [303 if on_sqlite else 422]
    with app.app_context():
        assert len(versions.published(SLUG)) == 1


def test_with_an_error_nothing_can_be_published_and_the_place_is_named(
    app, cast, published, sign_in, folder
):
    edit(folder, "minutes: 5", "minutes: 五")
    author = sign_in(cast.author)

    shown = author.get("/teaching/publish").text
    answer = author.post("/teaching/publish", data={"seen": seen(app, folder)})

    assert "030-three.zh-CN.md:" in shown
    assert "确认发布" not in shown
    assert answer.status_code == 422


def test_a_report_is_answered_once_and_who_reported_is_told(app, cast, report, sign_in):
    number = report(at=NOW)
    author, reader = sign_in(cast.author), sign_in(cast.dealer_a)
    path = f"/teaching/reports/{number}"

    empty = author.post(path, data={"state": "mended", "text": ""})
    first = author.post(path, data={"state": "mended", "text": "已经改成新规则"})
    second = author.post(path, data={"state": "declined", "text": "晚了一步"})

    assert (empty.status_code, first.status_code) == (422, 303)
    assert second.location == path
    notices = reader.get("/notices").text
    assert "你指出的“课时 one”已经改好：已经改成新规则" in notices
    assert "晚了一步" not in notices
    assert "这里的规则过时了" in author.get("/teaching/reports?state=closed").text
    assert "已经改成新规则" in author.get(path).text


PATH = """id: start-here
title: {zh-CN: 新手路径, en: New shop}
summary: {zh-CN: 从这里开始, en: Start here}
courses: [trial-101]
ordered: true
"""


def test_a_learning_path_is_shown_before_it_is_published_changed_and_taken_off(
    app, cast, published, sign_in, folder
):
    author, dealer = sign_in(cast.author), sign_in(cast.dealer_a)
    file = folder.parent / "paths" / "start-here.yaml"
    file.parent.mkdir()

    def look_and_publish():
        shown = author.get("/teaching/publish").text
        author.post("/teaching/publish", data={"seen": seen(app, folder)})
        return shown

    file.write_text(PATH, "utf-8")
    new = look_and_publish()
    offered = dealer.get("/courses").text
    file.write_text(PATH.replace("ordered: true", "ordered: false"), "utf-8")
    changed = look_and_publish()
    file.unlink()
    gone = look_and_publish()

    assert "学习路径：新手路径" in new
    assert "课程：《课程 trial-101》" in new
    assert "/courses/paths/start-here" in offered
    assert "先学哪门都行" in changed
    assert "会下架" in gone
    assert "/courses/paths/" not in dealer.get("/courses").text


def test_a_path_changed_after_the_look_is_not_published(app, cast, published, sign_in, folder):
    looked_at = seen(app, folder)
    (folder.parent / "paths").mkdir()
    (folder.parent / "paths" / "start-here.yaml").write_text(PATH, "utf-8")

    answer = sign_in(cast.author).post("/teaching/publish", data={"seen": looked_at})

    assert answer.status_code == 422


def test_a_path_with_an_error_keeps_everything_from_being_published(
    app, cast, published, sign_in, folder
):
    (folder.parent / "paths").mkdir()
    wrong = PATH.replace("[trial-101]", "[nowhere-101]")
    (folder.parent / "paths" / "start-here.yaml").write_text(wrong, "utf-8")

    page = sign_in(cast.author).get("/teaching/publish").text

    assert "start-here.yaml:" in page
    assert "确认发布" not in page
