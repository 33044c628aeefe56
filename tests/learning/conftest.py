"""Course files of the tests: small, with every kind of question, read by the real engine."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, has_app_context
from werkzeug.serving import make_server

from courses.load import Library, load_library
from portal.db import unit_of_work
from portal.learning import actions
from portal.learning.actions import Answers

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
RIGHT = {
    "one": {"q-one-single": ["0"], "q-one-numeric": ["45"], "q-one-multiple": ["0", "1"]},
    "two": {
        "q-two-truth": ["false"],
        "q-two-words": ["活跃"],
        "q-two-match-0": ["0"],
        "q-two-match-1": ["1"],
    },
}
ASKED = {
    "one": ("one-single", "one-numeric", "one-multiple"),
    "two": ("two-truth", "two-words", "two-match"),
}
WRONG_ONE = {"q-one-single": ["1"], "q-one-numeric": ["27"], "q-one-multiple": ["2"]}

SINGLE = """::one-single:: 先看哪个数？ {
  =老买家人数 #对。
  ~百分比 #人少时百分比会跳。
  ####先数人。
}"""
NUMERIC = """::one-numeric:: 60 人里 27 人，复购率是百分之几？ {#
  =45:0.5 #对。
  =%0%27:0.5 #还要除以 60。
  ####人数相除。
}"""
MULTIPLE = """::one-multiple:: 哪些合适？ {
  ~%50%连看三个月 #对。
  ~%50%直接数人 #对。
  ~%-50%看一天 #太短。
  ####人少看人数。
}"""
TRUTH = """::two-truth:: 一个月买两次就是老买家。 {FALSE #要看 90 天。 #对。 ####看 90 天。}"""
WORDS = """::two-words:: 当月买过的人叫什么买家？ { =活跃 #对。 =活跃买家 #对。 ####活跃买家。 }"""
MATCHING = """::two-match:: 连起来。 {
  =升 -> 继续做
  =降 -> 去查原因
  ####先看方向。
}"""


def lesson_file(
    *,
    name: str,
    course: str = "trial-101",
    questions: tuple[str, ...] = (),
    m: int = 2,
    text: str = "正文。",
) -> str:
    """Return the file of one lesson of the course that `course` names."""
    rule = f"pass: {{rule: m_of_n, m: {m}, n: {len(questions)}}}\n" if questions else ""
    quiz = "\n```gift\n" + "\n\n".join(questions) + "\n```\n" if questions else ""
    return (
        f"---\nid: {course}/{name}\ntitle: 课时 {name}\nminutes: 5\nkpi: [repurchase_rate]\n"
        f"action: {{code: do_{name}, text: 做 {name} 这件事, within_days: 3}}\n{rule}---\n"
        f"{text}\n{quiz}"
    )


COURSE = """id: {slug}
title: {{zh-CN: 课程 {slug}, en: Course {slug}}}
summary: {{zh-CN: 一句话简介, en: One sentence}}
level: 1
kpi: [repurchase_rate]
order: {order}
pass: {{rule: all_required}}
certificate: true
owner: 联盟运营部
review_by: 2027-06-30
languages: [zh-CN]
"""


def write_course(folder: Path, *, slug: str = "trial-101", order: int = 10, **changes: str) -> Path:
    """Write a course of three lessons; `changes` replace a lesson's file by its name."""
    target = folder / slug
    target.mkdir(parents=True, exist_ok=True)
    files = {
        "one": lesson_file(name="one", course=slug, questions=(SINGLE, NUMERIC, MULTIPLE)),
        "two": lesson_file(name="two", course=slug, questions=(TRUTH, WORDS, MATCHING), m=3),
        "three": lesson_file(name="three", course=slug),
        **changes,
    }
    (target / "course.yaml").write_text(COURSE.format(slug=slug, order=order), encoding="utf-8")
    for number, (name, text) in enumerate(files.items(), start=1):
        path = target / f"{number:02d}0-{name}.zh-CN.md"
        path.write_text(text, encoding="utf-8")
    return folder


def write_filmed(folder: Path, *, slug: str = "filmed-101") -> Path:
    """Write a course of one lesson with a film of 100 seconds and its captions."""
    film = (
        "video: {src: assets/a.webm, seconds: 100, captions: {zh-CN: assets/a.zh-CN.vtt}}\n"
        "product: recharge-30\n"
    )
    text = lesson_file(name="film", course=slug).replace("minutes: 5\n", f"minutes: 5\n{film}")
    target = folder / slug
    (target / "assets").mkdir(parents=True)
    (target / "course.yaml").write_text(COURSE.format(slug=slug, order=10), encoding="utf-8")
    (target / "010-film.zh-CN.md").write_text(text, encoding="utf-8")
    (target / "assets" / "a.webm").write_bytes(bytes(range(256)) * 8)
    words = "WEBVTT\n\n00:00.000 --> 00:02.000\n你好\n"
    (target / "assets" / "a.zh-CN.vtt").write_text(words, encoding="utf-8")
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """One course of three lessons: two with a quiz, the last without."""
    return load_library(write_course(tmp_path / "content"))


@contextmanager
def work_in(app: Flask) -> Iterator[None]:
    """Commit what the block does, in the test's own context or, for tests of pages, in none.

    A context that stays open would be shared by all requests of a test, and their member too.
    """
    with nullcontext() if has_app_context() else app.app_context(), unit_of_work():
        yield


@pytest.fixture
def published(app: Flask, library: Library) -> Library:
    """The library, published and committed."""
    with work_in(app):
        actions.publish(library=library, at=NOW)
    return library


@pytest.fixture
def change(tmp_path: Path) -> Callable[..., Library]:
    """Return a function that gives the library with lessons replaced or added by name."""

    def changed(**files: str) -> Library:
        written = len(list(tmp_path.glob("changed-*")))
        return load_library(write_course(tmp_path / f"changed-{written}", **files))

    return changed


@pytest.fixture
def write_lesson() -> Callable[..., str]:
    """Return the function that writes a lesson's file."""
    return lesson_file


@pytest.fixture
def attempt() -> Callable[..., Answers]:
    """Return a function that gives an attempt at a lesson, right unless other values are given."""

    def make(name: str, *, key: str = "attempt-0001", **values: list[str]) -> Answers:
        filled = values or RIGHT[name]
        return Answers(key=f"{key}-of-{name}", asked=ASKED[name], values=filled)

    return make


@pytest.fixture
def learn(app, published, cast, attempt) -> Callable[..., None]:
    """Return a function that lets dealer A enrol and complete the lessons named."""

    def complete(*names: str, actor=cast.dealer_a, at: datetime = NOW) -> None:
        with work_in(app):
            actions.enrol(member=actor.member, slug="trial-101", at=at)
            for name in names:
                if name in RIGHT:
                    sent = attempt(name, key="learned-0001")
                    actions.answer_quiz(
                        member=actor.member, slug="trial-101", name=name, answers=sent, at=at
                    )
                else:
                    actions.mark_read(member=actor.member, slug="trial-101", name=name, at=at)

    return complete


@pytest.fixture
def moment_of() -> Callable[[int], datetime]:
    """Return a function that gives the instant so many seconds into the test."""
    return lambda seconds: NOW + timedelta(seconds=seconds)


@pytest.fixture
def wrong_one() -> dict[str, list[str]]:
    """An attempt at the first lesson's quiz with every answer wrong."""
    return dict(WRONG_ONE)


@pytest.fixture
def empty_library() -> Library:
    """A library without courses."""
    return Library(courses=(), findings=())


@pytest.fixture
def four_courses(tmp_path: Path) -> Library:
    """The published course and three more of the same shape."""
    folder = tmp_path / "four"
    for number in range(1, 5):
        slug = f"trial-10{number}"
        write_course(folder, slug=slug, order=number * 10)
    return load_library(folder)


@pytest.fixture
def write_content(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a content folder with the course and returns it."""

    def write(**files: str) -> Path:
        write_course(tmp_path / "site" / "courses", **files)
        return tmp_path / "site"

    return write


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The portal on a port of its own, with its guard against forged requests."""
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.config["WTF_CSRF_ENABLED"] = False
