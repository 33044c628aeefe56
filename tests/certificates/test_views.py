"""What holders, operators and strangers see of certificates."""

import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from certificates.conftest import SLUG
from conftest import NOW
from learning.conftest import work_in
from pypdf import PdfReader

from courses.certificate import written
from portal import tenancy
from portal.certificates import actions, addresses, ornaments, paper, pictures
from portal.privacy import erasing
from reports.render.pdf import PdfUnavailable

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
STRANGER_SEES = "林**"
WHOLE = "林小鹿"


@pytest.fixture(autouse=True)
def at_now():
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def holder(sign_in, cast):
    return sign_in(cast.dealer_a)


@pytest.fixture
def operator(sign_in, cast):
    return sign_in(cast.operator)


@pytest.fixture
def stranger(app):
    return app.test_client()


def test_who_completes_a_course_claims_the_certificate_where_they_are_told_well_done(
    complete, holder
):
    assert "还没有证书" in holder.get("/certificates").text
    complete()
    assert f"/certificates/claim/{SLUG}" in holder.get(f"/courses/{SLUG}/complete").text
    assert "证书还没领" in holder.get("/certificates").text

    answer = holder.post(f"/certificates/claim/{SLUG}", follow_redirects=True)

    assert answer.status_code == 200
    assert WHOLE in answer.text
    listed = holder.get("/certificates").text
    assert "证书还没领" not in listed
    assert listed.count("有效") == 1
    assert 'href="/certificates"' in holder.get("/courses").text


def test_a_course_not_completed_earns_none(learn, holder):
    learn("one")

    assert holder.post(f"/certificates/claim/{SLUG}").status_code == 404


@pytest.mark.parametrize(("language", "words"), [("zh-CN", "结业证书"), ("en", "2026")])
def test_the_pdf_is_one_tagged_page_whose_text_can_be_selected(language, words, issued, holder):
    number = written(issued())
    answer = holder.get(f"/certificates/{number}/{language}.pdf")

    document = PdfReader(io.BytesIO(answer.data))
    (page,) = document.pages
    text = page.extract_text().replace("\n", "")
    assert answer.mimetype == "application/pdf"
    assert [words in text, WHOLE in text, number in text] == [True, True, True]
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert document.trailer["/Root"]["/Lang"] == language
    assert round(page.mediabox.width / page.mediabox.height, 2) == 1.41  # A4 in landscape
    assert answer.data == holder.get(f"/certificates/{number}/{language}.pdf").data


def test_the_longest_texts_stay_on_the_one_page(app, issued, row_of, change):
    row = row_of(issued())
    long = replace(
        row,
        name="欧阳" * 20,
        organisation_name="很长的店名" * 12,
        course=replace(
            row.course,
            title={"zh-CN": "一门名字特别长的课程" * 8},
            lessons=tuple(
                replace(row.course.lessons[0], title={"zh-CN": "名字也很长的一课，说不完" * 3})
                for _ in range(10)
            ),
        ),
    )
    with app.app_context():
        made = paper.pdf(long, language="zh_CN", issuer="同途联盟")

    assert len(PdfReader(io.BytesIO(made)).pages) == 1


def test_a_machine_that_cannot_make_pdfs_says_so_and_the_certificate_stays(
    issued, holder, monkeypatch
):
    def cannot(*_args, **_kwargs):
        raise PdfUnavailable("no Pango")

    monkeypatch.setattr(paper, "pdf", cannot)
    answer = holder.get(f"/certificates/{issued()}/zh-CN.pdf")

    assert answer.status_code == 503
    assert "查验链接和数字徽章都能用" in answer.text


def test_strangers_see_a_masked_name_until_the_holder_shows_it(issued, holder, stranger):
    number = written(issued())
    page = stranger.get(f"/verify/{number}")
    assert page.status_code == 200
    assert "证书有效" in page.text
    assert (STRANGER_SEES in page.text, WHOLE in page.text) == (True, False)
    assert "小鹿点卡铺" not in page.text

    form = f"/certificates/{number}/name"
    assert holder.post(form, data={"shows": "all of it"}).status_code == 422
    holder.post(form, data={"shows": "whole"})
    assert WHOLE in stranger.get(f"/verify/{number}").text
    holder.post(form, data={"shows": "masked"})
    assert WHOLE not in stranger.get(f"/verify/{number}").text


