"""Who is mailed about a notice, when, in which language, and what becomes of it."""

import threading
from datetime import timedelta

import pytest
import time_machine
from rows import all_of

from portal import clock, jobs
from portal.accounts.models import Membership
from portal.db import db, unit_of_work
from portal.notices import actions, digest, ledger, rules, telling
from portal.notices.models import Delivery, Notice
from portal.notices.rules import NoticeKind, Wish
from portal.notices.timing import USUAL, Timing
from portal.outbox.models import Job

DAY = timedelta(days=1)


@pytest.fixture
def lin(cast, has_mail):
    """The owner of dealer A's shop, with a mail address."""
    return has_mail(cast.dealer_a.person_id, "lin@xiaolu.example")


@pytest.fixture
def wants(app):
    """Return a function that keeps a person's wishes."""

    def keep(person_id, *, timing=USUAL, **wishes):
        with app.app_context(), unit_of_work():
            actions.choose(
                person_id=person_id,
                wishes={NoticeKind[name.upper()]: wish for name, wish in wishes.items()},
                timing=timing,
            )

    return keep


def deliveries():
    """Return what became of what, oldest first; the clerks of the shop have no address."""
    rows = sorted(all_of(Delivery), key=lambda row: row.id)
    return [row for row in rows if row.reason != "no_address"]


def fates():
    return [(row.channel, row.state, row.reason) for row in deliveries()]


# --- one notice ---------------------------------------------------------------------------------


def test_a_prompt_notice_is_mailed_to_every_member_who_has_an_address(
    context, cast, clerk, tell, lin, mail_server, run_jobs, moment
):
    tell(NoticeKind.FEEDBACK_ANSWERED, title="充值到账慢")

    run_jobs(moment)

    (mail,) = mail_server.mails
    assert mail["To"] == lin
    assert mail["Subject"] == "供应商回复了你反馈的“充值到账慢”"
    text = mail.get_body(("plain",)).get_content()
    assert "https://portal.tongtu.example/feedback/abc" in text
    assert "https://portal.tongtu.example/notices/settings" in text
    assert fates() == [("mail", "sent", None)]
    skipped = [row for row in all_of(Delivery) if row.reason == "no_address"]
    assert clerk.person_id in {row.person_id for row in skipped}


def test_a_mail_speaks_the_receivers_language(
    context, cast, tell, has_mail, mail_server, run_jobs, moment
):
    has_mail(cast.dealer_a.person_id, "lin@xiaolu.example", language="en")
    tell(NoticeKind.BOOKING_MADE, who="Gu", starts_at="2026-03-05T02:00:00Z")

    run_jobs(moment)

    html = mail_server.mails[0].get_body(("html",)).get_content()
    assert '<html lang="en">' in html
    assert "5 Mar 2026 10:00" in mail_server.mails[0]["Subject"]


def test_choosing_a_language_decides_about_mails_too(
    context, cast, sign_in, lin, tell, mail_server, run_jobs, moment
):
    sign_in(cast.dealer_a).post("/language/en")
    tell(NoticeKind.FEEDBACK_ANSWERED, title="T")

    run_jobs(moment)

    assert mail_server.mails[0]["Content-Language"] == "en"


def test_without_a_mail_server_a_notice_posts_no_job(context, cast, tell, lin):
    tell(NoticeKind.FEEDBACK_ANSWERED)

    assert all_of(Job) == []


def test_a_notice_told_by_two_workers_is_mailed_once(
    context, cast, tell, lin, mail_server, run_jobs, moment
):
    tell(NoticeKind.FEEDBACK_ANSWERED)
    run_jobs(moment)
    with unit_of_work():
        job = db.session.scalars(db.select(Job).where(Job.kind == actions.TELL)).one()
        job.state = "waiting"  # as if its worker had died before it could say that it was done

    assert run_jobs(moment) == 1

    assert len(mail_server.mails) == 1
    assert len(deliveries()) == 1


def test_who_wants_no_mail_about_a_kind_gets_none(
    context, cast, tell, lin, wants, mail_server, run_jobs, moment
):
    wants(cast.dealer_a.person_id, feedback_answered=Wish.NEVER)
    tell(NoticeKind.FEEDBACK_ANSWERED)

    run_jobs(moment)

    assert mail_server.mails == []
    assert fates() == [("mail", "skipped", "not_wanted")]


