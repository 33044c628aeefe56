"""Groups and servers of an organisation: what they are told, how it is signed, what fails."""

from datetime import timedelta

import endpoint_servers as servers
import pytest
from rows import all_of

from portal.db import db, unit_of_work
from portal.notices import actions as notices
from portal.notices.endpoints import actions, queries, robots, sealing, webhook
from portal.notices.models import Delivery, Notice, NoticeEndpoint
from portal.notices.outcomes import PAUSES
from portal.notices.rules import Channel, NoticeKind

KINDS = list(servers.KINDS)
DAY = timedelta(days=1)
NEEDS_SECRET = {"dingtalk", "feishu"}


@pytest.fixture(autouse=True)
def on_loopback(app, set_up):
    set_up(webhook_loopback=True, base_url="https://portal.tongtu.example")


@pytest.fixture
def add(context, cast, moment):
    """Return a function that sets up an endpoint of dealer A's shop at a fake, and gives its id."""

    def set_up_endpoint(server, kind, **changes) -> int:
        with unit_of_work():
            endpoint_id = actions.add(
                **{
                    "organisation_id": cast.dealer_a.organisation_id,
                    "channel": Channel(kind),
                    "name": "店里的群",
                    "url": server.url,
                    "secret": server.secret if kind in NEEDS_SECRET else None,
                    "kinds": [NoticeKind.FEEDBACK_ANSWERED, NoticeKind.BOOKING_CANCELLED],
                    "language": "zh_CN",
                    "at": moment,
                    **changes,
                }
            )
        if kind == "webhook":
            with unit_of_work():
                server.secret = actions.new_secret(
                    endpoint_id=endpoint_id,
                    organisation_id=cast.dealer_a.organisation_id,
                    at=moment - 2 * DAY,
                )
        return endpoint_id

    return set_up_endpoint


def deliveries():
    return sorted(all_of(Delivery), key=lambda row: row.id)


def text_of(kind, request) -> str:
    if kind == "webhook":
        data = request.json["data"]
        return f"{data['title']}\n{data['text']}\n{data['url']}"
    content = request.json["content" if kind == "feishu" else "text"]
    return content["text" if kind == "feishu" else "content"]


# --- each kind ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_notice_reaches_the_endpoint_with_a_signature_that_it_accepts(
    kind, add, tell, run_jobs, moment
):
    with servers.running(kind) as server:
        add(server, kind)
        tell(NoticeKind.FEEDBACK_ANSWERED, title="充值到账慢")

        run_jobs(moment)

        (taken,) = server.taken
    assert "反馈有了回复" in text_of(kind, taken)
    assert "供应商回复了你反馈的“充值到账慢”" in text_of(kind, taken)
    assert "https://portal.tongtu.example/feedback/abc" in text_of(kind, taken)
    assert [(row.channel, row.state) for row in deliveries()] == [(kind, "sent")]


@pytest.mark.parametrize("kind", ["webhook", "dingtalk", "feishu"])
def test_control_a_wrong_secret_is_refused_by_the_other_side(kind, add, tell, run_jobs, moment):
    with servers.running(kind) as server:
        add(server, kind)
        server.secret = "whsec_d3Jvbmc=" if kind == "webhook" else "wrong"
        tell(NoticeKind.FEEDBACK_ANSWERED)

        run_jobs(moment)

        assert len(server.asked) == 1
        assert server.taken == []
    (row,) = deliveries()
    # A webhook's server may mend its secret and is asked again; a robot will not.
    assert row.state == ("waiting" if kind == "webhook" else "failed")
    assert any(word in row.answer for word in ("bad signature", "sign not match", "sign match"))


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_a_retry_is_signed_anew_so_that_its_timestamp_is_good(kind, add, tell, run_jobs, moment):
    busy = servers.said(errcode=130101, code=11232, errmsg="too often")
    with servers.running(kind) as server:
        server.next_replies = [busy] * 5
        add(server, kind)
        tell(NoticeKind.FEEDBACK_ANSWERED)
        at = moment
        run_jobs(at)
        for pause in PAUSES[:5]:  # five hours and more
            at += pause
            run_jobs(at)

        assert len(server.taken) == 1
        assert len(server.asked) == 6