def test_the_page_for_everybody_has_a_card_and_stays_out_of_search_engines(app, issued, stranger):
    number = written(issued())
    page = stranger.get(f"/verify/{number}")
    with app.app_context():
        url = addresses.check(number)

    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert f'property="og:url" content="{url}"' in page.text
    card = re.search(r'og:image" content="([^"]+)"', page.text)[1]
    assert stranger.get(card.partition(url.partition("/verify")[0])[2]).mimetype == "image/png"
    assert not re.search(r'(src|href)="https?://(?!127\.0\.0\.1)', page.text)


def test_addresses_in_badges_are_the_routes(app):
    with app.test_request_context():
        rules = {each.rule: each.endpoint for each in app.url_map.iter_rules()}
        base = addresses.base()
        told = {
            addresses.issuer(): "certificates.issuer",
            addresses.key("<kid>"): "certificates.key",
            addresses.status_list("<kid>"): "certificates.status",
            addresses.check("<number>"): "certificates.verify",
        }

    assert {url: rules[url.removeprefix(base)] for url in told} == told


def test_a_number_typed_from_paper_leads_to_its_page_and_a_wrong_one_is_told(issued, stranger):
    number = issued()
    typed = written(number).lower().replace("-", " ")

    answer = stranger.get("/certificates/check", query_string={"number": typed})
    assert answer.location.endswith(f"/verify/{written(number)}")
    wrong = number[:-1] + ("A" if number[-1] != "A" else "B")
    refused = stranger.get("/certificates/check", query_string={"number": wrong})
    assert refused.status_code == 422
    assert "可能有一个字打错了" in refused.text
    assert wrong in refused.text
    assert "输入证书编号" in stranger.get("/certificates/check").text
    nobodys = stranger.get("/verify/7K3M-9XQ2-PV4D")
    assert nobodys.status_code == 404
    assert "查不到这张证书" in nobodys.text


def test_an_operator_finds_revokes_and_issues_anew_and_everybody_sees_the_reason(
    issued, operator, holder, stranger
):
    number = written(issued())
    for text in (number, "小鹿", "trial", ""):
        assert number in operator.get("/certificates/issued", query_string={"q": text}).text
    assert "没有找到" in operator.get("/certificates/issued?q=nobody").text

    path = f"/certificates/issued/{number}/revoke"
    assert operator.post(path, data={"reason": " "}).status_code == 422
    operator.post(path, data={"reason": "姓名有误"})
    again = operator.post(path, data={"reason": "再来一次"}, follow_redirects=True)
    assert "已经撤销过了" in again.text

    seen = stranger.get(f"/verify/{number}").text
    assert "证书已撤销" in seen
    assert "姓名有误" in seen
    assert "2026年11月22日" in seen
    assert "og:image" not in seen
    assert "姓名有误" in holder.get(f"/certificates/{number}").text
    for rest in ("zh-CN.pdf", "badge.jwt"):
        assert holder.get(f"/certificates/{number}/{rest}").status_code == 404
    assert stranger.get(f"/verify/{number}/card.png").status_code == 404
    anew = operator.post(f"/certificates/issued/{number}/anew", follow_redirects=True).text
    assert "新证书签发好了" in anew
    assert (
        len(set(re.findall(r"/certificates/([0-9A-Z-]{14})", holder.get("/certificates").text)))
        == 2
    )


def test_a_deleted_persons_certificate_ends_and_says_nothing_of_them(
    app, cast, issued, stranger, row_of
):
    number = issued()
    with work_in(app), tenancy.for_everyone(reason="a deletion reaches everything"):
        erasing.erase(person_id=cast.dealer_a.person_id, at=NOW + timedelta(days=8))

    page = stranger.get(f"/verify/{number}").text
    assert "证书已失效" in page
    assert (WHOLE in page, STRANGER_SEES in page) == (False, False)
    assert row_of(number).credential is None
    with work_in(app), pytest.raises(actions.NotCompleted):
        actions.issue_anew(typed=number, at=NOW)


def test_too_many_questions_about_certificates_are_refused(app, issued, stranger, monkeypatch):
    number = issued()
    rates = app.extensions["tongtu.rates"]
    monkeypatch.setattr(rates, "enabled", True)

    answers = [stranger.get(f"/verify/{number}").status_code for _ in range(61)]

    assert answers == [200] * 60 + [429]


def test_the_badge_on_pages_is_the_one_that_is_drawn(app):
    with app.open_resource("static/badge.svg") as file:
        assert file.read() == ornaments.badge()
    assert pictures.badge_png().startswith(b"\x89PNG")