def test_a_bounced_address_gets_no_more_notices(
    context, cast, tell, lin, mail_server, run_jobs, moment
):
    mail_server.to_receiver = ["550 5.1.1 unknown"]
    tell(NoticeKind.FEEDBACK_ANSWERED)
    run_jobs(moment)
    tell(NoticeKind.FEEDBACK_ANSWERED)

    run_jobs(moment)

    assert fates() == [("mail", "failed", None), ("mail", "skipped", "bounced")]
    with unit_of_work():
        actions.try_address_again(address=lin)
    tell(NoticeKind.FEEDBACK_ANSWERED)
    run_jobs(moment)
    assert len(mail_server.mails) == 1


# --- quiet hours --------------------------------------------------------------------------------


def night_of(moment):
    """22:30 in Shanghai on the evening of `moment`."""
    return moment + timedelta(hours=12, minutes=30)


def test_what_is_not_urgent_waits_for_the_morning(
    context, cast, tell, lin, mail_server, run_jobs, moment
):
    night = night_of(moment)
    tell(NoticeKind.FEEDBACK_ANSWERED, at=night)

    run_jobs(night)
    assert mail_server.mails == []
    morning = night + timedelta(hours=9, minutes=30)
    assert run_jobs(morning - timedelta(seconds=1)) == 0
    run_jobs(morning)

    assert len(mail_server.mails) == 1


def test_what_was_read_in_the_night_is_not_mailed_in_the_morning(
    context, cast, tell, lin, mail_server, run_jobs, moment
):
    night = night_of(moment)
    tell(NoticeKind.FEEDBACK_ANSWERED, at=night)
    run_jobs(night)
    with unit_of_work():
        actions.mark_all_read(member=cast.dealer_a.member, at=night)

    run_jobs(night + DAY)

    assert mail_server.mails == []
    assert fates() == [("mail", "skipped", "read_before")]


def test_a_session_cancelled_for_tomorrow_morning_is_told_at_night(
    context, cast, tell, lin, wants, mail_server, run_jobs, moment
):
    night = night_of(moment)
    wants(cast.dealer_a.person_id, booking_cancelled=Wish.NEVER)
    starts = (night + timedelta(hours=10)).isoformat()
    tell(NoticeKind.BOOKING_CANCELLED, at=night, starts_at=starts)

    run_jobs(night)

    assert len(mail_server.mails) == 1
    assert mail_server.mails[0]["List-Unsubscribe"] is None


def test_what_concerns_the_account_is_told_at_night_and_nobody_can_turn_it_off(
    context, cast, sign_in, tell, lin, wants, mail_server, run_jobs, moment
):
    page = sign_in(cast.dealer_a).get("/notices/settings").text
    assert "wish_sign_in_password" not in page
    assert "总会马上发邮件：" in page
    wants(cast.dealer_a.person_id, password_changed=Wish.NEVER)  # as if slipped in
    night = night_of(moment)
    tell(NoticeKind.PASSWORD_CHANGED, at=night, person_id=cast.dealer_a.person_id)

    run_jobs(night)

    assert len(mail_server.mails) == 1
    assert mail_server.mails[0]["List-Unsubscribe"] is None


def test_ones_own_quiet_hours_count(context, cast, tell, lin, wants, mail_server, run_jobs, moment):
    late = Timing(quiet_from_minute=2 * 60, quiet_until_minute=10 * 60, wants_digest=True)
    wants(cast.dealer_a.person_id, timing=late)
    night = night_of(moment)
    tell(NoticeKind.FEEDBACK_ANSWERED, at=night)

    run_jobs(night)

    assert len(mail_server.mails) == 1


def test_who_left_the_shop_in_the_meantime_is_not_told(
    context, cast, tell, lin, mail_server, run_jobs, moment
):
    night = night_of(moment)
    tell(NoticeKind.FEEDBACK_ANSWERED, at=night)
    run_jobs(night)
    with unit_of_work():
        db.session.execute(
            db.delete(Membership).where(Membership.person_id == cast.dealer_a.person_id)
        )

    run_jobs(night + DAY)

    assert mail_server.mails == []
    assert fates() == [("mail", "skipped", "gone")]


# --- the digest ---------------------------------------------------------------------------------


@pytest.fixture
def open_digests(app):
    def run(at):
        with app.app_context(), unit_of_work():
            return digest.open_all(at=at, zone=clock.zone())

    return run


@pytest.fixture
def half_past_eight(moment):
    """The digest's hour on the morning after `moment`."""
    return moment + timedelta(hours=22, minutes=30)


