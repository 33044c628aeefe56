"""The preview shows courses with their mistakes, and nothing to anybody but this machine."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from werkzeug.test import Client

from courses.load import Reading
from courses.preview.application import Application
from courses.preview.watching import stamp
from courses.preview.words import WORDS

Read = Callable[..., Reading]
ZH = "010-first.zh-CN.md"
EN = "010-first.en.md"
SECOND = "020-second.zh-CN.md"
LOCAL = "http://127.0.0.1:8010"


@pytest.fixture
def visit(read: Read, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Open an address of the preview of the small course after changes."""

    def opened(address: str, changes: dict[str, object] | None = None) -> tuple[int, str]:
        read(changes)
        client = Client(Application(tmp_path, today=lambda: date(2026, 11, 22)))
        response = client.get(address, base_url=LOCAL)
        return response.status_code, response.get_data(as_text=True)

    return opened


def test_lists_courses_lessons_and_remarks(visit: Callable[..., tuple[int, str]]) -> None:
    assert "开店第一课" in visit("/")[1]
    assert "First steps" in visit("/?lang=en")[1]
    status, course = visit("/courses/shop-101", {ZH: ("minutes: 5", "minutes: 很短")})
    assert status == 200
    assert "字段 minutes 的值无效" in course
    assert "010-first.zh-CN.md:4" in course


def test_a_lesson_is_shown_with_its_quiz_its_action_and_its_source(
    visit: Callable[..., tuple[int, str]],
) -> None:
    check = {ZH: ("within_days: 7}", "within_days: 7, check: {measure: orders, at_least: 5}}")}
    _, html = visit("/courses/shop-101/first", check)

    for text in (
        "<strong>第一段</strong>",
        "给 20 位老客打标签",
        "订单数",
        "≥ 5",
        "会打扰人。",
        "44.5 … 45.5",
    ):
        assert text in html, text
    assert 'id="line-11"' in html
    assert "还没有英文版" not in visit("/courses/shop-101/second")[1]
    assert "no English yet" in visit("/courses/shop-101/second?lang=en")[1]


@pytest.mark.parametrize(
    "change",
    [
        ("title: 先看人", "title: [1"),
        ("---\nid", "id"),
        ("minutes: 5", "minutes: {}"),
        (
            "action: {code: tag_customers, text: 给 20 位老客打标签, within_days: 7}",
            "action: {text: 1}",
        ),
        ("pass: {rule: m_of_n, m: 2, n: 3}", "pass: [1]"),
        ("minutes: 5", "video: {captions: []}"),
        ("minutes: 5", "video: {src: assets/a.mp4, captions: 甲}"),
        ("::shop-01::", "::shop-02::"),
        ("::shop-01:: ", ""),
        ("{\n=分层", "｛\n=分层"),
        ("within_days: 7}", "within_days: 7, check: {measure: [1]}}"),
    ],
)
def test_a_lesson_with_a_mistake_is_shown_with_the_remark(
    visit: Callable[..., tuple[int, str]], change: tuple[str, str]
) -> None:
    status, course = visit("/courses/shop-101", {ZH: change})
    opened, _ = visit("/courses/shop-101/first", {ZH: change})

    assert status == 200
    assert "remark-error" in course
    assert opened == 200


@pytest.mark.parametrize(
    "address",
    [
        "/courses/none",
        "/courses/shop-101/none",
        "/courses/shop-101/assets/../course.yaml",
        "/courses/shop-101/assets/%2e%2e/course.yaml",
        "/courses/../etc",
        "/about/none",
        "/about/%2e%2e%2fcourses",
        "/portal/app.js",
        "/static/../server.py",
    ],
)
def test_what_is_not_there_is_404_and_says_so(
    visit: Callable[..., tuple[int, str]], address: str
) -> None:
    status, html = visit(address)

    assert status == 404
    assert WORDS["zh-CN"]["missing"] in html


def test_another_hosts_name_is_refused(tmp_path: Path) -> None:
    """A page elsewhere could point its own name at this machine and read the preview."""
    client = Client(Application(tmp_path, today=lambda: date(2026, 11, 22)))

    assert client.get("/", base_url="http://evil.example:8010").status_code == 421
    allowed = client.get("/", base_url="http://localhost:8010")
    assert allowed.status_code == 200
    assert "还没有课程" in allowed.get_data(as_text=True)
    assert "script-src 'self'" in allowed.headers["Content-Security-Policy"]


def test_a_film_is_sent_in_ranges(read: Read, tmp_path: Path) -> None:
    read({"assets/a.mp4": "0123456789"})
    client = Client(Application(tmp_path, today=lambda: date(2026, 11, 22)))

    part = client.get(
        "/courses/shop-101/assets/a.mp4", base_url=LOCAL, headers={"Range": "bytes=2-4"}
    )

    assert (part.status_code, part.get_data()) == (206, b"234")
    part.close()


def test_any_change_of_a_file_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    seen = [stamp(tmp_path)]
    for step in (
        lambda: file.write_text("a", "utf-8"),
        lambda: file.write_text("ab", "utf-8"),
        lambda: file.rename(tmp_path / "b.md"),
        (tmp_path / "b.md").unlink,
    ):
        step()
        seen.append(stamp(tmp_path))
    assert len(set(seen)) == 4
    assert seen[0] == seen[-1]
    (tmp_path / ".a.md.swp").write_text("x", "utf-8")
    (tmp_path / "a.md~").write_text("x", "utf-8")
    assert stamp(tmp_path) == seen[-1]


def test_the_frame_has_the_same_words_in_both_languages() -> None:
    assert WORDS["zh-CN"].keys() == WORDS["en"].keys()
