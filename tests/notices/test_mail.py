"""Mails: what they look like, how they reach the mail server, and what becomes of them."""

import smtplib
from datetime import timedelta

import mail_server as servers
import pytest
from rows import all_of

from portal.db import unit_of_work
from portal.notices import sending
from portal.notices.mail import actions, message, smtp
from portal.notices.mail.letters import BadAddress, Button, Letter
from portal.notices.models import Delivery, MailBounce
from portal.notices.outcomes import PAUSES
from portal.outbox.models import Job

ADDRESS = "lin@xiaolu.example"


def send(at, **changes):
    values = {
        "to": ADDRESS,
        "subject": "邀请你加入小鹿点卡铺",
        "text": "林小鹿请你一起用同途。\n\n这个链接 7 天内有效。",
        "button": Button("接受邀请", "https://portal.tongtu.example/invitation/abc"),
        "key": "invitation:1",
        **changes,
    }
    with unit_of_work():
        return actions.send(at=at, **values)


def ledger():
    return sorted(all_of(Delivery), key=lambda row: row.id)


# --- what a mail looks like ---------------------------------------------------------------------


def test_a_mail_carries_its_words_as_text_and_as_html(context, mail_server, run_jobs, moment):
    assert send(moment)

    run_jobs()

    (mail,) = mail_server.mails
    assert mail["Subject"] == "邀请你加入小鹿点卡铺"
    assert mail["From"] == "同途 <no-reply@tongtu.example>"
    assert mail["To"] == ADDRESS
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    for part in (text, html):
        assert "这个链接 7 天内有效。" in part
        assert "https://portal.tongtu.example/invitation/abc" in part
    assert '<html lang="zh-CN">' in html


def test_the_frame_of_a_mail_is_in_the_receivers_language(context, mail_server, run_jobs, moment):
    send(moment, language="en", subject="Join us", text="You are invited.")

    run_jobs()

    html = mail_server.mails[0].get_body(("html",)).get_content()
    assert '<html lang="en">' in html
    assert mail_server.mails[0]["Content-Language"] == "en"


def test_what_somebody_typed_is_escaped_in_html(context, mail_server, run_jobs, moment):
    send(moment, subject="<b>到账</b>", text="<script>alert(1)</script>")

    run_jobs()

    html = mail_server.mails[0].get_body(("html",)).get_content()
    assert "<script>" not in html
    assert "&lt;b&gt;到账&lt;/b&gt;" in html


@pytest.mark.asvs("V1.2.1", "V1.3.11")
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\x85", "\u2028"])
def test_a_subject_cannot_start_a_header_of_its_own(context, mail_server, run_jobs, moment, end):
    send(moment, subject=f"你好{end}Bcc: everybody@evil.example{end}{end}<p>x")

    run_jobs()

    (mail,) = mail_server.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "你好 Bcc: everybody@evil.example <p>x"


@pytest.mark.asvs("V1.3.11")
@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\nBcc: c@d.example",
        "a@b.example, c@d.example",
        "Name <a@b.example>",
        "用户@例子.example",
        "a b@c.example",
        "@b.example",
        "a@",
        "a",
        "",
    ],
)
def test_what_is_not_one_plain_address_is_refused_before_it_is_posted(
    context, mail_server, moment, address
):
    with pytest.raises(BadAddress):
        send(moment, to=address)

    assert ledger() == []


