"""One dealer's month, end to end, in a real browser: learn, book, report, see it shipped."""

import re
from pathlib import Path

import pytest
from icalendar import Calendar
from playwright.sync_api import Page, expect

from courses.load import load_library
from portal.demo.command import busiest_dealer
from portal.demo.learning import right_values

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
ROOT = Path(__file__).resolve().parents[2]
DESK = {"width": 1280, "height": 800}


@pytest.fixture
def dealer(world):
    return busiest_dealer(world)


def answer_rightly(page: Page, slug: str, name: str) -> None:
    library = load_library(ROOT / "content" / "courses")
    course = next(each for each in library.courses if each.id == slug)
    lesson = course.lesson(f"{slug}/{name}")
    for question in lesson.quiz.scored:
        for field, values in right_values(question).items():
            for value in values:
                choice = page.locator(f'input[name="{field}"][value="{value}"]')
                if choice.count():
                    choice.check()
                elif page.locator(f'select[name="{field}"]').count():
                    page.select_option(f'select[name="{field}"]', value)
                else:
                    page.fill(f'input[name="{field}"]', value)


def test_a_dealer_takes_a_lesson_and_sees_right_progress(visit, world):
    learner = next(
        each for each in world.enrolments
        if each.course == "repurchase-101" and len(each.lesson_dates) == 2
    )  # fmt: skip
    phone = next(each.phone for each in world.dealers if each.ref == learner.dealer)
    page = visit(phone, "/courses/repurchase-101")
    expect(page.get_by_text("已完成 2 / 6 课")).to_be_visible()

    page.get_by_role("button", name="继续学习").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("在该买的时候提醒一次")
    answer_rightly(page, "repurchase-101", "timing")
    page.get_by_role("button", name="交卷").click()

    expect(page.get_by_text("第 3 课").first).to_be_visible()
    page.goto("/courses/repurchase-101")
    expect(page.get_by_text("已完成 3 / 6 课")).to_be_visible()


def test_a_wrong_answer_is_explained_at_once_and_may_be_tried_again(visit, world):
    fresh = next(
        each for each in world.dealers
        if each.closed_on is None and not any(e.dealer == each.ref for e in world.enrolments)
    )  # fmt: skip
    page = visit(fresh.phone, "/courses/after-sales-101")
    page.get_by_role("button", name=re.compile("开始学习")).first.click()
    for head in page.locator(".question").all():
        radios = head.locator('input[type="radio"]')
        if radios.count():
            radios.last.check()
        for box in head.locator('input[type="checkbox"]').all():
            box.check()
        for select in head.locator("select").all():
            select.select_option(index=1)
        for text in head.locator('input[type="text"]').all():
            text.fill("9999")
    page.get_by_role("button", name="交卷").click()

    expect(page.locator(".answered-why").first).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("再")).first).to_be_visible()


def test_a_dealer_books_a_free_time_and_keeps_it_in_the_calendar(visit, dealer, tmp_path):
    page = visit(dealer.phone, "/booking")
    page.get_by_role("link", name=re.compile("看全部时间")).first.click()
    page.locator(".day-strip a:not(.day-empty)").nth(3).click()
    page.locator(".start-grid button").last.click()
    page.fill("#topic", "想把老客分分层，从哪几个人开始")
    page.get_by_role("button", name="确认预约").click()
    expect(page.get_by_role("heading", name="约好了")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="加到日历").click()
    file = tmp_path / "session.ics"
    download.value.save_as(file)

    (event,) = Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    assert event["DTSTART"].dt.tzinfo is not None
    assert "顾问" in str(event["SUMMARY"]) or "会谈" in str(event["SUMMARY"])
    page.goto("/booking")
    expect(page.get_by_text("想把老客分分层").first).to_be_visible()


def test_what_the_shop_says_becomes_a_release_that_the_shop_hears_of(visit, world, dealer):
    supplier = world.suppliers[0]
    product = next(each for each in world.products if each.supplier == supplier.code)
    words = "晚上八点充值一直转圈，客人等不及退了，电话 13912345678"
    shop = visit(dealer.phone, "/feedback/new")
    shop.select_option("#product", label=product.name_zh)
    shop.fill("#text", words)
    shop.fill("#impact", "今晚退了 2 单")
    shop.get_by_role("button", name="提交反馈").click()
    expect(shop.get_by_text("晚上八点充值一直转圈").first).to_be_visible()
    assert "13912345678" not in shop.content()

    maker = visit(supplier.owner.mail, "/feedback/inbox", width=DESK)
    open_a_ticket(maker, about="晚上八点充值一直转圈", title="晚高峰充值转圈")
    accept(maker, answer="已经加了充值通道，下周上线")
    shop.goto("/feedback")
    expect(shop.get_by_text("已经加了充值通道，下周上线").first).to_be_visible()
    announce(maker, ticket="晚高峰充值转圈", title="晚高峰充值提速")

    shop.goto("/notices")
    expect(shop.get_by_text(re.compile("已经改好上线")).first).to_be_visible()
    shop.goto("/feedback")
    shop.get_by_role("link", name=re.compile("晚上八点充值一直转圈")).click()
    expect(shop.get_by_text("晚高峰充值提速").first).to_be_visible()


