"""A whole course by keyboard alone, in a real browser, and no barrier on any page on the way."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import PASSWORD
from playwright.sync_api import Browser, Page, expect

pytestmark = [
    pytest.mark.journey,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    # Flask-Compress leaves a file that it has compressed to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MOST_TABS = 80


def barriers(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": LEVELS}})
    return [
        f"{page.url}: {each['id']} {node['html'][:120]}"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what the selector names has the focus, as somebody without a mouse would."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} is not reached on {page.url}")


def press(page: Page, selector: str) -> None:
    """Reach a link or a button and press Enter; wait for the page that follows."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sign_in(page: Page, phone: str) -> None:
    page.goto("/sign-in")
    tab_to(page, "#identity")
    page.keyboard.type(phone)
    tab_to(page, "#password")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def answer_one(page: Page) -> None:
    tab_to(page, "input[name=q-one-single]")
    for _ in range(2):  # of two options, in an order of the attempt's own
        if page.locator("label:has-text('老买家人数') input").is_checked():
            break
        page.keyboard.press("ArrowDown")
    tab_to(page, "input[name=q-one-numeric]")
    page.keyboard.type("45")
    for label in ("连看三个月", "直接数人"):
        value = page.get_by_label(label).get_attribute("value")
        page.locator("input[name=q-one-numeric]").focus()  # the order of the boxes varies
        tab_to(page, f"input[name=q-one-multiple][value='{value}']")
        page.keyboard.press("Space")
    press(page, "#quiz button[type=submit]")


def answer_two(page: Page) -> None:
    tab_to(page, "input[name=q-two-truth]")
    page.keyboard.press("ArrowDown")
    if not page.locator("input[name=q-two-truth][value=false]").is_checked():
        page.keyboard.press("ArrowDown")
    tab_to(page, "input[name=q-two-words]")
    page.keyboard.type("活跃")
    for place, right in enumerate(("继续做", "去查原因")):
        tab_to(page, f"select[name=q-two-match-{place}]")
        for _ in range(2):
            page.keyboard.press("ArrowDown")
            if page.evaluate("document.activeElement.selectedOptions[0].text") == right:
                break
    press(page, "#quiz button[type=submit]")


@pytest.mark.parametrize(
    ("language", "width"), [("zh-CN", 390), ("en", 1280)], ids=["Chinese phone", "English desk"]
)
def test_a_course_is_learned_by_keyboard_alone_without_any_barrier(
    cast, published, browser: Browser, address, language, width
):
    context = browser.new_context(
        base_url=address, viewport={"width": width, "height": 844}, locale=language
    )
    page = context.new_page()
    sign_in(page, cast.dealer_a.phone)
    page.goto("/courses")
    found = barriers(page)

    press(page, ".course-card a[href='/courses/trial-101']")
    found += barriers(page)
    press(page, ".sticky-bar button")
    found += barriers(page)
    answer_one(page)
    expect(page.locator(".quiz .note-good")).to_be_visible()
    found += barriers(page)
    press(page, ".lesson-bar button")
    for key, name in (("ArrowLeft", "one"), ("ArrowRight", "two")):  # the lesson before, and back
        with page.expect_navigation(url=re.compile(f"/{name}$")):
            page.keyboard.press(key)
    answer_two(page)
    press(page, ".lesson-bar button")
    tab_to(page, ".lesson-say summary")
    page.keyboard.press("Enter")
    expect(page.locator(".lesson-say textarea").first).to_be_visible()
    found += barriers(page)
    press(page, ".lesson-bar button")
    press(page, ".lesson-bar a")
    expect(page).to_have_url(re.compile("/complete$"))
    found += barriers(page)
    context.close()

    assert found == []