@pytest.mark.asvs("V15.3.2")
@pytest.mark.parametrize(
    ("kind", "reply", "state"),
    [
        ("wecom", servers.said(errcode=45009, errmsg="api freq out of limit"), "waiting"),
        ("wecom", servers.said(errcode=93000, errmsg="invalid webhook url"), "failed"),
        ("wecom", servers.said(errcode=-1, errmsg="system busy"), "waiting"),
        ("dingtalk", servers.said(errcode=130101, errmsg="send too fast"), "waiting"),
        ("dingtalk", servers.said(errcode=410100, errmsg="send too fast"), "waiting"),
        ("dingtalk", servers.said(errcode=310000, errmsg="keywords not in content"), "failed"),
        ("feishu", servers.said(code=11232, msg="frequency limited"), "waiting"),
        ("feishu", servers.said(code=9499, msg="frequency limited psm"), "waiting"),
        ("feishu", servers.said(code=9499, msg="Bad Request"), "failed"),
        ("feishu", servers.said(code=19024, msg="Key Words Not Found"), "failed"),
        ("feishu", (200, b"<html>not JSON"), "waiting"),
        ("wecom", (502, b"bad gateway"), "waiting"),
        ("webhook", (500, b"oops"), "waiting"),
        ("webhook", (404, b"no such page"), "waiting"),
        ("webhook", (204, b""), "sent"),
        ("webhook", (302, b"http://127.0.0.1:1/"), "waiting"),
    ],
)
def test_what_an_answer_means(kind, reply, state, add, tell, run_jobs, moment):
    with servers.running(kind) as server:
        server.next_replies = [reply]
        add(server, kind)
        tell(NoticeKind.FEEDBACK_ANSWERED)

        run_jobs(moment)

        assert len(server.asked) == 1  # a redirect is not followed
    assert [row.state for row in deliveries()] == [state]


def test_a_text_that_is_too_long_for_wecom_loses_its_end_but_not_its_link(
    add, tell, run_jobs, moment
):
    with servers.running("wecom") as server:
        add(server, "wecom")
        tell(NoticeKind.FEEDBACK_ANSWERED, title="慢" * 3000)

        run_jobs(moment)

        (taken,) = server.taken
    assert text_of("wecom", taken).endswith("\nhttps://portal.tongtu.example/feedback/abc")


def test_what_somebody_typed_cannot_call_everybody_in_the_group(add, tell, run_jobs, moment):
    with servers.running("feishu") as server:
        add(server, "feishu")
        tell(NoticeKind.FEEDBACK_ANSWERED, title='<at user_id="all">所有人</at>')

        run_jobs(moment)

        assert "<" not in text_of("feishu", server.taken[0])


def test_a_cut_text_has_no_half_characters():
    assert robots.cut("同途", most_bytes=4) == "同"


# --- webhooks -----------------------------------------------------------------------------------


def test_a_signature_is_the_one_of_the_reference_libraries():
    """The vector that the reference libraries of Standard Webhooks are tested with."""
    found = webhook.sign(
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
        secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )

    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_retried_webhook_keeps_its_id_so_that_the_receiver_can_tell(add, tell, run_jobs, moment):
    with servers.running("webhook") as server:
        server.next_replies = [(500, b"oops")]
        add(server, "webhook")
        tell(NoticeKind.FEEDBACK_ANSWERED)
        run_jobs(moment)
        run_jobs(moment + PAUSES[0])

        first, second = server.asked
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.json["type"] == "feedback.answered"
    assert first.json["timestamp"] == "2026-03-01T02:00:00Z"


@pytest.mark.asvs("V11.2.2")
def test_the_earlier_secret_holds_for_a_day_after_it_was_replaced(
    add, cast, tell, run_jobs, moment
):
    with servers.running("webhook") as server:
        endpoint_id = add(server, "webhook")
        with unit_of_work():
            new = actions.new_secret(
                endpoint_id=endpoint_id,
                organisation_id=cast.dealer_a.organisation_id,
                at=moment,
            )
        tell(NoticeKind.FEEDBACK_ANSWERED)
        run_jobs(moment)  # the receiver still has the earlier one
        assert len(server.taken) == 1

        server.secret = new
        tell(NoticeKind.FEEDBACK_ANSWERED)
        run_jobs(moment)
        assert len(server.taken) == 2

        tell(NoticeKind.FEEDBACK_ANSWERED, at=moment + DAY)
        run_jobs(moment + DAY)
        assert len(server.asked[-1].headers["webhook-signature"].split()) == 1


def test_a_server_that_says_gone_is_turned_off_and_its_owner_told(
    add, cast, tell, run_jobs, moment
):
    with servers.running("webhook") as server:
        server.next_replies = [(410, b"")]
        endpoint_id = add(server, "webhook")
        tell(NoticeKind.FEEDBACK_ANSWERED)
        run_jobs(moment)
        tell(NoticeKind.FEEDBACK_ANSWERED)
        run_jobs(moment)

        assert len(server.asked) == 1
    (told,) = [row for row in all_of(Notice) if row.kind == "endpoint.off"]
    assert told.person_id == cast.dealer_a.person_id
    assert told.path == f"/notices/endpoints/{endpoint_id}"


