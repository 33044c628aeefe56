"""From a lesson to the shop and back: taken on, sold, and closed by the orders with its figure."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sales.conftest import acg_row, as_csv

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
COURSE, LESSON, ORDERS = "open-shop-101", "first-ten", 10


def test_what_a_lesson_asks_is_closed_by_the_next_import(visit, world, running, tmp_path):
    drawn = {ref for batch in world.batches for ref in batch.dealers}
    shop = next(each for each in world.dealers if each.ref not in drawn and not each.closed_on)
    page = visit(shop.phone, f"/courses/{COURSE}")
    page.get_by_role("button", name="开始学").first.click()
    page.goto(f"/courses/{COURSE}/{LESSON}")
    # The piece that tells how it stands takes the place of the plain button.
    expect(page.locator(".lesson-take")).to_contain_text("订单会自动核对")

    page.locator(".lesson-take").get_by_role("button", name="这周就做").click()

    expect(page.get_by_text("记下了")).to_be_visible()
    item = page.url
    sold = [
        acg_row(f"S{n}", 分站=shop.ref, 支付时间=f"{world.today + timedelta(days=n % 2)} 12:00:00")
        for n in range(ORDERS)
    ]
    file = tmp_path / "orders.csv"
    file.write_bytes(as_csv(sold))
    office = visit(world.operators[0].mail, "/imports/new")
    office.set_input_files("input[type=file]", file)
    office.locator("form[data-busy] button[type=submit]").click()
    office.get_by_role("button", name="导入").first.click()
    running.flask("work", "--once")

    page.goto(item)
    expect(page.locator(".item-state")).to_contain_text("已完成")
    expect(page.locator(".item-figure")).to_contain_text("笔订单，目标 10 笔")
    page.goto("/notices")
    expect(page.get_by_text("行动项已完成").first).to_be_visible()