def test_what_is_calm_comes_in_one_mail_a_day_grouped_by_kind(
    context, cast, tell, lin, mail_server, run_jobs, open_digests, moment, half_past_eight
):
    tell(NoticeKind.FEEDBACK_LINKED, title="甲")
    tell(NoticeKind.REPORT_READY, month_on="2026-02-01", path="/reports")
    tell(NoticeKind.FEEDBACK_LINKED, title="乙")
    run_jobs(moment)
    assert mail_server.mails == []

    assert open_digests(half_past_eight) == 1
    run_jobs(half_past_eight)

    (mail,) = mail_server.mails
    assert mail["Subject"] == "今天有 3 件事等你看"
    text = mail.get_body(("plain",)).get_content()
    assert text.index("增长报告出来了") < text.index("反馈开始处理了")  # the order of use
    assert "“甲”" in text
    assert "“乙”" in text
    assert "https://portal.tongtu.example/reports" in text
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert {(row.channel, row.state) for row in deliveries()} == {
        ("mail", "sent"),
        ("digest", "sent"),
    }


def test_the_digest_goes_out_by_itself_every_morning(
    context, cast, tell, lin, mail_server, run_jobs, moment, half_past_eight
):
    tell(NoticeKind.FEEDBACK_LINKED, title="甲")
    with time_machine.travel(moment, tick=False):
        jobs.tick(context, owner="worker")
    run_jobs(half_past_eight - timedelta(seconds=1))
    assert mail_server.mails == []

    run_jobs(half_past_eight)

    assert mail_server.subjects() == ["今天有 1 件事等你看"]


def test_what_was_read_in_the_portal_is_not_in_the_digest(
    context, cast, tell, lin, mail_server, run_jobs, open_digests, moment, half_past_eight
):
    tell(NoticeKind.FEEDBACK_LINKED, title="甲")
    with unit_of_work():
        actions.mark_all_read(member=cast.dealer_a.member, at=moment)
    tell(NoticeKind.FEEDBACK_LINKED, title="乙")
    run_jobs(moment)
    open_digests(half_past_eight)

    run_jobs(half_past_eight)

    text = mail_server.mails[0].get_body(("plain",)).get_content()
    assert "“乙”" in text
    assert "“甲”" not in text


def test_without_anything_new_there_is_no_digest(
    context, cast, tell, lin, mail_server, run_jobs, open_digests, moment, half_past_eight
):
    tell(NoticeKind.FEEDBACK_LINKED)
    run_jobs(moment)
    with unit_of_work():
        actions.mark_all_read(member=cast.dealer_a.member, at=moment)
    open_digests(half_past_eight)

    run_jobs(half_past_eight)

    assert mail_server.mails == []
    assert ("digest", "skipped", "nothing_new") in fates()
    assert open_digests(half_past_eight + DAY) == 0


def two_digests_in_a_day(tell, run_jobs, open_digests, moment, morning):
    tell(NoticeKind.FEEDBACK_LINKED, title="早上的")
    run_jobs(moment)
    open_digests(morning)
    run_jobs(morning)
    tell(NoticeKind.FEEDBACK_LINKED, title="中午的", at=morning + timedelta(hours=4))
    run_jobs(morning + timedelta(hours=4))
    open_digests(morning + timedelta(hours=5))
    run_jobs(morning + timedelta(hours=5))


def test_there_is_no_second_digest_on_a_day(
    context, cast, tell, lin, mail_server, run_jobs, open_digests, moment, half_past_eight
):
    two_digests_in_a_day(tell, run_jobs, open_digests, moment, half_past_eight)

    assert len(mail_server.mails) == 1
    open_digests(half_past_eight + DAY)
    run_jobs(half_past_eight + DAY)
    assert "中午的" in mail_server.mails[1].get_body(("plain",)).get_content()


def test_control_without_the_key_of_the_day_there_is_a_second_one(
    context,
    cast,
    tell,
    lin,
    mail_server,
    run_jobs,
    open_digests,
    moment,
    half_past_eight,
    monkeypatch,
):
    numbers = iter(range(100))
    monkeypatch.setattr(digest, "key_of", lambda **_: f"digest:{next(numbers)}")

    two_digests_in_a_day(tell, run_jobs, open_digests, moment, half_past_eight)

    assert len(mail_server.mails) == 2


