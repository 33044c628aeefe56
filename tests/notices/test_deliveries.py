"""The operator sees what was sent, what failed and why, and lets it be tried again."""

import pytest
from rows import all_of

from portal.db import unit_of_work
from portal.notices import ledger
from portal.notices.mail import actions as mail
from portal.notices.models import Delivery
from portal.notices.rules import Channel, DeliveryState, NoticeKind, Skipped


@pytest.fixture
def failed(app, context, cast, has_mail, tell, mail_server, run_jobs, moment):
    """A mail to dealer A that its server refused; return its id."""
    has_mail(cast.dealer_a.person_id, "lin@xiaolu.example")
    mail_server.to_data = ["554 5.7.1 looks like spam"]
    tell(NoticeKind.FEEDBACK_ANSWERED, title="充值到账慢")
    run_jobs(moment)
    return next(row.id for row in all_of(Delivery) if row.state == "failed")


def test_the_operator_reads_what_failed_to_whom_and_why(cast, sign_in, failed):
    page = sign_in(cast.operator).get("/notices/deliveries?state=failed").text

    assert "供应商回复了你反馈的“充值到账慢”" in page
    assert "林小鹿" in page
    assert "554 5.7.1 looks like spam" in page
    assert "没填邮箱" not in page


def test_a_failed_mail_is_tried_again_with_the_same_message_id(
    cast, sign_in, failed, mail_server, run_jobs
):
    answer = sign_in(cast.operator).post(f"/notices/deliveries/{failed}/again")
    run_jobs()

    assert answer.status_code == 303
    assert mail_server.subjects() == ["供应商回复了你反馈的“充值到账慢”"]
    assert sign_in(cast.operator).post(f"/notices/deliveries/{failed}/again").status_code == 404


@pytest.mark.parametrize("who", ["dealer_a", "supplier_a", "consultant", "author"])
def test_nobody_else_sees_the_ledger(cast, sign_in, failed, who):
    client = sign_in(getattr(cast, who))

    assert client.get("/notices/deliveries").status_code == 403
    assert client.post(f"/notices/deliveries/{failed}/again").status_code == 403


def test_without_a_mail_server_the_page_says_what_to_set(cast, sign_in):
    page = sign_in(cast.operator).get("/notices/deliveries").text

    assert "没有开通邮件" in page
    assert "TONGTU_SMTP_HOST" in page
    assert "这里还没有记录" in page


def test_a_long_ledger_comes_in_pages_and_asks_as_often_for_twenty_as_for_one(
    app, cast, sign_in, count_queries, moment
):
    client = sign_in(cast.operator)

    def enter(number):
        with app.app_context(), unit_of_work():
            ledger.enter(
                key=f"k{number}",
                channel=Channel.MAIL,
                at=moment,
                skipped=Skipped.NO_ADDRESS,
                person_id=cast.dealer_a.person_id,
            )

    enter(0)
    with count_queries() as one:
        client.get("/notices/deliveries")
    for number in range(1, 25):
        enter(number)

    with count_queries() as many:
        first = client.get("/notices/deliveries").text

    assert len(many) == len(one)
    assert first.count("没有填邮箱") == 20
    assert client.get("/notices/deliveries?page=2").text.count("没有填邮箱") == 5


def test_every_state_channel_and_reason_has_words(cast, sign_in, app, moment):
    with app.app_context(), unit_of_work():
        for channel in Channel:
            for reason in Skipped:
                ledger.enter(key=f"{channel}{reason}", channel=channel, at=moment, skipped=reason)
    client = sign_in(cast.operator)

    assert client.get("/notices/deliveries").status_code == 200
    for state in DeliveryState:
        assert client.get(f"/notices/deliveries?state={state}").status_code == 200


def test_what_is_long_over_is_forgotten(context, cast, mail_server, run_jobs, moment):
    mail_server.to_data = ["554 no"]
    with unit_of_work():
        mail.send(to="a@b.example", subject="s", text="t", at=moment, key="k")
    run_jobs(moment)

    with unit_of_work():
        assert ledger.purge(at=moment + ledger.WORDS_KEPT) == 0
    assert all_of(Delivery)[0].content is not None
    with unit_of_work():
        ledger.purge(at=moment + ledger.WORDS_KEPT * 1.01)
    assert all_of(Delivery)[0].content is None
    with unit_of_work():
        assert ledger.purge(at=moment + ledger.KEPT * 1.01) == 1
    assert all_of(Delivery) == []
