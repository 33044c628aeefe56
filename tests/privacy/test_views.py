"""The pages: asking to be deleted with one's name, undoing it, and what operators see."""

import pytest
import time_machine
from conftest import NOW

PAGE = "/account/privacy"
DELETE = "/account/privacy/delete"


@pytest.fixture(autouse=True)
def at_now():
    with time_machine.travel(NOW, tick=True):
        yield


def test_an_account_is_deleted_only_for_who_types_their_name(cast, sign_in):
    client = sign_in(cast.dealer_clerk)

    wrong = client.post(DELETE, data={"name": "店员"})
    right = client.post(DELETE, data={"name": "店员阿豆"})

    assert wrong.status_code == 422
    assert 'value="店员"' in wrong.text
    assert right.status_code == 303
    assert "已申请注销" in client.get(PAGE).text


def test_a_planned_deletion_can_be_undone(cast, sign_in):
    client = sign_in(cast.dealer_clerk)
    client.post(DELETE, data={"name": "店员阿豆"})

    answer = client.post("/account/privacy/keep")

    assert answer.status_code == 303
    assert "已申请注销" not in client.get(PAGE).text
    assert client.post("/account/privacy/keep").status_code == 404


def test_who_cannot_leave_yet_is_told_why(cast, sign_in):
    client = sign_in(cast.dealer_a)

    answer = client.post(DELETE, data={"name": "林小鹿"})

    assert answer.status_code == 422
    assert "只有这一个负责人" in answer.text
    assert "只有这一个负责人" in client.get(PAGE).text


def test_the_page_says_what_goes_and_what_stays(cast, sign_in):
    page = sign_in(cast.dealer_clerk).get(DELETE).text

    gone, _, stays = page.partition("会留下，但认不出是你")
    assert "登录的设备" in gone
    assert "手机号" in gone
    assert "反馈" in stays


def test_deleting_asks_for_the_password_again_after_a_while(cast, sign_in):
    client = sign_in(cast.dealer_clerk)

    with time_machine.travel(NOW.replace(hour=4), tick=True):
        answer = client.get(DELETE)

    assert answer.status_code == 303
    assert answer.location.startswith("/verify")


def test_operators_see_who_leaves(cast, sign_in):
    sign_in(cast.dealer_clerk).post(DELETE, data={"name": "店员阿豆"})

    assert "店员阿豆" in sign_in(cast.operator).get("/privacy").text


@pytest.mark.parametrize("who", ["dealer_a", "consultant", "supplier_a", "author"])
def test_nobody_else_sees_who_leaves(who, cast, sign_in):
    assert sign_in(getattr(cast, who)).get("/privacy").status_code == 403


def test_the_account_page_leads_here(cast, sign_in):
    assert f'href="{PAGE}"' in sign_in(cast.dealer_clerk).get("/account").text
