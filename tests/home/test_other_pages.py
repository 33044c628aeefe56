"""The start pages of consultants, suppliers, operators and authors."""

import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.booking.actions import bookings
from portal.db import unit_of_work
from portal.outbox import actions as outbox
from portal.outbox.rules import MAX_ATTEMPTS
from portal.sales.actions import receiving
from portal.tickets import actions as tickets
from portal.tickets.actions import ReleaseDraft, TicketDraft

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def start(client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.text


def section(page: str, name: str) -> str:
    found = page.partition(f'id="{name}"')[2].partition("</section>")[0]
    assert found
    return found


# Consultants


def test_a_consultant_sees_todays_sessions_each_with_the_shops_last_month(
    cast, reported, sign_in, book
):
    booked = book(cast.dealer_a, ahead=timedelta(hours=4), topic="老客不回头")
    book(cast.dealer_b, ahead=timedelta(days=1), topic="明天的事")

    today = section(start(sign_in(cast.consultant)), "today")

    assert "14:00" in today
    assert "小鹿点卡铺" in today
    assert "老客不回头" in today
    assert re.search(r"2026年10月 成交额 <strong>¥240.00</strong> 与上月持平", today)
    assert f'href="/sessions/{booked.public_id}"' in today
    assert "明天的事" not in today


def test_a_day_without_sessions_says_so(cast, sign_in):
    assert "今天没有会谈" in start(sign_in(cast.consultant))


def test_another_consultants_sessions_are_not_shown(cast, sign_in, book):
    book(cast.dealer_a, ahead=timedelta(hours=4))

    assert "小鹿点卡铺" not in start(sign_in(cast.consultant_b))


def test_what_is_going_on_and_what_waits_for_its_outcome_is_marked(cast, sign_in, book):
    book(cast.dealer_a, ahead=timedelta(minutes=-10))
    book(cast.dealer_b, ahead=timedelta(hours=-1, minutes=-30))
    book(cast.dealer_b, ahead=timedelta(days=-1))

    page = start(sign_in(cast.consultant))

    assert "进行中" in section(page, "today")
    assert "等你记结果" in section(page, "today")
    assert "阿成游戏屋" in section(page, "owed")
    assert "小鹿点卡铺" not in section(page, "owed")


def test_a_cancelled_session_shows_no_figures_of_the_shop(app, cast, reported, sign_in, book):
    booked = book(cast.dealer_a, ahead=timedelta(hours=8))
    with app.app_context(), unit_of_work():
        bookings.cancel(
            public_id=booked.public_id,
            dealer_id=cast.dealer_a.organisation_id,
            person_id=cast.dealer_a.person_id,
            reason="",
            at=NOW,
        )

    today = section(start(sign_in(cast.consultant)), "today")

    assert "已取消" in today
    assert "¥240.00" not in today


def test_the_days_after_today_are_named(cast, sign_in, book):
    book(cast.dealer_a, ahead=timedelta(days=1))

    later = section(start(sign_in(cast.consultant)), "later")

    assert "11月23日 周一" in later
    assert "小鹿点卡铺" in later


def test_a_fuller_day_asks_the_database_no_more(cast, reported, sign_in, book, count_queries):
    client = sign_in(cast.consultant)
    book(cast.dealer_a, ahead=timedelta(hours=1))
    with count_queries() as one:
        start(client)
    for hours in (2, 3, 4, 5):
        book(cast.dealer_a, ahead=timedelta(hours=hours))
    book(cast.dealer_b, ahead=timedelta(hours=6))

    with count_queries() as six:
        start(client)

    assert len(six) == len(one) <= 16


# Suppliers


@pytest.fixture
def ticket(app, cast, say):
    """Return a function that opens a ticket of supplier A on feedback."""

    def run(title: str, *feedback_ids: int) -> int:
        with app.app_context(), unit_of_work():
            return tickets.open_for(
                supplier_id=cast.supplier_a.organisation_id,
                person_id=cast.supplier_a.person_id,
                draft=TicketDraft(title=title, description="", submission_key=title),
                feedback_ids=feedback_ids,
                at=NOW,
            ).id

    return run


def counts(page: str) -> list[str]:
    return re.findall(r'<span class="tile-value">(\d+)</span>', page)


def test_a_supplier_without_feedback_reads_what_will_come_here(cast, sign_in):
    page = start(sign_in(cast.supplier_a))

    assert "还没有反馈" in page
    assert counts(page) == ["0", "0", "0"]


def test_a_supplier_sees_what_most_dealers_ask_for_first(cast, sign_in, say, ticket):
    ticket("只有一家要", say(cast.dealer_a, "只有我要的，说得够长"))
    ticket(
        "两家都要",
        say(cast.dealer_a, "到账太慢，说得够长"),
        say(cast.dealer_b, "到账太慢，也说得够长"),
    )
    say(cast.dealer_b, "还没处理的，说得够长")

    page = start(sign_in(cast.supplier_a))
    asks = section(page, "asks")

    assert counts(page) == ["1", "3", "0"]
    assert asks.index("两家都要") < asks.index("只有一家要")
    assert re.findall(r'<strong class="num">(\d+)</strong>', asks) == ["2", "1"]
    assert "还没处理的" in section(page, "newest")


def test_releases_of_this_month_are_counted(app, cast, sign_in, say, ticket):
    for title, released_on in (("本月", date(2026, 11, 1)), ("上月", date(2026, 10, 31))):
        ticket_id = ticket(title, say(cast.dealer_a, f"{title}想要的，说得够长"))
        with app.app_context(), unit_of_work():
            tickets.move(
                supplier_id=cast.supplier_a.organisation_id,
                ticket_id=ticket_id,
                target=tickets.State.ACCEPTED,
                text="会做",
                person_id=cast.supplier_a.person_id,
                at=NOW,
            )
            tickets.announce(
                supplier_id=cast.supplier_a.organisation_id,
                person_id=cast.supplier_a.person_id,
                draft=ReleaseDraft(
                    title=title, notes="好了", released_on=released_on, submission_key=title
                ),
                ticket_ids=[ticket_id],
                at=NOW,
                today=date(2026, 11, 22),
            )

    assert counts(start(sign_in(cast.supplier_a))) == ["0", "0", "1"]


def test_a_dealers_name_is_shown_only_with_consent(cast, sign_in, say):
    say(cast.dealer_a, "没有同意具名，说得够长")
    say(cast.dealer_b, "同意具名，说得够长")

    page = start(sign_in(cast.supplier_a))

    assert "小鹿点卡铺" not in page
    assert "2 级渠道商 · 浙江 杭州" in page
    assert "阿成游戏屋" in page  # the control: who agreed is named


def test_a_supplier_never_sees_another_suppliers_feedback(cast, sign_in, say, ticket):
    ticket("星海的工单", say(cast.dealer_b, "星海的事，说得够长"))

    page = start(sign_in(cast.supplier_b))

    assert "星海" not in page
    assert counts(page) == ["0", "0", "0"]


def test_a_fuller_inbox_asks_the_database_no_more(cast, sign_in, say, ticket, count_queries):
    client = sign_in(cast.supplier_a)
    ticket("一", say(cast.dealer_a, "一条反馈，说得够长"))
    with count_queries() as few:
        start(client)
    for number in range(6):
        ticket(f"多{number}", say(cast.dealer_b, f"第{number}条反馈，说得够长"))

    with count_queries() as many:
        start(client)

    assert len(many) == len(few) <= 14


# Operators


def upload(app, cast) -> None:
    header = "order_id,dealer_id,sku,title,region,qty,unit_price,paid_at"
    rows = [header, "1,xiaolu,85048,Thing,UK,1,10.00,2026-10-10T09:00"]
    with app.app_context(), unit_of_work():
        receiving.receive(
            stream=io.BytesIO("\n".join(rows).encode()),
            filename="orders.csv",
            mapping=None,
            uploaded_by=cast.operator.person_id,
            at=NOW,
        )


def give_up(app, kind: str) -> None:
    with app.app_context(), unit_of_work():
        job = outbox.post(kind=kind, args={}, at=NOW)
        for attempt in range(MAX_ATTEMPTS):
            at = NOW + timedelta(hours=attempt)
            outbox.claim(owner="worker", at=at)
            outbox.fail(job_id=job.id, owner="worker", error="broken", at=at)


def troubles(client) -> list[str]:
    return re.findall(r'row-title">([^<]+)<', section(start(client), "troubles"))


def test_an_empty_alliance_needs_its_first_order_file(cast, sign_in):
    client = sign_in(cast.operator)

    assert troubles(client) == ["还没有订单数据"]
    assert "还没有生成过报告" in start(client)


def test_with_fresh_facts_and_nothing_stuck_there_is_nothing_to_do(cast, reported, sign_in):
    client = sign_in(cast.operator)

    assert troubles(client) == []
    assert "没有卡住的事" in start(client)
    assert "订单数据到 2026年11月2日。" in section(start(client), "fresh")


def test_what_fails_stands_before_what_waits_and_each_leads_to_its_place(
    app, cast, reported, sign_in, say
):
    say(cast.dealer_a, "不知道是哪个商品，说得够长", product_id=None)
    upload(app, cast)
    give_up(app, "reports.build")
    give_up(app, "orders.import")
    client = sign_in(cast.operator)

    assert troubles(client) == [
        "导入订单：1 次没有做成",
        "生成增长报告：1 次没有做成",
        "1 个订单文件等你确认",
        "1 条反馈还没确定是哪个商品",
    ]
    links = re.findall(r'row-link" href="([^"]+)"', section(start(client), "troubles"))
    assert links == [
        "/jobs?pile=failed&amp;kind=orders.import",
        "/jobs?pile=failed&amp;kind=reports.build",
        "/imports",
        "/feedback/unassigned",
    ]
    assert all(client.get(link).status_code == 200 for link in links)


def test_the_alliance_is_counted(cast, sign_in):
    members = section(start(sign_in(cast.operator)), "members")

    assert re.findall(r"<dt>([^<]+)</dt><dd class=\"num\">(\d+)</dd>", members) == [
        ("渠道商（家）", "2"),
        ("供应商（家）", "2"),
        ("运营顾问（人）", "2"),
        ("能登录的账号（个）", "9"),
        ("在做的行动项（件）", "0"),
        ("30 天内完成（件）", "0"),
    ]


def test_the_operators_page_asks_the_database_a_handful_of_times(
    app, cast, reported, sign_in, count_queries
):
    upload(app, cast)
    client = sign_in(cast.operator)

    with count_queries() as asked:
        start(client)

    assert len(asked) <= 15


# Authors


def test_an_author_sees_the_published_courses_with_their_lessons(cast, published, sign_in):
    courses = section(start(sign_in(cast.author)), "courses")

    assert "让老客再来一次：提升复购率" in courses
    assert "6 课，共" in courses
    assert 'href="/teaching/courses/repurchase-101"' in courses


def test_without_courses_an_author_reads_how_one_is_published(cast, sign_in):
    assert "还没有发布课程" in start(sign_in(cast.author))
