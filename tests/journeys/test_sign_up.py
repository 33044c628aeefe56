"""From signing up to the first lesson, on a phone, in Chinese.

TONGTU_SCREENSHOTS=<folder> keeps a picture of every step.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
DESK = {"width": 1280, "height": 800}
OPERATOR = "wen.jing@example.com"
PHONE_NUMBER = "139 1234 0001"
PASSWORD = "夜里的河边有七盏灯"


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Return a function that keeps a picture of a page, where a folder for them is named."""
    folder = os.environ.get("TONGTU_SCREENSHOTS")

    def keep(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"{name}.png")

    return keep


def fits_the_screen(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def apply_at(shop: Page, picture: Callable[[Page, str], None]) -> None:
    for field, value in {
        "shop_name": "梧桐点卡",
        "region": "江苏 南京",
        "person_name": "叶知秋",
        "identity": PHONE_NUMBER,
        "password": PASSWORD,
    }.items():
        shop.fill(f"#{field}", value)
    picture(shop, "1-join")
    fits_the_screen(shop)
    shop.get_by_role("button", name="提交申请").click()
    expect(shop.get_by_role("heading", level=1)).to_have_text("收到你的申请")
    picture(shop, "2-received")
    fits_the_screen(shop)


def let_in(operator: Page, picture: Callable[[Page, str], None]) -> None:
    operator.get_by_role("link", name=re.compile("梧桐点卡")).click()
    expect(operator.get_by_role("heading", level=1)).to_have_text("梧桐点卡")
    picture(operator, "4-application")
    operator.get_by_role("button", name=re.compile("通过")).click()
    operator.wait_for_url("**/members/applications")


def test_a_shop_signs_up_is_let_in_and_begins_its_first_lesson(visit, picture):
    shop = visit(None, "/join")
    apply_at(shop, picture)

    shop.goto("/sign-in")
    shop.fill("#identity", PHONE_NUMBER.replace(" ", ""))
    shop.fill("#password", PASSWORD)
    shop.get_by_role("button", name="登录", exact=True).click()
    expect(shop.get_by_role("heading", level=1)).to_have_text("正在审核")
    picture(shop, "3-waiting")
    fits_the_screen(shop)

    let_in(visit(OPERATOR, "/members/applications", width=DESK), picture)

    shop.goto("/")
    picture(shop, "5-first-steps")
    fits_the_screen(shop)
    shop.get_by_role("link", name="开始学").click()
    expect(shop.get_by_role("heading", level=1)).to_have_text("开张之前，先算三笔账")
    picture(shop, "6-lesson")
    shop.get_by_role("button", name="开始学习，记下进度").click()
    expect(shop.get_by_text("已完成 0 / 7 课")).to_be_visible()
    picture(shop, "7-learning")
    fits_the_screen(shop)