def test_an_endpoint_that_fails_for_days_is_turned_off(add, tell, run_jobs, moment):
    with servers.running("webhook") as server:
        server.next_replies = [(500, b"")] * 100
        add(server, "webhook")
        for days in range(4):
            at = moment + days * DAY
            tell(NoticeKind.FEEDBACK_ANSWERED, at=at)
            run_jobs(at)

    (endpoint,) = all_of(NoticeEndpoint)
    assert endpoint.failing_since == moment
    assert endpoint.off_since is not None
    assert len([row for row in all_of(Notice) if row.kind == "endpoint.off"]) == 1


def test_one_that_works_again_starts_over(add, tell, run_jobs, moment):
    with servers.running("webhook") as server:
        server.next_replies = [(500, b"")]
        add(server, "webhook")
        tell(NoticeKind.FEEDBACK_ANSWERED)
        run_jobs(moment)
        run_jobs(moment + PAUSES[0])

    (endpoint,) = all_of(NoticeEndpoint)
    assert (endpoint.failing_since, endpoint.off_since) == (None, None)


# --- who is told what ---------------------------------------------------------------------------


def test_another_organisations_notice_and_one_for_a_person_do_not_go_there(
    add, cast, tell, run_jobs, moment
):
    with servers.running("wecom") as server:
        add(server, "wecom")
        tell(NoticeKind.FEEDBACK_ANSWERED, organisation_id=cast.dealer_b.organisation_id)
        tell(NoticeKind.FEEDBACK_ANSWERED, person_id=cast.dealer_a.person_id)
        tell(NoticeKind.REPORT_READY)  # not chosen

        run_jobs(moment)

        assert server.asked == []


@pytest.mark.parametrize(("kind", "calls"), [("wecom", 0), ("webhook", 1)])
def test_a_group_is_not_disturbed_at_night_but_a_machine_does_not_sleep(
    kind, calls, add, tell, run_jobs, moment
):
    night = moment + timedelta(hours=13)
    with servers.running(kind) as server:
        add(server, kind)
        tell(NoticeKind.FEEDBACK_ANSWERED, at=night)
        run_jobs(night)

        assert len(server.asked) == calls
        run_jobs(night + timedelta(hours=9))
        assert len(server.taken) == 1


def test_two_workers_that_tell_the_same_notice_make_one_call(add, tell, run_jobs, moment):
    with servers.running("wecom") as server:
        add(server, "wecom")
        tell(NoticeKind.FEEDBACK_ANSWERED)
        run_jobs(moment)
        with unit_of_work():
            notices.outbox.post(
                kind=notices.TELL, args={"notice_id": all_of(Notice)[0].id}, at=moment
            )

        run_jobs(moment)

        assert len(server.asked) == 1


def test_a_try_out_says_at_once_what_is_wrong(add, cast, run_jobs, moment):
    with servers.running("wecom") as server:
        server.next_replies = [(500, b"oops")]
        endpoint_id = add(server, "wecom")
        for _ in range(2):
            with unit_of_work():
                actions.try_out(
                    endpoint_id=endpoint_id,
                    organisation_id=cast.dealer_a.organisation_id,
                    at=moment,
                )
            run_jobs(moment)

    assert [row.state for row in deliveries()] == ["failed", "sent"]
    assert all_of(NoticeEndpoint)[0].failing_since is None


# --- what lies in the database ------------------------------------------------------------------


def test_address_and_secret_lie_sealed_in_the_database(add):
    with servers.running("dingtalk", secret="SEC-very-secret") as server:
        add(server, "dingtalk")
        whole = server.url
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM notice_endpoint").all()
    db.session.rollback()

    assert "SEC-very-secret" not in str(rows)
    assert "access_token" not in str(rows)
    assert sealing.unseal(all_of(NoticeEndpoint)[0].url_sealed) == whole


def test_under_another_key_of_the_portal_a_delivery_fails_with_what_to_do(
    app, add, tell, run_jobs, moment
):
    key = app.config["SECRET_KEY"]
    with servers.running("wecom") as server:
        add(server, "wecom")
        tell(NoticeKind.FEEDBACK_ANSWERED)
        app.config["SECRET_KEY"] = "another-secret-key-that-is-long-enough-01"
        try:
            run_jobs(moment)
        finally:
            app.config["SECRET_KEY"] = key

        assert server.asked == []
    (row,) = deliveries()
    assert row.state == "failed"
    assert "set it up again" in row.answer


def test_an_organisation_has_no_more_than_ten(add, cast):
    with servers.running("wecom") as server:
        for _ in range(actions.MOST):
            add(server, "wecom")
        with pytest.raises(actions.TooMany):
            add(server, "wecom")

    assert len(queries.of_organisation(cast.dealer_a.organisation_id)) == actions.MOST
    db.session.rollback()