def open_a_ticket(maker: Page, *, about: str, title: str) -> None:
    maker.locator("li", has_text=about).get_by_role("checkbox").check()
    maker.get_by_role("button", name="合并成一个工单").click()
    maker.fill("#title", title)
    maker.get_by_role("button", name="建立工单").click()
    expect(maker.get_by_role("heading", level=1)).to_have_text(title)


def accept(maker: Page, *, answer: str) -> None:
    maker.fill("#text-accepted", answer)
    maker.get_by_role("button", name=re.compile("采纳，通知")).click()


def announce(maker: Page, *, ticket: str, title: str) -> None:
    maker.goto("/releases/new")
    maker.get_by_label(re.compile(ticket)).check()
    maker.fill("#title", title)
    maker.fill("#notes", "充值通道扩到 **4 条**，晚上也是秒到。")
    maker.get_by_role("button", name="预览", exact=True).click()
    expect(maker.locator("strong", has_text="4 条")).to_be_visible()
    maker.get_by_role("button", name=re.compile("确认发布")).click()


def test_a_dealer_opens_the_own_report_as_page_and_pdf_and_nobody_elses(visit, world, dealer):
    other = next(each for each in world.dealers if each.ref != dealer.ref)
    page = visit(dealer.phone, "/reports")
    page.get_by_role("link", name="打开完整报告").click()

    expect(page.locator("figure[data-chart=trend] .js-plotly-plot")).to_be_visible(timeout=30_000)
    assert page.locator("svg").count() > 0
    pdf = page.request.get(f"/reports/dealers/{dealer.ref}/report.zh-CN.pdf")
    foreign = page.request.get(f"/reports/dealers/{other.ref}/report.zh-CN.html")
    assert pdf.body().startswith(b"%PDF")
    assert foreign.status == 404


def test_a_consultant_writes_the_note_with_the_report_beside(visit, world):
    session = next(each for each in world.sessions if each.outcome == "booked")
    mail = next(each.mail for each in world.consultants if each.code == session.consultant)
    page = visit(mail, "/sessions", width=DESK)
    page.locator("a.row-link").first.click()
    expect(page.get_by_role("link", name="完整报告")).to_be_visible()
    expect(page.locator("img.session-chart")).to_be_visible()
    page.locator("img.session-chart").scroll_into_view_if_needed()
    # It is loaded lazily: what counts is that the picture comes.
    page.wait_for_function("document.querySelector('img.session-chart').naturalWidth > 0")

    page.fill("#text", "先挑二十位老客，今晚打标签")
    page.get_by_role("button", name="保存记录").click()

    expect(page.get_by_text("记录已保存")).to_be_visible()


def test_an_operator_imports_a_file_and_builds_the_reports(visit, world, running, tmp_path, dealer):
    file = tmp_path / "十二月.csv"
    header = (
        "订单号,金额,商品名称,数量,支付方式,下单时间,下单IP,下单设备,支付时间,订单状态,联系方式,"
        "发货状态,优惠券,客户,推广人,分站,分站手续费,接口手续费,推广分成,返利"
    )
    good = (
        "20991201000001,88.00,测试商品,1,支付宝,2026-10-30 10:00:00,192.0.2.1,安卓,"
        f"2026-10-30 10:00:09,已支付,qq1,已发货,,kefu,,{dealer.ref},0,0,0,0"
    )
    bad = good.replace("88.00", "八十八").replace("0001,", "0002,", 1)
    file.write_text("\n".join([header, good, bad]) + "\n", encoding="utf-8-sig")
    page = visit(world.operators[0].mail, "/imports/new", width=DESK)

    page.set_input_files("#file", file)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_role("heading", name="读入 2 行")).to_be_visible()
    expect(page.get_by_text("八十八").first).to_be_visible()
    page.get_by_role("button", name=re.compile("确认")).first.click()
    expect(page.get_by_role("heading", name="正在导入")).to_be_visible()
    running.flask("work", "--once")
    expect(page.get_by_text("去生成增长报告")).to_be_visible(timeout=30_000)

    page.goto("/reports/builds")
    page.get_by_role("button", name="开始生成").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    running.flask("work", "--once")
    # One shop at least: other journeys may have brought orders of others since the last build.
    expect(page.get_by_text(re.compile("新生成 [1-9]")).first).to_be_visible(timeout=30_000)


def test_a_dealer_gets_through_the_feedback_form_without_scripts(visit, world, dealer):
    page = visit(dealer.phone, "/feedback/new", scripts=False)
    page.select_option("#product", index=2)
    page.fill("#text", "短")
    page.get_by_role("button", name="提交反馈").click()

    expect(page.locator("#text")).to_have_value("短")
    expect(page.locator(".form-error").first).to_be_visible()


def test_a_half_written_feedback_survives_a_closed_browser_tab(visit, dealer):
    page = visit(dealer.phone, "/feedback/new")
    page.fill("#text", "写到一半断网了的反馈")
    page.goto("/")
    page.goto("/feedback/new")

    expect(page.locator("#text")).to_have_value("写到一半断网了的反馈")