def test_a_letter_with_an_unsubscribe_link_says_so_to_mail_programs(context, set_up, moment):
    letter = Letter("日报", ["…"], unsubscribe_url="https://portal.tongtu.example/u/x")

    made = message.compose(letter, to=ADDRESS, sender="T <t@t.example>", key="k", at=moment)

    assert made["List-Unsubscribe"] == "<https://portal.tongtu.example/u/x>"
    assert made["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


# --- sending ------------------------------------------------------------------------------------


def test_without_a_mail_server_nothing_is_posted_and_the_caller_is_told(context, moment):
    assert not smtp.is_set_up()

    assert send(moment) is False

    assert ledger() == []
    assert all_of(Job) == []


def test_the_same_cause_twice_sends_one_mail(context, mail_server, run_jobs, moment):
    send(moment)
    send(moment)
    run_jobs()
    send(moment)
    run_jobs()

    assert len(mail_server.mails) == 1


def test_control_another_cause_sends_another_mail(context, mail_server, run_jobs, moment):
    send(moment)
    send(moment, key="invitation:2")
    run_jobs()

    assert len(mail_server.mails) == 2


def test_a_mail_of_a_cause_that_was_rolled_back_is_never_sent(
    context, mail_server, run_jobs, moment
):
    def fails_late():
        with unit_of_work():
            actions.send(to=ADDRESS, subject="s", text="t", at=moment, key="k")
            raise LookupError

    with pytest.raises(LookupError):
        fails_late()

    assert run_jobs() == 0
    assert mail_server.mails == []


def test_the_words_of_a_sent_mail_are_forgotten(context, mail_server, run_jobs, moment):
    send(moment)
    assert "invitation/abc" in str(ledger()[0].content)

    run_jobs()

    (delivery,) = ledger()
    assert (delivery.state, delivery.content) == ("sent", None)


def test_a_temporary_refusal_is_tried_again_with_the_same_message_id(
    context, mail_server, run_jobs, moment
):
    mail_server.to_receiver = ["451 4.7.1 Greylisted, come back later"]
    mail_server.to_data = ["452 4.3.1 Disk full"]
    send(moment)

    run_jobs(moment)
    (delivery,) = ledger()
    assert (delivery.state, delivery.attempt) == ("waiting", 1)
    assert delivery.answer == "451 4.7.1 Greylisted, come back later"
    assert run_jobs(moment + PAUSES[0] - timedelta(seconds=1)) == 0

    run_jobs(moment + PAUSES[0])
    assert ledger()[0].answer == "452 4.3.1 Disk full"
    run_jobs(moment + PAUSES[0] + PAUSES[1])

    (mail,) = mail_server.mails
    assert mail["Message-ID"] == message.message_id(
        "letter:invitation:1", sender="no-reply@tongtu.example"
    )
    assert (ledger()[0].state, ledger()[0].attempt) == ("sent", 3)


def test_who_refuses_for_two_days_is_given_up(context, mail_server, run_jobs, moment):
    mail_server.to_receiver = ["451 later"] * 20
    send(moment)
    at = moment
    run_jobs(at)

    for pause in PAUSES:
        at += pause
        assert run_jobs(at) == 1

    assert ledger()[0].state == "failed"
    assert run_jobs(at + timedelta(days=30)) == 0
    assert mail_server.mails == []


def test_a_mailbox_that_does_not_exist_is_remembered_and_not_tried_again(
    context, mail_server, run_jobs, moment
):
    mail_server.to_receiver = ["550 5.1.1 No such user here"]
    send(moment)

    run_jobs(moment)

    assert ledger()[0].state == "failed"
    (bounce,) = all_of(MailBounce)
    assert bounce.address == ADDRESS
    assert bounce.answer == "550 5.1.1 No such user here"
    assert run_jobs(moment + timedelta(days=30)) == 0


@pytest.mark.parametrize(
    "answer", ["554 5.7.1 Rejected as spam", "552 5.2.2 Mailbox full", "550 5.7.26 Not authorised"]
)
def test_a_refusal_for_another_reason_says_nothing_about_the_mailbox(
    context, mail_server, run_jobs, moment, answer
):
    mail_server.to_receiver = [answer]
    send(moment)

    run_jobs(moment)

    assert ledger()[0].state == "failed"
    assert all_of(MailBounce) == []


def test_a_mail_that_arrives_after_all_clears_the_address(context, mail_server, run_jobs, moment):
    mail_server.to_receiver = ["550 5.1.1 No such user here"]
    send(moment)
    run_jobs(moment)

    send(moment, key="another")
    run_jobs(moment)

    assert all_of(MailBounce) == []


@pytest.mark.asvs("V16.5.2")
def test_a_mail_server_that_is_away_is_tried_again(context, set_up, mail_server, run_jobs, moment):
    there = mail_server.port
    set_up(smtp_port=servers.free_port())
    send(moment)
    run_jobs(moment)
    assert "ConnectionRefusedError" in ledger()[0].answer

    set_up(smtp_port=there)
    run_jobs(moment + PAUSES[0])

    assert len(mail_server.mails) == 1


def test_a_worker_that_died_after_its_try_does_not_send_twice(
    context, mail_server, run_jobs, moment
):
    send(moment)
    delivery_id = ledger()[0].id
    sending.try_now(delivery_id=delivery_id, attempt=1, now=lambda: moment)

    run_jobs(moment)  # the job's lease ran out, another worker runs it again

    assert len(mail_server.mails) == 1


# --- encryption and signing in ------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return servers.certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def encrypted(app, set_up, certificate):
    """A mail server that wants STARTTLS and a password."""
    trusted, shown = certificate
    with servers.running(
        tls_context=shown,
        require_starttls=True,
        auth_required=True,
        authenticator=servers.password_check(users := []),
    ) as running:
        set_up(
            smtp_host="127.0.0.1",
            smtp_port=running.port,
            smtp_tls="starttls",
            smtp_ca=str(trusted),
            smtp_user="tongtu",
            smtp_password="right password",
            mail_from="no-reply@tongtu.example",
        )
        running.users = users
        yield running


@pytest.mark.asvs("V12.3.1")
def test_mails_go_out_encrypted_and_signed_in(context, encrypted, run_jobs, moment):
    send(moment)

    run_jobs(moment)

    assert encrypted.over_tls == [True]
    assert encrypted.users == ["tongtu"]


@pytest.mark.asvs("V12.3.2", "V12.3.4")
def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    context, encrypted, set_up, run_jobs, moment
):
    set_up(smtp_ca="")
    send(moment)

    run_jobs(moment)

    assert encrypted.mails == []
    assert "CERTIFICATE_VERIFY_FAILED" in ledger()[0].answer


@pytest.mark.asvs("V12.3.1")
def test_a_server_that_drops_encryption_gets_no_mail(
    context, mail_server, set_up, run_jobs, moment
):
    set_up(smtp_tls="starttls")
    send(moment)

    run_jobs(moment)

    assert mail_server.mails == []
    assert ledger()[0].state == "waiting"
    assert smtplib.SMTPNotSupportedError.__name__ in ledger()[0].answer


def test_a_wrong_password_waits_for_the_operator(context, encrypted, set_up, run_jobs, moment):
    set_up(smtp_password="wrong")
    send(moment)

    run_jobs(moment)

    assert ledger()[0].state == "waiting"
    assert "signing in to the mail server failed" in ledger()[0].answer


def test_mails_go_out_over_tls_from_the_first_byte(context, set_up, certificate, run_jobs, moment):
    trusted, shown = certificate
    with servers.running(ssl_context=shown) as server:
        set_up(
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            smtp_tls="tls",
            smtp_ca=str(trusted),
            mail_from="no-reply@tongtu.example",
        )
        send(moment)

        run_jobs(moment)

        assert len(server.mails) == 1
