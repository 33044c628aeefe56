import dataclasses
import json
import re
from html.parser import HTMLParser

import pytest

from reports.render import text
from reports.render.assets import Assets, write_assets
from reports.render.pages import render_dealer, script_json


class Reader(HTMLParser):
    """What a browser would make of a page: its elements, and the visible and the script text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.seen: list[str] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            continue

    def handle_data(self, data):
        (self.scripts if "script" in self.open else self.seen).append(data)


def read(page: bytes) -> Reader:
    reader = Reader()
    reader.feed(page.decode())
    return reader


def data_in(page: bytes) -> dict:
    scripts = [part for part in read(page).scripts if part.strip()]
    assert len(scripts) == 1
    return json.loads(scripts[0])


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Assets:
    return write_assets(tmp_path_factory.mktemp("assets"))


def page_of(report, assets, language="zh-CN", **more) -> bytes:
    return render_dealer(
        report, language=language, home_url=more.pop("home_url", None), assets=assets, **more
    ).html


def test_every_months_amounts_are_on_the_page_to_the_penny(any_report, language, assets):
    seen = read(page_of(any_report, assets, language)).seen
    for month in any_report.months:
        for minor in (month.gmv_minor, month.refund_minor, month.net_gmv_minor):
            assert text.money(minor, currency=any_report.currency) in seen


def test_the_page_carries_its_figures_as_data(any_report, language, assets):
    data = data_in(page_of(any_report, assets, language))

    assert data["dealer_ref"] == any_report.dealer_ref
    assert data["facts_version"] == any_report.facts_version
    assert data["currency"] == any_report.currency
    assert data["months"] == [
        {**dataclasses.asdict(month), "month": f"{month.month:%Y-%m}"}
        for month in any_report.months
    ]
    assert data["mix"] == [dataclasses.asdict(row) for row in any_report.mix]


def test_the_charts_are_drawn_in_the_page_and_given_as_files(rich, assets):
    page = render_dealer(rich, language="en", home_url=None, assets=assets)
    drawn = [attrs for tag, attrs in read(page.html).elements if attrs.get("data-chart")]

    assert [attrs["data-chart"] for attrs in drawn] == list(page.charts)
    assert list(page.charts) == ["trend", "growth", "mix", "buyers"]
    assert all(
        svg.startswith(b'<svg xmlns="http://www.w3.org/2000/svg"') for svg in page.charts.values()
    )


def test_nothing_in_the_page_needs_an_unsafe_policy(any_report, language, assets):
    for tag, attrs in read(page_of(any_report, assets, language)).elements:
        assert tag != "style"
        assert not [name for name in attrs if name == "style" or name.startswith("on")]
        if tag == "script" and attrs.get("type") != "application/json":
            assert attrs["src"].startswith("../../assets/report-")


@pytest.mark.asvs("V1.2.3")
def test_names_are_shown_and_never_run(weird, language, assets):
    reader = read(page_of(weird, assets, language))

    assert any("<script>alert(1)</script>&amp; 深圳市" in part for part in reader.seen)
    assert not [tag for tag, _ in reader.elements if tag == "img"]
    assert len([tag for tag, _ in reader.elements if tag == "script"]) == 2


@pytest.mark.asvs("V1.2.3")
def test_control_plain_json_in_a_script_would_end_it(weird):
    hostile = {"label": weird.mix[0].label}
    unsafe = f"<script>{json.dumps(hostile)}</script>"
    safe = f"<script>{script_json(hostile)}</script>"

    assert len([tag for tag, _ in read(unsafe.encode()).elements if tag == "script"]) == 2
    assert len([tag for tag, _ in read(safe.encode()).elements if tag == "script"]) == 1


def test_half_a_surrogate_pair_in_a_name_does_not_stop_the_page(tiny, assets):
    broken = dataclasses.replace(tiny, dealer_name="店\ud83d", dealer_ref="r\ud83d")
    assert "店?" in page_of(broken, assets).decode()


def test_the_switch_leads_to_the_other_language_and_only_when_there_is_one(rich, assets):
    both = page_of(rich, assets, languages=("zh-CN", "en")).decode()
    alone = page_of(rich, assets, languages=("zh-CN",)).decode()

    assert re.search(r'href="report\.en\.html"\s+lang="en"\s+hreflang="en">English', both)
    assert 'aria-current="page">中文' in both
    assert "report.en.html" not in alone


def test_the_pdf_is_offered_only_where_there_is_one(rich, assets):
    assert 'href="report.zh-CN.pdf"' in page_of(rich, assets).decode()
    assert ".pdf" not in page_of(rich, assets, has_pdf=False).decode()


def test_the_way_home_is_shown_only_where_there_is_one(rich, assets):
    assert 'href="/home"' in page_of(rich, assets, home_url="/home").decode()
    assert "返回首页" not in page_of(rich, assets).decode()


def test_the_footer_names_the_facts(rich, assets):
    assert "数据截至 2026年11月9日 · 数据版本 f3a91c0d77b2" in page_of(rich, assets).decode()


def test_a_dealer_without_sales_has_a_page(empty, language, assets):
    seen = " ".join(read(page_of(empty, assets, language)).seen)
    assert text.wording(language).text("page.empty_title") in seen
    assert "uk-7" in seen


def test_equal_reports_give_equal_pages(rich, language, assets):
    copy = dataclasses.replace(rich)
    assert page_of(rich, assets, language) == page_of(copy, assets, language)
