"""The operators' search of what happened, one entry's page, and the file that is taken away."""

import csv
import io
from datetime import timedelta

import pytest
from conftest import NOW

from portal import clock
from portal.db import unit_of_work
from portal.evidence import actions, texts, views

OTHERS = ["dealer_a", "consultant", "supplier_a", "author"]


def say(action, *, at=NOW, **more) -> None:
    with unit_of_work():
        actions.record(action=action, at=at, **more)


@pytest.fixture
def history(cast, context):
    """Three things that happened, on three days."""
    say(
        "booking.cancel",
        at=NOW - timedelta(days=2),
        person_id=cast.dealer_a.person_id,
        organisation_id=cast.dealer_a.organisation_id,
        subject="booking",
        subject_id="kf3m",
    )
    say("feedback.create", at=NOW - timedelta(days=1), person_id=cast.dealer_b.person_id)
    say("sign_in.failed", at=NOW, details={"why": "=1+1"})


@pytest.fixture
def operator(cast, sign_in, history):
    return sign_in(cast.operator)


def listed(client, **asked) -> str:
    answer = client.get("/audit", query_string=asked)
    assert answer.status_code == 200
    return answer.text.partition('class="rows"')[2].partition("</ul>")[0]


def test_an_entry_reads_as_a_sentence(operator):
    page = listed(operator)

    assert "林小鹿 取消了预约" in page
    assert "预约 kf3m" in page
    assert page.index("陈成 提了反馈") < page.index("林小鹿 取消了预约")


def test_whom_an_entry_is_about_is_told_by_name_unless_it_is_who_acts(operator, cast, context):
    for about in (cast.dealer_b, cast.operator):
        say(
            "members.remove",
            person_id=cast.operator.person_id,
            subject="person",
            subject_id=str(about.person_id),
        )

    page = listed(operator, action="members.remove")

    assert page.count("对象：") == 1
    assert "对象：陈成" in page


@pytest.mark.parametrize(
    ("asked", "wanted", "unwanted"),
    [
        ({"person": "小鹿"}, "取消了预约", "提了反馈"),
        ({"organisation": "点卡铺"}, "取消了预约", "提了反馈"),
        ({"action": "feedback.create"}, "提了反馈", "取消了预约"),
        ({"subject": "booking", "record": "kf3m"}, "取消了预约", "提了反馈"),
        ({"since": "2026-11-21", "until": "2026-11-21"}, "提了反馈", "取消了预约"),
    ],
)
def test_the_search_finds_what_was_asked_for_and_nothing_else(operator, asked, wanted, unwanted):
    page = listed(operator, **asked)

    assert wanted in page
    assert unwanted not in page


def test_a_name_that_nobody_has_finds_nothing(operator):
    assert "没有符合条件的记录" in operator.get("/audit?person=没有这个人").text


@pytest.mark.parametrize("query", ["since=tomorrow", "since=2026-11-22&until=2026-11-20"])
def test_a_period_that_makes_no_sense_is_told(operator, query):
    answer = operator.get(f"/audit?{query}")

    assert answer.status_code == 422
    assert "form-error" in answer.text


def test_older_entries_are_one_step_away(operator, monkeypatch):
    monkeypatch.setattr(views, "PAGE", 2)

    first = operator.get("/audit")

    assert "更早的" in first.text
    older = first.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert "林小鹿 取消了预约" in operator.get(older).text


@pytest.mark.asvs("V16.2.1")
def test_an_entrys_page_shows_where_it_came_from_and_its_place_in_the_chain(operator):
    page = operator.get("/audit/3").text

    assert "=1+1" in page
    assert 'href="/audit/2"' in page


def test_an_entry_whose_details_were_erased_says_so(operator, context):
    with unit_of_work():
        actions.erase_details(seqs=[3], at=NOW)

    page = operator.get("/audit/3").text

    assert "=1+1" not in page
    assert "已经清除，清除本身" in page


def test_there_is_no_entry_behind_the_newest(operator):
    assert operator.get("/audit/999").status_code == 404


@pytest.mark.asvs("V16.4.2")
@pytest.mark.parametrize("who", OTHERS)
@pytest.mark.parametrize("path", ["/audit", "/audit/1"])
def test_nobody_else_reads_the_record(who, path, cast, sign_in, history):
    assert sign_in(getattr(cast, who)).get(path).status_code == 403


def test_the_file_holds_what_was_found_and_no_formula(operator, cast, context):
    say("=cmd()", subject="=1+1", subject_id="x")

    answer = operator.post("/audit/export", data={"since": "2026-11-21"})

    assert answer.mimetype == "text/csv"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert "feedback.create" in [row["操作代码"] for row in rows]
    assert "booking.cancel" not in [row["操作代码"] for row in rows]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]


def test_taking_the_file_away_is_recorded(operator, cast, entries, details):
    operator.post("/audit/export", data={"action": "feedback.create"})

    entry = entries()[-1]
    assert (entry.action, entry.person_id) == ("evidence.export", cast.operator.person_id)
    assert '"rows":1' in details(entry.seq).details


def test_a_file_that_would_be_too_long_is_refused_with_what_to_do(operator, monkeypatch, entries):
    monkeypatch.setattr(views, "MOST_IN_A_FILE", 2)
    before = len(entries())

    answer = operator.post("/audit/export", follow_redirects=True)

    assert "先缩小范围再导出" in answer.text
    assert len(entries()) == before


def test_reading_the_list_costs_the_same_however_long_it_is(operator, count_queries, cast):
    operator.get("/audit")  # who asks is read once
    with count_queries() as few:
        operator.get("/audit")
    for _ in range(10):
        say("feedback.create", at=clock.now(), person_id=cast.dealer_a.person_id)
    with count_queries() as many:
        operator.get("/audit")

    assert len(many) == len(few)


def test_every_wording_can_be_chosen_once(app):
    with app.test_request_context():
        words = [words for _, words in texts.choices()]

    assert len(words) == len(set(words))
