"""Before publishing, an author reads what a new version does to learners, in words."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from courses.__main__ import main
from courses.course import Course
from courses.difference import difference
from courses.load import Reading
from courses.revision import NoSuchRevision, folder_at
from courses.version import Kind

Read = Callable[..., Reading]
ZH = "010-first.zh-CN.md"
EN = "010-first.en.md"
SECOND = "020-second.zh-CN.md"
THIRD = "---\nid: shop-101/third\ntitle: 第三课\nminutes: 4\nkpi: []\nrequired: {}\n---\n正文\n"

CASES = [
    ({}, "没有变化", "Nothing changes"),
    ({ZH: ("第一段", "第一节")}, "课时“先看人”的正文有改动", "text of lesson 'People first'"),
    ({ZH: ("会打扰人", "打扰人")}, "题目 shop-01（先看人）只改了反馈", "feedback or translation"),
    (
        {ZH: ("先做什么", "最先做什么")},
        "题目 shop-01（先看人）题干、选项或答案改了",
        "asks something else",
    ),
    ({"030-z.zh-CN.md": THIRD.format("true")}, "新增必修课时“第三课”", "required lesson is new"),
    ({"030-z.zh-CN.md": THIRD.format("false")}, "新增选修课时“第三课”", "optional lesson is new"),
    ({SECOND: None}, "删除课时“再开口”", "Lesson '再开口' goes"),
    ({SECOND: ("required: false", "required: true")}, "改为必修", "is now required"),
    ({ZH: ("m: 2", "m: 3")}, "通过条件（答对/出题）：2/3 → 3/3", "(right/asked): 2/3 → 3/3"),
    ({ZH: ("20 位", "30 位")}, "要做的事有改动", "asks to do changes"),
    ({EN: None}, "的语言：zh-CN, en → zh-CN", "zh-CN, en → zh-CN"),
    (
        {ZH: ("::shop-03::", "::shop-04::"), EN: None},
        "题目 shop-04（先看人）新增题目",
        "new question",
    ),
    (
        {ZH: ("::shop-03::", "::shop-04::"), EN: None},
        "题目 shop-03（先看人）删除",
        "counted no more",
    ),
    ({"course.yaml": ("certificate: true", "certificate: false")}, "不再发证书", "no certificate"),
    ({"course.yaml": ("level: 1", "level: 1\nafter: [a-1]")}, "先修课程改为：a-1", "before: a-1"),
    ({"course.yaml": ("两节短课", "短课")}, "名称或简介有改动", "title or summary changes"),
    (
        {ZH: None, EN: None, "030-first.zh-CN.md": "…"},
        "课时的先后次序变了",
        "order changes",
    ),
]


@pytest.mark.parametrize(("changes", "zh", "en"), CASES)
def test_each_change_is_told_in_both_languages(
    read: Read, course: Course, changes: dict[str, tuple[str, str] | str | None], zh: str, en: str
) -> None:
    if "030-first.zh-CN.md" in changes:
        changes = {**changes, "030-first.zh-CN.md": (course_folder(read) / ZH).read_text("utf-8")}
    newer = read(changes)
    assert newer.course is not None, newer.findings

    found = difference(course, newer.course)
    same = difference(course, course)

    assert any(zh in note.text("zh-CN") for note in found.notes), found.notes
    assert any(en in note.text("en") for note in found.notes), found.notes
    assert changes == {} or not any(zh in note.text("zh-CN") for note in same.notes)


def course_folder(read: Read) -> Path:
    return read().source.folder


def test_only_a_change_of_rules_holds_learners(read: Read, course: Course) -> None:
    texts = read({ZH: ("第一段", "第一节")}).course
    rules = read({ZH: ("先做什么", "最先做什么")}).course
    assert texts is not None
    assert rules is not None

    assert not difference(course, texts).holds_learners
    assert difference(course, rules).holds_learners
    assert difference(course, rules).kind is Kind.RULES


def git(folder: Path, *arguments: str) -> None:
    author = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c"}
    committer = {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.c"}
    environment = {**os.environ, **author, **committer}
    subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, env=environment
    )


def test_the_command_compares_with_a_revision_and_ends_with_3_when_learners_are_held(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = read().source.folder
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "one")
    monkeypatch.chdir(tmp_path)

    assert main(["diff", "HEAD:shop-101", str(folder)]) == 0
    assert "没有变化" in capsys.readouterr().out
    read({ZH: ("先做什么", "最先做什么")})
    assert main(["diff", "HEAD:shop-101", "shop-101", "--language", "en"]) == 3
    out = capsys.readouterr().out
    assert out.startswith("shop-101 rules\n  Learners stay on their version")
    assert "Question shop-01 (People first) asks something else now" in out
    assert main(["diff", "HEAD:.", "."]) == 3
    assert main(["diff", "HEAD:none", "shop-101"]) == 1
    assert main(["diff", "none", "shop-101"]) == 2


def test_a_revision_cannot_be_an_option_of_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(FileNotFoundError), folder_at("--output=x:y"):
        pass
    with pytest.raises(NoSuchRevision), folder_at("HEAD:y"):
        pass


def test_courses_that_begin_or_end_are_told_as_well(
    read: Read, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = read().source.folder
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    folder.rename(tmp_path / "new" / "shop-101")

    assert main(["diff", str(tmp_path / "old"), str(tmp_path / "new")]) == 0
    assert "新课程，2 节课" in capsys.readouterr().out
    assert main(["diff", str(tmp_path / "new"), str(tmp_path / "old")]) == 3
    assert "课程下架" in capsys.readouterr().out
