"""The summary of a dealer's report, as start pages and consultants get it."""

from datetime import date

import pytest
from sqlalchemy import event

from portal.accounts import actions as accounts
from portal.clock import now
from portal.db import db, unit_of_work
from portal.reporting import places, queries, reading
from portal.reporting.queries import Missing
from reports.facts.store import open_current
from reports.metrics.report import reports_of


def test_the_summary_says_what_the_report_says(built, context, cast):
    summary = queries.summary_of(cast.dealer_a.organisation_id)

    assert summary.dealer_name == "小鹿点卡铺"
    assert (summary.month_on, summary.month) == (date(2026, 10, 1), "2026年10月")
    assert (summary.gmv, summary.net_gmv, summary.orders) == ("£123.45", "£123.45", "1")
    assert summary.mom == "与上月持平"
    assert summary.yoy == "—"
    assert summary.figures.gmv_minor == 12345
    assert summary.chart_url == "/reports/dealers/xiaolu/chart-trend.zh-CN.svg"
    assert summary.report_url == "/reports/dealers/xiaolu/report.zh-CN.html"
    assert summary.pdf_url == "/reports/dealers/xiaolu/report.zh-CN.pdf"
    assert "2026年11月10日" in summary.facts
    assert not summary.out_of_date


def test_a_report_read_back_is_the_report_that_was_computed(built, context, app):
    facts = open_current(app.extensions["tongtu.settings"].facts_dir)
    names = {"xiaolu": "小鹿点卡铺", "acheng": "阿成游戏屋"}
    site = places.site()

    for report in reports_of(facts, names=names):
        assert reading.report_in(site, report.dealer_ref) == report


def test_there_is_no_summary_before_the_first_build(context, cast, two_shops, bring_in):
    bring_in(two_shops)

    assert queries.summary_of(cast.dealer_a.organisation_id) is None
    assert queries.missing_of(cast.dealer_a.organisation_id) is Missing.NO_BUILD
    assert queries.site_standing() is None


def test_a_dealer_without_a_shop_has_no_report(built, context):
    with unit_of_work():
        dealer_id = accounts.add_organisation(kind="dealer", name="新店", at=now()).id

    assert queries.summary_of(dealer_id) is None
    assert queries.missing_of(dealer_id) is Missing.NO_SHOP_REF


def test_a_supplier_has_no_report(built, context, cast):
    assert queries.summary_of(cast.supplier_a.organisation_id) is None


@pytest.mark.parametrize("unknown", [0, 10**6])
def test_an_unknown_organisation_has_no_report(unknown, built, context):
    assert queries.summary_of(unknown) is None


def test_a_summary_asks_the_database_once(built, context, cast):
    asked = []

    def note(*args: object) -> None:
        asked.append(str(args[2]).split()[0])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        queries.summary_of(cast.dealer_a.organisation_id)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)

    assert asked.count("SELECT") == 1
