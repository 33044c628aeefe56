"""Choosing what is mailed and when not; ending mails by the link at their foot."""

from datetime import timedelta

import pytest
from rows import all_of

from portal.access import Role
from portal.db import unit_of_work
from portal.notices import actions, queries, rules, unsubscribing
from portal.notices.models import Delivery, MailBounce, NoticeTiming, NoticeWish
from portal.notices.rules import NoticeKind, Wish
from portal.notices.timing import USUAL

GOOD = {"wants_digest": "y", "quiet_from": "23:00", "quiet_until": "07:30"}


def answers(**changes):
    """A whole form of a dealer: everything as usual, but for the changes."""
    kinds = {
        "booking_cancelled": "now",
        "booking_made": "now",
        "feedback_answered": "now",
        "endpoint_off": "now",
        "session_note": "digest",
        "report_ready": "digest",
        "feedback_shipped": "digest",
        "feedback_declined": "digest",
        "feedback_linked": "digest",
    }
    return {**{f"wish_{kind}": wish for kind, wish in kinds.items()}, **GOOD, **changes}


def test_the_page_says_what_holds_and_where_mails_go(cast, sign_in, has_mail, mail_server):
    has_mail(cast.dealer_a.person_id, "lin@xiaolu.example")

    page = sign_in(cast.dealer_a).get("/notices/settings").text

    assert "邮件发到 lin@xiaolu.example" in page
    assert "24 小时内开始的会谈有变动，总会马上发邮件。" in page
    assert 'value="22:00"' in page
    assert 'value="08:00"' in page


def test_without_an_address_the_page_says_so(cast, sign_in, mail_server):
    assert "你的账号还没有邮箱" in sign_in(cast.dealer_a).get("/notices/settings").text


def test_without_a_mail_server_the_page_says_so(cast, sign_in):
    assert "联盟还没有开通邮件" in sign_in(cast.dealer_a).get("/notices/settings").text


@pytest.mark.parametrize("who", ["dealer_a", "consultant", "supplier_a", "operator", "author"])
def test_everybody_has_the_page_with_the_kinds_that_reach_them(cast, sign_in, who):
    page = sign_in(getattr(cast, who)).get("/notices/settings")

    assert page.status_code == 200
    assert ("增长报告出来了" in page.text) is (who == "dealer_a")


def test_what_is_chosen_is_kept(context, cast, sign_in):
    client = sign_in(cast.dealer_a)

    answer = client.post("/notices/settings", data=answers(wish_report_ready="never"))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/notices/settings")
    page = client.get("/notices/settings").text
    assert "保存好了。" in page
    assert 'value="23:00"' in page
    found = queries.wishes_of([cast.dealer_a.person_id], [NoticeKind.REPORT_READY])
    assert found[cast.dealer_a.person_id][NoticeKind.REPORT_READY] is Wish.NEVER


def test_what_one_member_chooses_is_not_anothers(context, cast, clerk, sign_in):
    sign_in(cast.dealer_a).post("/notices/settings", data=answers(wish_report_ready="never"))

    assert {row.person_id for row in all_of(NoticeWish)} == {cast.dealer_a.person_id}
    assert queries.timing_of([clerk.person_id])[clerk.person_id] == USUAL


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quiet_from", ""),
        ("quiet_until", "25:00"),
        ("wish_report_ready", "sometimes"),
        ("wish_report_ready", ""),
    ],
)
def test_a_form_that_makes_no_sense_stays_with_its_message(context, cast, sign_in, field, value):
    answer = sign_in(cast.dealer_a).post("/notices/settings", data=answers(**{field: value}))

    assert answer.status_code == 422
    assert "需要修改" in answer.text
    assert 'value="07:30"' in answer.text or field == "quiet_until"
    assert all_of(NoticeTiming) == []


