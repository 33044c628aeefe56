"""Pages of reports: from an order file to the dealer's page and PDF, and who may open them."""

import io
import re
from urllib.parse import unquote

import pytest
from structlog.testing import capture_logs

from portal import clock, jobs
from portal.booking.actions import bookings
from portal.db import unit_of_work
from portal.reporting import actions, rules

PAGE = "/reports/dealers/xiaolu/report.zh-CN.html"
FILES = (
    "report.zh-CN.html",
    "report.en.html",
    "report.zh-CN.pdf",
    "report.json",
    "chart-trend.zh-CN.svg",
)


def test_the_whole_way_from_an_order_file_to_the_dealers_report(
    app, cast, sign_in, two_shops, one_process
):
    operator, dealer = sign_in(cast.operator), sign_in(cast.dealer_a)

    where = operator.post(
        "/imports/new", data={"file": (io.BytesIO(two_shops), "orders.csv"), "mapping": ""}
    ).location
    operator.post(f"{where}/confirm")
    jobs.run_all(app)
    before = dealer.get("/reports")
    operator.post("/reports/builds")
    waiting = operator.get("/reports/builds")
    jobs.run_all(app)
    builds = operator.get("/reports/builds")
    mine = dealer.get("/reports")
    links = re.findall(r'(?:href|src)="(/reports/dealers/[^"]+)"', mine.text)
    files = [dealer.get(link) for link in links]

    assert "还没有报告" in before.text
    assert "正在生成" in waiting.text
    assert "共 3 家：新生成 3 家" in builds.text
    assert "10 月成交额 £123.45，与上月持平" in mine.text
    assert [link.rpartition(".")[2] for link in links] == ["svg", "html", "pdf"]
    assert [file.status_code for file in files] == [200, 200, 200]
    assert files[0].mimetype == "image/svg+xml"
    assert "小鹿点卡铺" in files[1].text
    assert files[2].data.startswith(b"%PDF-")


def test_a_build_tells_the_dealers_members_once_and_operators_no_figures(
    cast, sign_in, bring_in, build, two_shops
):
    bring_in(two_shops)
    build()

    notices = sign_in(cast.dealer_a).get("/notices")

    page = sign_in(cast.operator).get("/reports/builds")

    assert notices.text.count("2026年10月的增长报告出来了") == 1
    assert "共 3 家" in page.text
    assert "123.45" not in page.text
    assert "小鹿点卡铺" not in page.text


def test_the_shop_itself_opens_its_report(cast, sign_in, built):
    client = sign_in(cast.dealer_a)

    for name in FILES:
        answer = client.get(f"/reports/dealers/xiaolu/{name}")
        assert answer.status_code == 200, name
        assert answer.headers["Cache-Control"] == "private, no-store", name
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name


@pytest.mark.parametrize(
    "who",
    ["dealer_b", "supplier_a", "supplier_b", "operator", "author", "consultant", "consultant_b"],
)
def test_for_everybody_else_there_is_no_such_report(who, cast, sign_in, built):
    client = sign_in(getattr(cast, who))

    found = {name: client.get(f"/reports/dealers/xiaolu/{name}").status_code for name in FILES}

    assert found == dict.fromkeys(FILES, 404)


@pytest.mark.asvs("V8.2.2")
def test_control_without_the_guard_another_dealer_reads_the_report(
    cast, sign_in, built, monkeypatch
):
    monkeypatch.setattr(rules, "may_open", lambda **_: True)

    answer = sign_in(cast.dealer_b).get(PAGE)

    assert answer.status_code == 200
    assert "123.45" in answer.text


def test_a_visitor_is_asked_to_sign_in(app, built):
    answer = app.test_client().get(PAGE)

    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


def test_a_consultant_in_session_with_the_shop_opens_its_report_and_no_others(
    cast, sign_in, built, hold_session
):
    hold_session(consultant=cast.consultant, dealer=cast.dealer_a)
    client = sign_in(cast.consultant)

    assert client.get(PAGE).status_code == 200
    assert client.get("/reports/dealers/acheng/report.zh-CN.html").status_code == 404
    assert sign_in(cast.consultant_b).get(PAGE).status_code == 404


