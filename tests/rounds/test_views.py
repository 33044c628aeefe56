"""The pages of rounds: what is typed stays, each role sees its own, the words fit the result."""

import time_machine
from conftest import NOW
from rounds.conftest import AFTER, MONDAY

from portal import jobs
from portal.rounds import actions

FORM = {
    "first_day": MONDAY.isoformat(),
    "last_day": "2026-12-06",
    "closes_at": "2026-11-27T18:00",
    "cap": "1",
    "small_percent": "20",
    "lottery_percent": "20",
}


def at(moment):
    return time_machine.travel(moment, tick=False)


def test_an_operator_opens_a_round_and_wrong_declarations_stay_in_the_form(
    app, cast, consultant, sign_in
):
    with at(NOW):
        operator = sign_in(cast.operator)
        assert "2026-11-30" in operator.get("/rounds/manage/new").text
        wrong = operator.post(
            "/rounds/manage/new", data=FORM | {"last_day": "2026-11-29", "lottery_percent": "120"}
        )
        late = operator.post("/rounds/manage/new", data=FORM | {"closes_at": "2026-11-30T09:00"})
        empty = operator.post(
            "/rounds/manage/new", data=FORM | {"first_day": "2026-12-05", "last_day": "2026-12-06"}
        )
        opened = operator.post("/rounds/manage/new", data=FORM)
        again = operator.post("/rounds/manage/new", data=FORM)
        page = operator.get(opened.location).text

    assert wrong.status_code == late.status_code == empty.status_code == again.status_code == 422
    assert "结束日期不能早于开始日期" in wrong.text
    assert "填 0 到 100 的整数" in wrong.text
    assert 'value="120"' in wrong.text
    assert "要在开始日期之前截止" in late.text
    assert "没有顾问的空档" in empty.text
    assert "顾问都在另一轮名额里" in again.text
    assert opened.status_code == 303
    assert "还没有人报名" in page


def test_a_shop_ticks_hours_changes_them_and_takes_them_back(app, cast, opened, hour_ids, sign_in):
    round_id = opened()
    hours = [str(each) for each in hour_ids(round_id)]
    path = f"/rounds/{round_id}"
    with at(NOW):
        shop = sign_in(cast.dealer_a)
        nothing = shop.post(path, data={"topic": "聊复购"})
        asked = shop.post(path, data={"topic": "聊复购", "hours": hours[:2]})
        shown = shop.get(path).text
        shop.post(path, data={"topic": "聊选货", "hours": hours[2:3]})
        changed = shop.get(path).text
        foreign = sign_in(cast.dealer_b).get(path).text
        shop.post(f"{path}/withdraw")
        gone = shop.get("/rounds").text

    assert nothing.status_code == 422
    assert "至少勾一个时段" in nothing.text
    assert "聊复购" in nothing.text
    assert asked.status_code == 303
    assert shown.count(" checked") == 2
    assert changed.count(" checked") == 1
    assert "聊选货" in changed
    assert "聊选货" not in foreign
    assert " checked" not in foreign
    assert "去勾时段" in gone


def test_the_result_says_why_and_how_the_draw_is_checked(
    app, cast, in_work, opened, hour_ids, ask, sign_in
):
    round_id = opened(lottery_bps=2500)  # one of the four hours
    first = hour_ids(round_id)[:1]
    ask(cast.dealer_a, round_id, first)
    ask(cast.dealer_b, round_id, first)
    in_work(lambda: actions.decide(round_id=round_id, at=AFTER))
    with at(AFTER):
        waiting = sign_in(cast.dealer_a).get(f"/rounds/{round_id}").text
        operator = sign_in(cast.operator)
        operator.post(f"/rounds/manage/{round_id}/publish")
        jobs.run_all(app)
        pages = [
            sign_in(each).get(f"/rounds/{round_id}").text for each in (cast.dealer_a, cast.dealer_b)
        ]
        whole = operator.get(f"/rounds/manage/{round_id}").text
        late = sign_in(cast.dealer_a).post(
            f"/rounds/{round_id}", data={"topic": "聊复购", "hours": str(first[0])}
        )

    winner, loser = sorted(pages, key=lambda page: "没排上会记" in page)
    assert "正在分配" in waiting
    assert "抽签抽中：你排在抽签次序第 1 位" in winner
    assert "11月30日 周一" in winner
    assert "1 个由抽签给了别的店。" in loser
    assert "抽签次序里你在第 2 位，没有轮到。" in loser
    for page in pages:
        assert "随机数" in page
        assert "0 / 40" in page
    assert "小鹿点卡铺" in whole
    assert "阿成游戏屋" in whole
    assert late.status_code == 303
    assert "阿成游戏屋" not in pages[0]


def test_a_round_that_was_called_off_leads_to_booking(app, cast, opened, sign_in):
    round_id = opened()
    with at(NOW):
        operator = sign_in(cast.operator)
        operator.post(f"/rounds/manage/{round_id}/cancel")
        again = operator.post(f"/rounds/manage/{round_id}/cancel", follow_redirects=True)
        page = sign_in(cast.dealer_a).get(f"/rounds/{round_id}").text

    assert "状态刚变过" in again.text
    assert "这一轮取消了" in page
