"""The list of notices: newest first, in the reader's language, opened by a button."""

from datetime import timedelta

import pytest

from portal.notices.rules import NoticeKind


def ids(text: str) -> list[str]:
    return [part.partition("/open")[0] for part in text.split('action="/notices/')[1:]]


def test_who_has_no_notices_reads_when_there_will_be_some(cast, sign_in):
    page = sign_in(cast.dealer_a).get("/notices")

    assert "还没有通知" in page.text
    assert "全部标为已读" not in page.text


def test_notices_stand_newest_first_with_the_count_of_unread_ones(cast, sign_in, tell, moment):
    tell(title="先来的")
    tell(title="后来的", at=moment + timedelta(hours=1))

    page = sign_in(cast.dealer_a).get("/notices").text

    assert page.index("后来的") < page.index("先来的")
    assert "通知，2 条未读" in page


def test_what_was_typed_into_a_notice_is_escaped(cast, sign_in, tell):
    tell(title="<b>到账</b> 100%(title)s")

    page = sign_in(cast.dealer_a).get("/notices").text

    assert "&lt;b&gt;到账&lt;/b&gt; 100%(title)s" in page


def test_opening_a_notice_leads_to_what_it_is_about_and_lowers_the_count(cast, sign_in, tell):
    tell(path="/notices?page=1")
    client = sign_in(cast.dealer_a)
    (notice_id,) = [each for each in ids(client.get("/notices").text) if each.isdigit()]

    answer = client.post(f"/notices/{notice_id}/open")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/notices?page=1")
    assert "通知，0 条未读" in client.get("/notices").text


def test_anothers_notice_is_not_found_and_stays_unread(cast, sign_in, tell):
    tell()
    owner = sign_in(cast.dealer_a)
    (notice_id,) = [each for each in ids(owner.get("/notices").text) if each.isdigit()]

    answer = sign_in(cast.dealer_b).post(f"/notices/{notice_id}/open")

    assert answer.status_code == 404
    assert "通知，1 条未读" in owner.get("/notices").text


def test_all_are_marked_as_read_at_once(cast, sign_in, tell):
    tell()
    tell()
    client = sign_in(cast.dealer_a)

    answer = client.post("/notices/read")

    assert answer.headers["Location"] == "/notices"
    assert "通知，0 条未读" in client.get("/notices").text


def test_a_long_list_comes_in_pages(cast, sign_in, tell, moment):
    for number in range(21):
        tell(title=f"第{number:02d}条", at=moment + timedelta(minutes=number))
    client = sign_in(cast.dealer_a)

    first, second = client.get("/notices").text, client.get("/notices?page=2").text

    assert ("第20条" in first, "第00条" in first) == (True, False)
    assert ("第20条" in second, "第00条" in second) == (False, True)


def test_a_time_is_written_for_the_reader_not_for_who_caused_it(cast, sign_in, tell):
    tell(
        NoticeKind.BOOKING_MADE,
        who="顾思远",
        when="24 Nov 2026 10:00",
        starts_at="2026-11-24T02:00:00Z",
    )
    tell(NoticeKind.REPORT_READY, month_on="2026-10-01")

    page = sign_in(cast.dealer_a).get("/notices").text

    assert "顾思远 约好了 2026年11月24日 10:00 的会谈" in page
    assert "2026年10月的增长报告出来了" in page


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_kind_has_its_words_even_where_values_are_missing(cast, sign_in, tell, kind):
    tell(kind)

    assert sign_in(cast.dealer_a).get("/notices").status_code == 200


def test_the_list_asks_the_database_as_often_for_twenty_notices_as_for_one(
    cast, sign_in, tell, count_queries
):
    client = sign_in(cast.dealer_a)
    tell()
    with count_queries() as one:
        client.get("/notices")
    for _ in range(19):
        tell()

    with count_queries() as twenty:
        client.get("/notices")

    assert len(twenty) == len(one) <= 6