def test_a_digest_that_waits_for_its_mail_server_is_taken_over_by_the_next(
    context, cast, tell, lin, mail_server, run_jobs, open_digests, moment, half_past_eight
):
    mail_server.to_data = ["451 later"] * 6
    tell(NoticeKind.FEEDBACK_LINKED, title="昨天的")
    run_jobs(moment)
    open_digests(half_past_eight)
    run_jobs(half_past_eight)
    mail_server.to_data = []
    tell(NoticeKind.FEEDBACK_LINKED, title="今天的", at=half_past_eight)
    run_jobs(half_past_eight)

    open_digests(half_past_eight + DAY)
    with unit_of_work():  # the new one's worker is the quicker
        (old,) = db.session.scalars(db.select(Job).where(Job.key.like("notices.send:%:2"))).all()
        old.run_after = half_past_eight + DAY + timedelta(minutes=1)
    run_jobs(half_past_eight + DAY)
    run_jobs(half_past_eight + DAY + timedelta(minutes=2))

    (mail,) = mail_server.mails
    text = mail.get_body(("plain",)).get_content()
    assert "昨天的" in text
    assert "今天的" in text
    assert ("digest", "skipped", "superseded") in fates()


def test_a_retried_digest_brings_the_same_and_not_what_came_since(
    context, cast, tell, lin, mail_server, run_jobs, open_digests, moment, half_past_eight
):
    mail_server.to_data = ["451 later"]
    tell(NoticeKind.FEEDBACK_LINKED)
    run_jobs(moment)
    open_digests(half_past_eight)
    run_jobs(half_past_eight)

    run_jobs(half_past_eight + timedelta(minutes=2))

    assert mail_server.subjects() == ["今天有 1 件事等你看"]


def test_who_wants_no_digest_gets_none(
    context, cast, tell, lin, wants, mail_server, run_jobs, open_digests, moment, half_past_eight
):
    wants(cast.dealer_a.person_id, timing=Timing(0, 0, wants_digest=False))
    tell(NoticeKind.FEEDBACK_LINKED)
    run_jobs(moment)

    assert open_digests(half_past_eight) == 0
    assert fates() == [("mail", "skipped", "not_wanted")]


def test_the_digest_keeps_out_of_quiet_hours(
    context, cast, tell, lin, wants, mail_server, run_jobs, open_digests, moment, half_past_eight
):
    wants(cast.dealer_a.person_id, timing=Timing(22 * 60, 11 * 60, wants_digest=True))
    tell(NoticeKind.FEEDBACK_LINKED)
    run_jobs(moment)
    open_digests(half_past_eight)

    run_jobs(half_past_eight)
    assert mail_server.mails == []
    run_jobs(half_past_eight + timedelta(hours=2, minutes=30))

    assert len(mail_server.mails) == 1


def test_the_order_of_use_names_every_kind_once():
    assert len(list(rules.URGENCY)) == len(set(rules.URGENCY)) == len(NoticeKind)


# --- many workers at once -----------------------------------------------------------------------

WORKERS = 4


def all_at_once(app, work):
    """Let `work` run in several threads at the same moment, each with its own connection."""
    begin, wrong = threading.Barrier(WORKERS), []

    def run():
        with app.app_context():
            try:
                begin.wait(timeout=20)
                work()
            except Exception as error:  # told to the test's own thread
                wrong.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert wrong == []


def tell_now(moment):
    with unit_of_work():
        telling.tell(
            notice_id=db.session.scalar(db.select(Notice.id)), at=moment, zone=clock.zone()
        )


def test_workers_that_decide_about_one_notice_at_once_enter_it_once(
    context, cast, tell, lin, mail_server, run_jobs, moment
):
    tell(NoticeKind.FEEDBACK_ANSWERED)

    all_at_once(context, lambda: tell_now(moment))
    run_jobs(moment)

    assert len(mail_server.mails) == 1
    assert len(deliveries()) == 1


def test_control_without_one_key_for_one_receiver_each_worker_sends_its_own(
    context, cast, tell, lin, mail_server, run_jobs, moment, monkeypatch
):
    enter, numbers = ledger.enter, iter(range(1000))

    def with_its_own_key(*, key, **values):
        return enter(key=f"{key}:{next(numbers)}", **values)

    monkeypatch.setattr(ledger, "enter", with_its_own_key)
    tell(NoticeKind.FEEDBACK_ANSWERED)

    all_at_once(context, lambda: tell_now(moment))
    run_jobs(moment)

    assert len(mail_server.mails) > 1


def test_many_workers_on_one_pile_send_each_mail_once(
    context, cast, tell, lin, mail_server, run_jobs, moment
):
    for number in range(12):
        tell(NoticeKind.FEEDBACK_ANSWERED, title=f"第{number}条")

    with time_machine.travel(moment, tick=False):
        all_at_once(context, lambda: jobs.run_all(context))

    assert sorted(mail_server.subjects()) == sorted(
        f"供应商回复了你反馈的“第{number}条”" for number in range(12)
    )
    assert len({mail["Message-ID"] for mail in mail_server.mails}) == 12