def test_a_report_that_somebody_else_opens_is_a_line_in_the_log(cast, sign_in, built, hold_session):
    hold_session(consultant=cast.consultant, dealer=cast.dealer_a)
    consultant, dealer = sign_in(cast.consultant), sign_in(cast.dealer_a)

    with capture_logs() as lines:
        consultant.get(PAGE)
        dealer.get(PAGE)

    reads = [line for line in lines if line["event"] == "evidence.read"]
    assert [(line["action"], line["subject_id"], line["person_id"]) for line in reads] == [
        ("report.opened", "xiaolu", cast.consultant.person_id)
    ]


def test_a_cancelled_session_opens_nothing(app, cast, sign_in, built, hold_session):
    public_id = hold_session(consultant=cast.consultant, dealer=cast.dealer_a)
    with app.app_context(), unit_of_work():
        bookings.cancel(
            public_id=public_id,
            dealer_id=cast.dealer_a.organisation_id,
            person_id=cast.dealer_a.person_id,
            reason="临时有事",
            at=clock.now(),
        )

    assert sign_in(cast.consultant).get(PAGE).status_code == 404


ASTRAY = (
    "/reports/dealers/xiaolu/../acheng/report.zh-CN.html",
    "/reports/dealers/xiaolu/%2e%2e%2facheng%2freport.zh-CN.html",
    "/reports/dealers/xiaolu/..%5cacheng%5creport.zh-CN.html",
    "/reports/dealers/xiaolu/..",
    "/reports/dealers/xiaolu/manifest.json",
    "/reports/dealers/../manifest.json",
    "/reports/dealers/%2e%2e/manifest.json",
    "/reports/dealers/nobody/report.zh-CN.html",
    "/reports/dealers/stranger/report.zh-CN.html",
    "/reports/dealers/xiaolu/report.fr.html",
    "/reports/assets/../manifest.json",
    "/reports/assets/%2e%2e%2fmanifest.json",
    "/reports/assets/report.css",
)


@pytest.mark.asvs("V5.3.2")
def test_no_name_leads_anywhere_else(cast, sign_in, built):
    client = sign_in(cast.dealer_a)

    assert {path: client.get(path).status_code for path in ASTRAY} == dict.fromkeys(ASTRAY, 404)
    assert client.get(f"{PAGE}%00.svg").status_code in {400, 404}  # no address at all


def test_the_pages_assets_are_served_to_members_and_kept_by_browsers(app, cast, sign_in, built):
    client = sign_in(cast.dealer_a)
    page = client.get(PAGE).text
    names = set(re.findall(r'"\.\./\.\./assets/([^"]+)"', page))

    answers = {name: client.get(f"/reports/assets/{name}") for name in names}

    assert len(names) >= 4
    assert {answer.status_code for answer in answers.values()} == {200}
    for name, answer in answers.items():
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable", name
        expected = "text/css" if name.endswith(".css") else "text/javascript"
        assert answer.mimetype == expected, name
        assert app.test_client().get(f"/reports/assets/{name}").status_code == 302


@pytest.mark.asvs("V5.4.1", "V5.4.2")
def test_the_pdf_is_named_after_shop_and_month(cast, sign_in, built):
    answer = sign_in(cast.dealer_a).get("/reports/dealers/xiaolu/report.zh-CN.pdf")

    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    encoded = disposition.partition("filename*=UTF-8''")[2]
    assert unquote(encoded) == "小鹿点卡铺 2026-10 增长报告.pdf"


WITHOUT_PANGO = """
import sys

class WithoutPango:
    def find_spec(self, name, path=None, target=None):
        if name == "weasyprint" or name.startswith("weasyprint."):
            raise OSError("cannot load library 'libpango-1.0-0'")

sys.meta_path.insert(0, WithoutPango())
"""


