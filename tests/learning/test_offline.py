"""Lessons in a real browser whose network is cut: nothing lost, and nothing counted twice."""

from collections.abc import Callable, Iterator

import pytest
from conftest import PASSWORD
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import delete, select

from portal.accounts.sign_in.models import SignInSession
from portal.db import db, unit_of_work
from portal.learning.models import Enrolment, LearningEvent

pytestmark = [
    pytest.mark.journey,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    # Flask-Compress leaves a file that it has compressed to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
COURSE = "/courses/trial-101"
KEPT = """async () => {
  const names = (await caches.keys()).filter(name => name.startsWith("tongtu-pages-"));
  const found = [];
  for (const name of names)
    for (const each of await (await caches.open(name)).keys())
      found.push(new URL(each.url).pathname);
  return found.sort();
}"""
WAITING = """() => TongtuQueue.kept(document.body.dataset.person)
  .then(all => all.filter(each => each.state === "waiting").length)"""


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=address, viewport={"width": 390, "height": 844}, locale="zh-CN"
    )
    yield context
    context.close()


def sign_in(page: Page, who) -> None:
    page.goto("/sign-in")
    page.fill("#identity", who.phone)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def keep_course(page: Page) -> None:
    """Open a lesson, and wait until the browser has the whole course."""
    page.goto(f"{COURSE}/one")
    for _ in range(100):
        if len(page.evaluate(KEPT)) == 4:  # the course and its three lessons
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"only {page.evaluate(KEPT)} is kept")


def look_elsewhere(page: Page) -> None:
    """Open a page that belongs to no course, and wait until the browser has it too."""
    page.goto("/courses/search?q=退款")
    for _ in range(100):
        if "/courses/search" in page.evaluate(KEPT):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the search is not kept")


def answer_one(page: Page) -> None:
    page.goto(f"{COURSE}/one")
    page.get_by_label("老买家人数").check()
    page.locator("input[name=q-one-numeric]").fill("45")
    page.get_by_label("连看三个月").check()
    page.get_by_label("直接数人").check()
    page.get_by_role("button", name="交卷，看结果").click()


@pytest.fixture
def events(app: Flask) -> Callable[[], list[tuple[str, str]]]:
    """Return a function that gives what is recorded, without openings: lesson and kind."""

    def recorded() -> list[tuple[str, str]]:
        with app.app_context():
            rows = db.session.execute(
                select(LearningEvent.lesson_id, LearningEvent.kind)
                .where(LearningEvent.kind != "opened")
                .order_by(LearningEvent.id)
            )
            return [(lesson.partition("/")[2], kind) for lesson, kind in rows]

    return recorded


def test_a_lesson_opens_and_is_answered_offline_and_each_answer_is_counted_once(
    cast, learn, phone, events
):
    learn()
    page = phone.new_page()
    sign_in(page, cast.dealer_a)
    keep_course(page)
    look_elsewhere(page)  # which drops nothing of the course

    phone.set_offline(True)
    page.goto(f"{COURSE}/two")
    expect(page.get_by_role("heading", level=1)).to_have_text("课时 two")
    expect(page.locator("#offline")).to_contain_text("没有网络")
    page.locator("input[name=q-two-words]").fill("活跃")
    page.get_by_role("button", name="交卷，看结果").click()
    expect(page.locator("#offline")).to_contain_text("还有 2 题没有答")  # and what is there stays
    assert page.locator("input[name=q-two-words]").input_value() == "活跃"
    answer_one(page)
    expect(page.locator("#offline")).to_contain_text("还有 1 份没发出去")
    page.goto(f"{COURSE}/three")
    page.get_by_role("button", name="读完了").click()
    expect(page.locator("#offline")).to_contain_text("还有 2 份没发出去")
    other = phone.new_page()  # a second tab, which sends at the same moment
    other.goto(f"{COURSE}/two")
    assert events() == []

    phone.set_offline(False)
    for tab in (page, other, page):
        tab.evaluate("() => { TongtuQueue.flush().catch(() => {}); }")
    expect(page.locator("#offline")).to_contain_text("都已发送，每份只算一次")

    assert page.evaluate(WAITING) == 0
    assert sorted(events()) == [("one", "answered"), ("one", "read"), ("three", "read")]
    page.goto(f"{COURSE}/one")
    expect(page.get_by_text("通过了。这次 3 题答对 3 题。")).to_be_visible()


def test_after_the_session_ended_nothing_is_lost_and_nobody_else_finds_the_pages(
    app, cast, learn, phone, events
):
    learn()
    page = phone.new_page()
    sign_in(page, cast.dealer_a)
    keep_course(page)
    phone.set_offline(True)
    answer_one(page)
    expect(page.locator("#offline")).to_contain_text("还有 1 份没发出去")
    with app.app_context(), unit_of_work():
        db.session.execute(delete(SignInSession))

    phone.set_offline(False)
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    expect(page.locator("#offline")).to_contain_text("登录后自动发送")
    assert events() == []

    sign_in(page, cast.dealer_b)  # somebody else takes the phone
    assert page.evaluate(KEPT) == []
    page.goto("/courses")
    assert events() == []

    page.get_by_label("我的账号").click()
    phone.clear_cookies()
    sign_in(page, cast.dealer_a)
    page.goto(f"{COURSE}/two")
    expect(page.locator("#offline")).to_contain_text("都已发送")
    assert [kind for lesson, kind in events() if lesson == "one"] == ["read", "answered"]
    with app.app_context():
        assert db.session.scalars(select(Enrolment.person_id)).all() == [cast.dealer_a.person_id]
