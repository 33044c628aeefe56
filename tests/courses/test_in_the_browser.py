"""In Chromium: the preview follows the author's editor, a SCORM lesson talks to its system."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from courses.course import Course
from courses.exchange.scorm import package_files
from courses.load import Reading
from courses.preview.server import serve

pytestmark = pytest.mark.journey
Read = Callable[..., Reading]
ZH = "010-first.zh-CN.md"
SECOND = "020-second.zh-CN.md"
# A stub of a learning system that keeps what it was told, in a frame around the lesson.
PLAYER = """<!doctype html><meta charset="utf-8"><script>
window.calls = [];
window.values = JSON.parse(localStorage.getItem("values") || "{}");
window.API = {
  LMSInitialize: function () { calls.push(["init"]); return "true"; },
  LMSGetValue: function (name) { return values[name] || ""; },
  LMSSetValue: function (name, value) {
    calls.push([name, value]);
    values[name] = value;
    return "true";
  },
  LMSCommit: function () { localStorage.setItem("values", JSON.stringify(values)); return "true"; },
  LMSFinish: function () { calls.push(["finish"]); return "true"; },
};
</script><iframe id="sco" src="%s" width="390" height="800"></iframe>"""


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def package(read: Read, tmp_path: Path) -> Iterator[str]:
    """The small course as a package, served with a player around its first lesson."""
    reading = read()
    assert reading.course is not None
    folder = tmp_path / "package"
    folder.mkdir()
    for name, content in package_files(reading.course, reading.source, language="zh-CN").items():
        (folder / name).write_bytes(content)
    for lesson in ("first", "second"):
        page = PLAYER % f"{lesson}.html"
        (folder / f"player-{lesson}.htm").write_text(page, encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_scorm_lesson_reports_status_score_and_time(browser: Browser, package: str) -> None:
    page = browser.new_page()
    page.goto(f"{package}/player-first.htm")
    lesson = page.frame_locator("#sco")
    expect(lesson.locator("[data-standing]")).to_have_text("答对 0 题，通过需要 2 题")
    values = "() => window.values"
    assert page.evaluate(values)["cmi.core.lesson_status"] == "incomplete"

    first = lesson.locator("#question-shop-01")
    first.get_by_role("button").click()
    expect(first.locator(".verdict")).to_have_text("先作答，再提交")
    first.get_by_text("群发").click()
    first.get_by_role("button").click()
    expect(first.locator(".verdict")).to_have_text("不对，再想想")
    expect(first.locator("[data-outcome]")).to_contain_text("会打扰人。")
    first.get_by_text("分层").click()
    first.get_by_role("button").click()
    expect(lesson.locator("[data-standing]")).to_have_text("答对 1 题，通过需要 2 题")
    halfway = page.evaluate(values)
    assert (halfway["cmi.core.lesson_status"], halfway["cmi.core.score.raw"]) == (
        "incomplete",
        "50",
    )
    assert json.loads(halfway["cmi.suspend_data"])["right"] == ["shop-01"]

    page.reload()  # the learner comes back: what was right is still right
    expect(lesson.locator("[data-standing]")).to_have_text("答对 1 题，通过需要 2 题")
    page.close()


def test_a_scorm_lesson_that_is_passed_stays_so_and_tells_its_time(
    browser: Browser, package: str
) -> None:
    page = browser.new_page()
    page.goto(f"{package}/player-first.htm")
    lesson = page.frame_locator("#sco")
    lesson.locator("#question-shop-01").get_by_text("分层").click()
    lesson.locator("#question-shop-01").get_by_role("button").click()
    third = lesson.locator("#question-shop-03")
    third.get_by_text("记人数").click()
    third.get_by_text("照抄").click()
    third.get_by_role("button").click()
    expect(third.locator(".verdict")).to_have_text("不对，再想想")
    number = lesson.locator("#question-shop-02")
    number.get_by_role("textbox").fill("４５．２%")  # noqa: RUF001 – as a phone's keyboard types it
    number.get_by_role("textbox").press("Enter")
    expect(lesson.locator("[data-standing]")).to_have_text("这一课已通过")
    page.evaluate("document.getElementById('sco').src = 'about:blank'")
    page.wait_for_function("window.calls.some(call => call[0] === 'finish')")

    told = page.evaluate("() => window.values")
    assert (told["cmi.core.lesson_status"], told["cmi.core.score.raw"]) == ("passed", "100")
    names = [call[0] for call in page.evaluate("window.calls")]
    assert (names[0], names[-1], names.count("finish")) == ("init", "finish", 1)
    hours, minutes, seconds = told["cmi.core.session_time"].split(":")
    assert (len(hours), len(minutes), len(seconds)) == (4, 2, 5)
    page.close()


def test_a_scorm_lesson_without_a_quiz_is_completed_by_reading(
    browser: Browser, package: str
) -> None:
    page = browser.new_page()
    page.goto(f"{package}/player-second.htm")
    page.frame_locator("#sco").get_by_role("button", name="读完了").click()

    assert page.evaluate("window.values['cmi.core.lesson_status']") == "completed"
    page.goto(f"{package}/first.html")  # without a system around it the lesson works as well
    page.locator("#question-shop-01").get_by_text("分层").click()
    page.locator("#question-shop-01").get_by_role("button").click()
    expect(page.locator(".verdict")).to_have_text("答对了")
    page.close()


def press(page: Page, key: str) -> None:
    """Press a key once the page's script listens."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def test_the_preview_follows_the_editor_and_the_keyboard(browser: Browser, read: Read) -> None:
    folder = read({SECOND: ("第二节正文", "第二节,正文")}).source.folder
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    errors: list[str] = []
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    with serve(folder.parent) as server:
        page.goto(f"http://127.0.0.1:{server.port}/courses/shop-101/first")
        expect(page.locator(".prose").first).to_contain_text("正文 第一段。")
        file = folder / ZH
        text = file.read_text("utf-8")
        file.write_text(text.replace("正文 **第一段**", "改好的 **第一段**"), encoding="utf-8")
        expect(page.locator(".prose").first).to_contain_text("改好的 第一段。")

        press(page, "ArrowRight")
        expect(page.get_by_role("heading", level=1)).to_have_text("再开口")
        expect(page.locator("#line-8 + .remarks")).to_contain_text("半角标点")
        press(page, "r")
        page.wait_for_url("**#line-*")
        press(page, "ArrowLeft")
        expect(page.get_by_role("heading", level=1)).to_have_text("先看人")
        press(page, "l")
        expect(page.get_by_role("heading", level=1)).to_have_text("People first")
        # The heading stands before the page's script has come; what never came cannot say anything.
        page.wait_for_load_state()
        assert errors == []
    # The command has ended: the page says so instead of showing old words as new. What the
    # browser logs from here on is that nobody answers.
    expect(page.get_by_role("alert")).to_be_visible(timeout=30_000)
    page.close()


def test_a_course_without_lessons_gives_a_package_all_the_same(course: Course, read: Read) -> None:
    empty = replace(course, lessons=())

    assert "imsmanifest.xml" in package_files(empty, read().source, language="en")
