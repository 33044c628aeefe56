"""A dealer's start page: one thing to do next with its reason, the shop, the session, feedback."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from portal.booking.actions import notes
from portal.db import unit_of_work
from portal.feedback import actions as feedback

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def next_step(page: str) -> str:
    """Return the text of the card that says what to do next."""
    card = page.partition('<section class="card card-accent"')[2].partition("</section>")[0]
    assert card
    return " ".join(re.sub(r"<[^>]+>", " ", card).split())


def start(client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.text


def test_a_brand_new_dealer_begins_the_first_lesson_and_reads_what_will_be_where(
    cast, published, sign_in
):
    first = published.courses[0]

    page = start(sign_in(cast.dealer_a))

    assert first.lessons[0].title["zh-CN"] in next_step(page)
    assert f"因为“{first.title['zh-CN']}”还没开始学" in next_step(page)
    assert "还没有报告" in page
    assert "还没有约" in page
    assert "商品哪里不好卖" in page


def test_without_anything_to_do_the_page_says_so(cast, sign_in):
    page = start(sign_in(cast.dealer_a))

    assert "现在没有要做的事" in next_step(page)


def test_a_weak_figure_leads_to_its_lesson_with_the_numbers_as_the_reason(
    cast, published, reported, sign_in
):
    page = start(sign_in(cast.dealer_a))

    assert "因为 10 月复购率 50.0%，比上月降低 50.0 个百分点" in next_step(page)
    assert "先看懂复购率" in next_step(page)
    assert 'href="/courses/repurchase-101/read-the-figure"' in page


def test_a_shop_without_a_weak_figure_is_sent_to_its_first_lesson_instead(
    cast, published, reported, sign_in
):
    page = start(sign_in(cast.dealer_b))

    assert "还没开始学" in next_step(page)
    assert "百分点" not in next_step(page)


def test_a_begun_course_is_gone_on_with(cast, enrol, sign_in):
    enrol(cast.dealer_a, "after-sales-101")

    page = start(sign_in(cast.dealer_a))

    assert "学到了 0%，接着就是这一课" in next_step(page)
    assert 'href="/courses/after-sales-101/first-reply"' in page


@pytest.mark.parametrize(("hours", "near"), [(3, True), (24, True), (25, False)])
def test_a_session_within_a_day_is_prepared_before_anything_else(
    cast, published, reported, sign_in, book, hours, near
):
    booked = book(cast.dealer_a, ahead=timedelta(hours=hours))

    page = start(sign_in(cast.dealer_a))

    assert ("准备和顾思远的会谈" in next_step(page)) is near
    assert f'href="/booking/{booked.public_id}"' in page


def test_a_session_that_is_going_on_is_found_at_the_top(cast, sign_in, book):
    book(cast.dealer_a, ahead=timedelta(minutes=-10))

    assert "和顾思远的会谈正在进行" in next_step(start(sign_in(cast.dealer_a)))


def test_the_next_session_is_named_with_its_time_and_place(cast, sign_in, book):
    book(cast.dealer_a, ahead=timedelta(days=2, hours=1))

    page = start(sign_in(cast.dealer_a))

    assert "11月24日 周二 11:00" in page
    assert "腾讯会议 123 456 789" in page


def test_an_unread_note_is_read_by_a_button_and_is_gone_after_it(app, cast, sign_in, book):
    booked = book(cast.dealer_a, ahead=timedelta(hours=-3))
    with app.app_context(), unit_of_work():
        notes.mark_done(public_id=booked.public_id, person_id=cast.consultant.person_id, at=NOW)
        notes.write_note(
            public_id=booked.public_id,
            person_id=cast.consultant.person_id,
            text="先把老客分成三层。",
            private_text="",
            version=0,
            at=NOW,
        )
    client = sign_in(cast.dealer_a)
    page = start(client)
    (target,) = re.findall(r'action="(/notices/\d+/open)"', page)

    answer = client.post(target)

    assert "因为顾思远 写好了会谈记录，你还没看" in next_step(page)
    assert answer.headers["Location"] == f"/booking/{booked.public_id}"
    assert "看会谈记录" not in next_step(start(client))


def test_an_answer_waits_below_the_lesson_until_it_is_read(app, cast, published, sign_in, say):
    feedback_id = say(cast.dealer_a, "到账太慢了，客人一直催")
    with app.app_context(), unit_of_work():
        feedback.answer(
            feedback_id=feedback_id,
            supplier_id=cast.supplier_a.organisation_id,
            person_id=cast.supplier_a.person_id,
            text="高峰期加了通道。",
            at=NOW,
        )
    client = sign_in(cast.dealer_a)

    page = start(client)

    assert "还没开始学" in next_step(page)
    more = page.partition('id="more"')[2].partition("</section>")[0]
    assert "供应商回复了你反馈的“到账太慢了，客人一直催”" in more
    assert "已回复" in page.partition('id="feedback"')[2]


def test_the_shop_is_shown_with_its_month_and_each_figure_with_its_comparison(
    cast, reported, sign_in
):
    shop = start(sign_in(cast.dealer_a)).partition('id="shop"')[2].partition("</section>")[0]

    assert "2026年10月" in shop
    assert re.findall(r'tile-label">([^<]+)<', shop) == [
        "成交额",
        "净成交额",
        "活跃买家",
        "复购率",
    ]
    assert "¥240.00" in shop
    assert "与上月持平" in shop
    assert 'href="/reports"' in shop


def test_the_chart_is_a_picture_that_opens_for_this_dealer(cast, reported, sign_in):
    client = sign_in(cast.dealer_a)
    page = start(client)
    (source, alt) = re.findall(r'<img [^>]*src="([^"]+)"[^>]* alt="([^"]+)"', page)[0]
    (narrow,) = re.findall(r'<source [^>]*srcset="([^"]+)"', page)

    for address in (source, narrow):
        with client.get(address) as answer:
            assert answer.mimetype == "image/svg+xml"
    assert "10 月成交额" in alt


def test_a_dealer_never_reads_another_dealers_figures_or_words(cast, reported, sign_in, say, book):
    say(cast.dealer_b, "阿成家的意见")
    book(cast.dealer_b, ahead=timedelta(hours=3))

    page = start(sign_in(cast.dealer_a))

    assert "阿成" not in page
    assert "准备和" not in page
    assert "acheng" not in page


def test_only_the_three_newest_pieces_of_feedback_are_shown(cast, sign_in, say):
    for number in range(4):
        say(cast.dealer_a, f"第{number}条意见，说得够长")

    page = start(sign_in(cast.dealer_a))

    assert [n for n in range(4) if f"第{n}条意见" in page] == [1, 2, 3]


def test_the_page_reads_the_same_in_english(cast, published, reported, sign_in):
    client = sign_in(cast.dealer_a)
    client.post("/language/en")

    page = start(client)

    assert '<html lang="en"' in page
    assert "Read the repurchase rate first" in next_step(page)
    assert "50.0%" in next_step(page)
    assert "Oct" in page.partition('id="shop"')[2].partition("</section>")[0]


def test_the_page_asks_the_database_a_fixed_number_of_times(
    cast, enrol, reported, sign_in, say, book, count_queries
):
    enrol(cast.dealer_a, "repurchase-101")
    book(cast.dealer_a, ahead=timedelta(hours=3))
    say(cast.dealer_a, "第一条意见，说得够长")
    client = sign_in(cast.dealer_a)
    start(client)  # courses are read once per process
    with count_queries() as few:
        start(client)
    enrol(cast.dealer_a, "after-sales-101")
    say(cast.dealer_a, "第二条意见，说得够长")
    book(cast.dealer_a, ahead=timedelta(hours=9))

    with count_queries() as many:
        start(client)

    assert len(many) == len(few) <= 20