def test_where_no_pdf_could_be_made_the_pages_say_so(
    cast, sign_in, bring_in, build, two_shops, monkeypatch, tmp_path
):
    bring_in(two_shops)
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_PANGO)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))  # read by the processes that render
    build()
    client = sign_in(cast.dealer_a)

    mine = client.get("/reports")
    pdf = client.get("/reports/dealers/xiaolu/report.zh-CN.pdf")
    foreign = client.get("/reports/dealers/acheng/report.zh-CN.pdf")
    builds = sign_in(cast.operator).get("/reports/builds")

    assert "这次没有生成 PDF" in mine.text
    assert pdf.status_code == 503
    assert "暂时没有 PDF" in pdf.text
    assert foreign.status_code == 404
    assert "libpango" in builds.text
    assert client.get(PAGE).status_code == 200


def test_a_dealer_that_fails_is_named_to_operators_and_keeps_the_report_there_was(
    cast, sign_in, bring_in, build, two_shops, monkeypatch
):
    bring_in(two_shops)
    build()
    whole = actions.build
    unwritable = "half a pair: \ud800"

    def build_with_a_name_that_no_encoding_has(**options):
        return whole(**{**options, "names": {**options["names"], "xiaolu": unwritable}})

    monkeypatch.setattr(actions, "build", build_with_a_name_that_no_encoding_has)
    build()
    builds = sign_in(cast.operator).get("/reports/builds")
    mine = sign_in(cast.dealer_a).get("/reports")
    other = sign_in(cast.dealer_b).get("/reports")

    assert "失败 1 家" in builds.text
    assert "UnicodeEncodeError" in builds.text
    assert "下面是上一次的" in mine.text
    assert "£123.45" in mine.text
    assert "下面是上一次的" not in other.text


def test_a_dealer_whose_shop_sold_nothing_is_told_why_there_is_no_report(
    cast, sign_in, bring_in, build, make_orders
):
    bring_in(make_orders(("acheng", "2026-10", "5.00")))
    build()

    page = sign_in(cast.dealer_a).get("/reports")

    assert "还没有你店里的订单" in page.text


def test_without_facts_the_button_is_off_and_says_why(cast, sign_in):
    client = sign_in(cast.operator)

    page = client.get("/reports/builds")
    pressed = client.post("/reports/builds", follow_redirects=True)

    assert re.search(r"<button[^>]* disabled", page.text)
    assert "有了订单数据才能生成" in page.text
    assert "先导入订单再生成报告" in pressed.text


def test_pressing_start_twice_is_one_build(app, cast, sign_in, bring_in, two_shops, one_process):
    bring_in(two_shops)
    client = sign_in(cast.operator)

    client.post("/reports/builds")
    client.post("/reports/builds")
    jobs.run_all(app)

    assert client.get("/reports/builds").text.count("共 3 家") == 1


def test_progress_is_a_piece_of_the_page_until_the_build_ended(
    app, cast, sign_in, bring_in, two_shops, one_process
):
    bring_in(two_shops)
    client = sign_in(cast.operator)
    client.post("/reports/builds")
    watched = re.search(r'hx-get="([^"]+)"', client.get("/reports/builds").text)[1]
    htmx = {"HX-Request": "true"}

    running = client.get(watched, headers=htmx)
    jobs.run_all(app)
    ended = client.get(watched, headers=htmx)

    assert "<html" not in running.text
    assert "已排队" in running.text
    assert ended.headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("who", ["dealer_a", "supplier_a", "consultant", "author"])
def test_builds_are_for_operators_only(who, cast, sign_in):
    client = sign_in(getattr(cast, who))

    assert client.get("/reports/builds").status_code == 403
    assert client.post("/reports/builds").status_code == 403


@pytest.mark.parametrize("who", ["supplier_a", "consultant", "operator", "author"])
def test_the_summary_is_for_dealers_only(who, cast, sign_in):
    assert sign_in(getattr(cast, who)).get("/reports").status_code == 403


def test_the_summary_is_in_the_visitors_language(cast, sign_in, built):
    page = sign_in(cast.dealer_a).get("/reports", headers={"Accept-Language": "en"})

    assert "/reports/dealers/xiaolu/report.en.html" in page.text
    assert "October" in page.text
