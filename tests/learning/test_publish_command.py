"""flask publish-courses: publishes the content folder, or says what is wrong where."""

from dataclasses import replace

import pytest

from portal.db import db
from portal.learning import versions


@pytest.fixture
def publish(app, write_content):
    """Return a function that publishes a content folder by the command."""

    def run(**files):
        settings = app.extensions["tongtu.settings"]
        folder = write_content(**files)
        app.extensions["tongtu.settings"] = replace(settings, content_dir=folder)
        result = app.test_cli_runner().invoke(args=["publish-courses"])
        app.extensions["tongtu.settings"] = settings
        return result

    return run


def current(app):
    with app.app_context():
        slugs = list(versions.current())
        db.session.remove()
    return slugs


def test_the_command_publishes_and_says_what_is_new(app, publish):
    result = publish()

    assert result.exit_code == 0, result.output
    assert "trial-101" in result.output
    assert current(app) == ["trial-101"]


def test_an_error_is_named_with_its_place_and_nothing_is_published(app, publish):
    result = publish(one="---\nid: trial-101/one\n---\n没有标题。\n")

    assert result.exit_code == 1
    assert "010-one.zh-CN.md:2:1 缺少字段 title" in result.output
    assert "没有发布" in result.output
    assert current(app) == []


def test_a_missing_folder_is_a_message(app, tmp_path):
    settings = app.extensions["tongtu.settings"]
    app.extensions["tongtu.settings"] = replace(settings, content_dir=tmp_path / "nowhere")

    result = app.test_cli_runner().invoke(args=["publish-courses"])

    assert result.exit_code == 1
    assert "找不到课程目录" in result.output


def test_the_projects_own_courses_can_be_published(app):
    result = app.test_cli_runner().invoke(args=["publish-courses"])

    assert result.exit_code == 0, result.output
    folders = app.extensions["tongtu.settings"].content_dir / "courses"
    written = {each.parent.name for each in folders.glob("*/course.yaml")}
    assert len(written) >= 3
    assert set(current(app)) == written
