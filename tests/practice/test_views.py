"""Pages of action items: taking on, closing with a picture, undo, giving up, who sees what."""

import io
from datetime import timedelta

import pytest
import time_machine
from practice.conftest import NOW, TODAY, photo
from rows import all_of

from portal.practice.models import ActionItem
from portal.practice.rules import Target

TAKE = "/actions/of-lesson/trial-101/{}"


def item_of(app) -> ActionItem:
    with app.app_context():
        (item,) = all_of(ActionItem)
        return item


def send_picture(client, public_id, *, note="货架上了三种新品", picture=None):
    data = {"note": note}
    if picture is not None:
        data["picture"] = (io.BytesIO(picture), "货架 照片.jpg")
    return client.post(f"/actions/{public_id}/close", data=data)


def test_the_lesson_offers_its_action_and_taking_it_on_keeps_what_was_asked(
    app, cast, course, sign_in
):
    client = sign_in(cast.dealer_a)
    lesson = client.get(f"/courses/{course}/one").text
    assert TAKE.format("one") in lesson
    assert "这周就做" in lesson

    answer = client.post(TAKE.format("one"), follow_redirects=True)

    assert "记下了，11月29日 周日 前做完" in answer.text
    assert "7 天内成交 3 笔订单" in answer.text
    item = item_of(app)
    assert (item.taken_on, item.due_on) == (TODAY, TODAY + timedelta(days=7))
    assert (item.measure, item.at_least, item.code) == ("orders", 3, "do_one")
    piece = client.get(TAKE.format("one")).text
    assert "还剩 7 天" in piece
    assert "<form" not in piece


def test_a_clerk_does_not_double_what_the_owner_took_on(app, cast, course, sign_in):
    clerk, owner = sign_in(cast.dealer_clerk), sign_in(cast.dealer_a)
    assert clerk.post(TAKE.format("one")).status_code == 404  # has not enrolled
    clerk.post(f"/courses/{course}/enrol")
    first = clerk.post(TAKE.format("one"))
    second = owner.post(TAKE.format("one"))

    assert first.location == second.location
    assert "已经在做这件事了" in owner.get(second.location).text
    assert item_of(app).person_id == cast.dealer_clerk.person_id


def test_the_day_is_the_shops_not_londons(app, cast, course, sign_in):
    with time_machine.travel(NOW.replace(hour=17), tick=True):  # one in the morning in Shanghai
        sign_in(cast.dealer_a).post(TAKE.format("one"))

    assert item_of(app).taken_on == TODAY + timedelta(days=1)


def test_a_picture_closes_an_item_and_is_seen_by_its_shop_only(app, cast, take, sign_in):
    public_id = take(target=None)
    client = sign_in(cast.dealer_a)

    answer = send_picture(client, public_id, picture=photo())

    assert answer.location == f"/actions/{public_id}"
    page = client.get(answer.location).text
    assert "货架上了三种新品" in page
    seen = sign_in(cast.dealer_clerk).get(f"/actions/{public_id}/picture")
    assert (seen.status_code, seen.mimetype) == (200, "image/webp")
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    assert seen.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in seen.headers["Cache-Control"]
    for other in (cast.dealer_b, cast.consultant):
        assert sign_in(other).get(f"/actions/{public_id}/picture").status_code == 404
    assert (item_of(app).closed_by, item_of(app).state) == ("picture", "done")


@pytest.mark.parametrize(
    ("note", "picture", "problem"),
    [
        ("", None, "写一句做了什么"),
        ("好", None, "请写 4 到 500 个字"),
        ("货架上了三种新品", b"no picture", "这个文件打不开"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    app, cast, take, sign_in, note, picture, problem
):
    public_id = take(target=None)

    answer = send_picture(sign_in(cast.dealer_a), public_id, note=note, picture=picture)

    assert answer.status_code == 422
    assert problem in answer.text
    assert note in answer.text
    assert item_of(app).state == "open"


def test_the_shop_takes_back_its_closing_for_a_day_and_the_picture_goes(app, cast, take, sign_in):
    public_id = take(target=None)
    client = sign_in(cast.dealer_a)
    send_picture(client, public_id, picture=photo())

    page = client.post(f"/actions/{public_id}/undo", follow_redirects=True).text

    assert "撤回了，写的那句话还在" in page
    assert "货架上了三种新品" in page
    item = item_of(app)
    assert (item.state, item.picture, item.closed_by) == ("open", None, None)
    send_picture(client, public_id)
    with time_machine.travel(NOW + timedelta(days=1, minutes=1), tick=True):
        again = sign_in(cast.dealer_a).post(f"/actions/{public_id}/undo", follow_redirects=True)
    assert "24 小时之内才能撤回" in again.text
    assert item_of(app).state == "done"


def test_giving_up_asks_first_and_the_item_can_be_taken_on_again(app, cast, take, sign_in):
    public_id = take(target=None)
    client = sign_in(cast.dealer_a)
    assert "这件不做了？" in client.get(f"/actions/{public_id}/drop").text

    client.post(f"/actions/{public_id}/drop")
    assert item_of(app).state == "dropped"
    assert "不做了 <span" in client.get("/actions").text
    client.post(f"/actions/{public_id}/again")

    with app.app_context():
        states = sorted(each.state for each in all_of(ActionItem))
    assert states == ["dropped", "open"]


def test_the_list_has_open_items_first_with_days_and_figure(app, cast, take, orders, look, sign_in):
    client = sign_in(cast.dealer_a)
    assert "还没有要做的事" in client.get("/actions").text
    take(target=Target("orders", 3, None), ago=5)
    take(target=None, ago=20, code="long ago")
    orders("2026-11-17", "2026-11-18")
    look()

    page = client.get("/actions").text

    assert page.index("还剩 2 天") < page.index("已逾期", page.index("row-link"))
    assert "已成交 2/3 笔" in page
    assert "还剩 2 天" in client.get("/").text


def test_the_item_page_says_which_orders_closed_it(app, cast, take, orders, look, sign_in):
    public_id = take(target=Target("orders", 3, None), ago=5)
    orders("2026-11-17", "2026-11-18", "2026-11-20")
    look()

    page = sign_in(cast.dealer_a).get(f"/actions/{public_id}").text

    assert "7 天内成交 3 笔订单，目标 3 笔" in page
    assert "按截至 2026年11月20日 的订单" in page
    assert "撤回完成" not in page
    assert (
        "行动项已完成：上三种新品（做到 3，目标 3）" in sign_in(cast.dealer_a).get("/notices").text
    )


def test_the_list_and_the_home_page_ask_the_database_a_handful_of_times(
    cast, take, sign_in, count_queries
):
    for number in range(6):
        take(target=Target("orders", 3, None), code=f"task {number}")
    client = sign_in(cast.dealer_a)
    client.get("/actions")

    with count_queries() as asked:
        client.get("/actions")

    assert len(asked) <= 6


def test_the_courses_last_page_offers_every_action_with_where_it_stands(cast, course, sign_in):
    client = sign_in(cast.dealer_a)
    client.post(TAKE.format("one"))

    piece = client.get(f"/actions/of-course/{course}").text

    assert "还剩 7 天" in piece
    assert 'action="/actions/of-lesson/trial-101/one"' not in piece
    assert 'action="/actions/of-lesson/trial-101/two"' in piece