@pytest.mark.asvs("V15.3.3")
def test_a_kind_of_another_role_cannot_be_slipped_in(context, cast, sign_in):
    sign_in(cast.consultant).post(
        "/notices/settings",
        data={"wish_booking_made": "never", "wish_booking_cancelled": "now", **answers()},
    )

    kept = {row.kind for row in all_of(NoticeWish)}
    assert {"booking.made", "booking.cancelled"} <= kept
    assert kept <= {kind.value for kind in rules.kinds_for(Role.CONSULTANT)}


# --- a bounced address --------------------------------------------------------------------------


def test_a_bounced_address_is_shown_with_the_servers_words_and_can_be_tried_again(
    app, context, cast, sign_in, has_mail, tell, mail_server, run_jobs, moment
):
    has_mail(cast.dealer_a.person_id, "lin@xiaolu.example")
    mail_server.to_receiver = ["550 5.1.1 <lin> unknown"]
    tell(NoticeKind.FEEDBACK_ANSWERED)
    run_jobs(moment)
    client = sign_in(cast.dealer_a)

    page = client.get("/notices/settings").text
    assert "邮件送不到" in page
    assert "550 5.1.1 &lt;lin&gt; unknown" in page
    client.post("/notices/settings/address")

    assert all_of(MailBounce) == []
    assert "邮件送不到" not in client.get("/notices/settings").text


# --- the link -----------------------------------------------------------------------------------


@pytest.fixture
def link(app, cast):
    """The path of the link that ends dealer A's digest, or mails about a kind."""

    def of(kind=None):
        with app.app_context():
            whole = unsubscribing.link_for(person_id=cast.dealer_a.person_id, kind=kind)
        return whole.partition("8000")[2]

    return of


@pytest.mark.asvs("V3.5.3")
def test_opening_the_link_ends_nothing_but_asks(app, context, cast, link):
    page = app.test_client().get(link())

    assert page.status_code == 200
    assert "不再收“每日汇总”的邮件？" in page.text
    assert all_of(NoticeTiming) == []


def test_the_link_works_without_signing_in(app, context, cast, link):
    page = app.test_client().post(link())

    assert "不会再发了" in page.text
    (timing,) = all_of(NoticeTiming)
    assert (timing.person_id, timing.wants_digest) == (cast.dealer_a.person_id, False)
    assert (timing.quiet_from_minute, timing.quiet_until_minute) == (22 * 60, 8 * 60)


def test_a_mail_program_may_end_it_with_one_click(app, context, cast, link):
    """RFC 8058: a POST without cookies, without our form's token."""
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = app.test_client().post(link(), data={"List-Unsubscribe": "One-Click"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False

    assert answer.status_code == 200
    assert len(all_of(NoticeTiming)) == 1


def test_the_link_of_a_kind_ends_that_kind_only(app, context, cast, link):
    app.test_client().post(link(NoticeKind.BOOKING_MADE))

    (wish,) = all_of(NoticeWish)
    assert (wish.kind, wish.wish) == ("booking.made", "never")


@pytest.mark.asvs("V9.1.1")
def test_a_link_that_was_not_made_here_is_not_found(app, context, cast, link):
    good = link()
    for bad in (good[:-1], good + "x", "/notices/unsubscribe/abc", good.replace(".", "", 1)):
        assert app.test_client().get(bad).status_code == 404
        assert app.test_client().post(bad).status_code == 404
    assert all_of(NoticeTiming) == []


def test_a_waiting_digest_is_not_sent_after_its_end(
    app, context, cast, link, tell, has_mail, mail_server, run_jobs, moment
):
    has_mail(cast.dealer_a.person_id, "lin@xiaolu.example")
    night = moment + timedelta(hours=13)
    tell(NoticeKind.FEEDBACK_ANSWERED, at=night)
    run_jobs(night)

    with unit_of_work():
        actions.stop_mails(person_id=cast.dealer_a.person_id, kind=NoticeKind.FEEDBACK_ANSWERED)
    run_jobs(night + timedelta(days=1))

    assert mail_server.mails == []
    assert {row.reason for row in all_of(Delivery)} == {"not_wanted", "no_address"}
