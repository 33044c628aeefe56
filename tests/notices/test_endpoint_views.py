"""Owners set up where their organisation is told; nobody else sees or changes it."""

import endpoint_servers as servers
import pytest
from rows import all_of

from portal.notices.models import Delivery, NoticeEndpoint
from portal.notices.rules import NoticeKind

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6"
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=abc"
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/abc"
WEBHOOK = "https://shop.example/hooks/tongtu"


def filled(url=WECOM, **changes):
    return {"name": "店里的群", "url": url, "kinds": ["feedback.answered"], **changes}


@pytest.fixture
def owner(cast, sign_in):
    return sign_in(cast.dealer_a)


@pytest.fixture
def group(owner):
    """The path of a WeCom group of dealer A's shop."""
    answer = owner.post("/notices/endpoints/new/wecom", data=filled())
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


@pytest.mark.parametrize(
    ("kind", "url", "more"),
    [
        ("wecom", WECOM, {}),
        ("dingtalk", DINGTALK, {"secret": "SECabc"}),
        ("feishu", FEISHU, {"secret": "abc"}),
        ("webhook", WEBHOOK, {}),
    ],
)
def test_an_owner_sets_up_each_kind_and_finds_it_in_the_list(context, owner, kind, url, more):
    form = owner.get(f"/notices/endpoints/new/{kind}").text
    assert ("加签密钥" in form) is bool(more)

    answer = owner.post(f"/notices/endpoints/new/{kind}", data=filled(url, **more))

    page = owner.get(answer.headers["Location"]).text
    assert "设好了。" in page
    assert "店里的群" in owner.get("/notices/endpoints").text
    for hidden in ("693a91f6", "access_token", "hook/abc", "SECabc", "hooks/tongtu"):
        assert hidden not in page


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("wecom", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"),
        ("wecom", DINGTALK),
        ("wecom", "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1"),
        ("webhook", "https://192.168.1.1/hook"),
        ("webhook", "https://[::ffff:10.0.0.1]/hook"),
        ("webhook", "javascript:alert(1)"),
        ("webhook", "http://shop.example/hook"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_with_an_example(context, owner, kind, url):
    answer = owner.post(f"/notices/endpoints/new/{kind}", data=filled(url))

    assert answer.status_code == 422
    assert "地址不对，应该像 https://" in answer.text
    assert "店里的群" in answer.text  # what was typed stays
    assert all_of(NoticeEndpoint) == []


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"name": "名" * 41}, {"kinds": []}, {"kinds": ["made.up"]}]
)
def test_a_form_that_lacks_something_stays_with_its_message(context, owner, changes):
    answer = owner.post("/notices/endpoints/new/wecom", data=filled(**changes))

    assert answer.status_code == 422
    assert "需要修改" in answer.text
    assert all_of(NoticeEndpoint) == []


def test_a_signed_robot_needs_its_secret(context, owner):
    answer = owner.post("/notices/endpoints/new/dingtalk", data=filled(DINGTALK))

    assert answer.status_code == 422
    assert "粘贴机器人安全设置里的密钥" in answer.text


def test_an_unknown_kind_is_not_found(owner):
    assert owner.get("/notices/endpoints/new/mail").status_code == 404
    assert owner.post("/notices/endpoints/new/pigeon", data=filled()).status_code == 404


def test_name_and_kinds_can_be_changed(context, owner, group):
    answer = owner.post(group, data={"name": "新群", "kinds": ["report.ready"]})

    assert answer.status_code == 303
    (row,) = all_of(NoticeEndpoint)
    assert (row.name, row.kinds) == ("新群", ["report.ready"])
    assert owner.post(group, data={"name": "", "kinds": ["report.ready"]}).status_code == 422


def test_it_can_be_turned_off_and_on_and_removed(context, owner, group):
    owner.post(f"{group}/off")
    assert "起停用" in owner.get(group).text
    owner.post(f"{group}/on")
    assert "起停用" not in owner.get(group).text
    assert owner.post(f"{group}/sideways").status_code == 404

    owner.post(f"{group}/remove")

    assert owner.get(group).status_code == 404
    assert "还没有设置" in owner.get("/notices/endpoints").text


def test_a_webhooks_secret_is_shown_once(owner):
    answer = owner.post("/notices/endpoints/new/webhook", data=filled(WEBHOOK))
    page = answer.headers["Location"]
    assert "whsec_" not in owner.get(page).text

    shown = owner.post(f"{page}/secret").text

    assert "whsec_" in shown
    assert "离开这一页就看不到了" in shown
    assert "whsec_" not in owner.get(page).text


def test_a_robot_has_no_secret_of_ours(owner, group):
    assert owner.post(f"{group}/secret").status_code == 404


def test_trying_it_out_shows_what_the_other_side_said(context, owner, set_up, run_jobs):
    set_up(webhook_loopback=True)
    with servers.running("wecom") as server:
        server.next_replies = [servers.said(errcode=93000, errmsg="invalid webhook url")]
        page = owner.post("/notices/endpoints/new/wecom", data=filled(server.url)).headers[
            "Location"
        ]
        owner.post(f"{page}/try")
        run_jobs()

    text = owner.get(page).text
    assert "没发成" in text
    assert "invalid webhook url" in text


def test_what_failed_is_sent_again(context, owner, set_up, tell, run_jobs, moment):
    set_up(webhook_loopback=True)
    with servers.running("wecom") as server:
        server.next_replies = [servers.said(errcode=93000, errmsg="invalid webhook url")]
        page = owner.post("/notices/endpoints/new/wecom", data=filled(server.url)).headers[
            "Location"
        ]
        tell(NoticeKind.FEEDBACK_ANSWERED)
        run_jobs(moment)
        (failed,) = all_of(Delivery)

        answer = owner.post(f"{page}/deliveries/{failed.id}/again")
        run_jobs()

        assert answer.status_code == 303
        assert len(server.taken) == 1
    assert owner.post(f"{page}/deliveries/{failed.id}/again").status_code == 404


PAGES = ("", "/try", "/secret", "/off", "/on", "/remove", "/deliveries/1/again")


@pytest.mark.parametrize("who", ["dealer_b", "supplier_a", "operator"])
def test_another_owner_finds_nothing_there(context, cast, sign_in, group, who):
    stranger = sign_in(getattr(cast, who))

    assert stranger.get(group).status_code == 404
    for path in PAGES:
        data = {"name": "x", "kinds": ["feedback.answered"]}
        assert stranger.post(group + path, data=data).status_code == 404
    assert len(all_of(NoticeEndpoint)) == 1


@pytest.mark.parametrize("who", ["dealer_clerk", "consultant"])
def test_who_owns_nothing_may_not_open_it(cast, sign_in, group, who):
    client = sign_in(getattr(cast, who))

    assert client.get("/notices/endpoints").status_code == 403
    assert client.get(group).status_code == 403
    assert "群消息和系统对接" not in client.get("/notices").text
