"""Owners and members: who may do what, the last owner, handing over, leaving, closing."""

from datetime import timedelta

import pytest
import time_machine
from conftest import NOW, PASSWORD

from portal.access import Role
from portal.accounts import actions as accounts
from portal.accounts.membership import rules
from portal.accounts.membership.rules import Act, Standing
from portal.accounts.models import Membership, Organisation
from portal.booking.actions import bookings, hours
from portal.booking.models.sessions import Allocation, Booking
from portal.booking.rules.slots import Window
from portal.catalog import actions as catalog
from portal.db import db, unit_of_work
from portal.feedback import actions as feedback
from portal.tickets import actions as tickets
from portal.tickets.actions import TicketDraft


@pytest.fixture(autouse=True)
def at_now():
    with time_machine.travel(NOW, tick=True):
        yield


def membership(app, actor) -> Membership | None:
    with app.app_context():
        return db.session.scalars(
            db.select(Membership).filter_by(
                person_id=actor.person_id, organisation_id=actor.organisation_id
            )
        ).one_or_none()


def page_of(app, actor, *, base="/organisation") -> str:
    return f"{base}/people/{membership(app, actor).id}"


@pytest.mark.asvs("V8.2.3", "V15.3.1")
def test_every_member_sees_who_works_here_and_only_owners_see_how_to_reach_them(cast, sign_in):
    clerk = sign_in(cast.dealer_clerk).get("/organisation").text
    owner = sign_in(cast.dealer_a).get("/organisation").text

    assert "林小鹿" in clerk
    assert "138 0000 0001" not in clerk
    assert "138 0000 0009" in owner
    assert "/organisation/invite" in owner
    assert "/organisation/invite" not in clerk


def test_an_owner_names_a_second_owner_and_may_then_step_back(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    own, clerk = page_of(app, cast.dealer_a), page_of(app, cast.dealer_clerk)

    alone = client.post(f"{own}/member", follow_redirects=True)
    client.post(f"{clerk}/owner")
    client.post(f"{own}/member")

    assert "至少要有一位负责人" in alone.text
    assert membership(app, cast.dealer_clerk).is_owner
    assert not membership(app, cast.dealer_a).is_owner
    assert client.get("/organisation/invite").status_code == 403  # from the next request on


def test_handing_over_asks_for_the_name_and_swaps_the_owner(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    page = f"{page_of(app, cast.dealer_clerk)}/hand-over"

    wrong = client.post(page, data={"name": "小鹿"})
    right = client.post(page, data={"name": "小鹿点卡铺"})

    assert wrong.status_code == 422
    assert 'value="小鹿"' in wrong.text
    assert right.status_code == 303
    assert membership(app, cast.dealer_clerk).is_owner
    assert not membership(app, cast.dealer_a).is_owner


def test_the_last_owner_cannot_leave_but_a_member_can(app, cast, sign_in):
    owner, clerk = sign_in(cast.dealer_a), sign_in(cast.dealer_clerk)

    refused = owner.post("/organisation/leave")
    left = clerk.post("/organisation/leave")

    assert refused.status_code == 422
    assert "你是唯一的负责人" in refused.text
    assert left.status_code == 303
    assert membership(app, cast.dealer_clerk) is None
    assert clerk.get("/feedback").headers["Location"] == "/nowhere"


def test_a_removed_member_is_out_at_the_next_request(app, cast, sign_in):
    clerk = sign_in(cast.dealer_clerk)
    assert clerk.get("/feedback").status_code == 200

    sign_in(cast.dealer_a).post(f"{page_of(app, cast.dealer_clerk)}/remove")

    assert clerk.get("/feedback").headers["Location"] == "/nowhere"


def test_nobody_removes_themselves_or_somebody_elsewhere(app, cast, sign_in):
    client = sign_in(cast.dealer_a)

    assert client.post(f"{page_of(app, cast.dealer_a)}/remove").status_code == 404
    for step in ("remove", "owner", "member"):
        answer = client.post(f"{page_of(app, cast.dealer_b)}/{step}")
        assert answer.status_code == 404


def test_a_clerk_decides_nothing(app, cast, sign_in):
    client = sign_in(cast.dealer_clerk)
    page = page_of(app, cast.dealer_a)

    for path in ("/organisation/profile", "/organisation/invite", "/organisation/close", page):
        assert client.get(path).status_code == 403
    for step in ("owner", "member", "remove", "hand-over"):
        assert client.post(f"{page}/{step}").status_code == 403


def test_an_owner_says_whether_suppliers_see_the_name(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    form = {"name": "小鹿点卡铺", "region": "浙江 杭州"}

    client.post("/organisation/profile", data={**form, "shares_name": "y"})
    with app.app_context():
        assert db.session.get(Organisation, cast.dealer_a.organisation_id).shares_name
    client.post("/organisation/profile", data=form)
    with app.app_context():
        assert not db.session.get(Organisation, cast.dealer_a.organisation_id).shares_name


def test_a_bad_profile_comes_back_with_what_was_typed(cast, sign_in):
    answer = sign_in(cast.dealer_a).post(
        "/organisation/profile", data={"name": "", "region": "西湖边"}
    )

    assert answer.status_code == 422
    assert 'value="西湖边"' in answer.text


# Closing


@pytest.fixture
def session(app, cast):
    """A session of dealer A in two hours: too late for the dealer to cancel it alone."""
    with app.app_context(), unit_of_work():
        consultant = hours.add_consultant(
            person_id=cast.consultant.person_id,
            organisation_id=cast.consultant.organisation_id,
            specialty_zh="复购",
            specialty_en="Repurchase",
            timezone="Asia/Shanghai",
        )
        return bookings.enter(
            dealer_id=cast.dealer_a.organisation_id,
            person_id=cast.dealer_a.person_id,
            consultant_id=consultant.id,
            starts_at=NOW + timedelta(hours=2),
            ends_at=NOW + timedelta(hours=2, minutes=30),
            topic="聊聊复购",
            submission_key="s",
            at=NOW - timedelta(days=1),
        ).public_id


def test_closing_tells_what_it_ends_asks_for_the_name_and_cancels_sessions(
    app, cast, session, sign_in
):
    client, clerk = sign_in(cast.dealer_a), sign_in(cast.dealer_clerk)

    shown = client.get("/organisation/close").text
    wrong = client.post("/organisation/close", data={"name": "小鹿"})
    right = client.post("/organisation/close", data={"name": "小鹿点卡铺"})

    assert "聊聊复购" in shown
    assert wrong.status_code == 422
    assert right.status_code == 303
    assert client.get("/").headers["Location"] == "/nowhere"
    assert clerk.get("/").headers["Location"] == "/nowhere"
    with app.app_context():
        booking = db.session.scalars(db.select(Booking).filter_by(public_id=session)).one()
        allocation = db.session.scalars(db.select(Allocation)).one()
        assert (booking.state, allocation.live) == ("cancelled", False)
        assert db.session.get(Organisation, cast.dealer_a.organisation_id).state == "closed"


def test_a_closed_organisation_is_found_and_opened_again_by_an_operator(app, cast, sign_in):
    owner, operator = sign_in(cast.dealer_a), sign_in(cast.operator)
    owner.post("/organisation/close", data={"name": "小鹿点卡铺"})
    page = f"/members/{cast.dealer_a.organisation_id}"

    listed = operator.get("/members?state=closed").text
    operator.post(f"{page}/reopen")

    assert "小鹿点卡铺" in listed
    assert "阿成游戏屋" not in listed
    assert owner.get("/").status_code == 200


def test_a_supplier_with_an_open_ticket_finishes_it_first(app, cast, sign_in):
    with app.app_context(), unit_of_work():
        category = catalog.add_category(code="game", name_zh="点券", name_en="Credit")
        product = catalog.add_product(
            supplier_id=cast.supplier_a.organisation_id,
            category_id=category.id,
            code="XH",
            name_zh="星海点券",
            name_en="Xinghai credit",
        )
        given = feedback.submit(
            author=cast.dealer_a.member,
            product_id=product.id,
            text="晚上充值半个小时不到账",
            impact=None,
            submission_key="f",
            at=NOW,
        )
        tickets.open_for(
            supplier_id=cast.supplier_a.organisation_id,
            person_id=cast.supplier_a.person_id,
            draft=TicketDraft(title="到账慢", description="", submission_key="t"),
            feedback_ids=[given.id],
            at=NOW,
        )
    client = sign_in(cast.supplier_a)

    answer = client.post("/organisation/close", data={"name": "星海互娱"})

    assert answer.status_code == 422
    assert "1 张工单没结束" in answer.text
    with app.app_context():
        assert db.session.get(Organisation, cast.supplier_a.organisation_id).state == "active"


def test_a_closed_suppliers_products_are_no_longer_offered(app, cast, sign_in):
    with app.app_context(), unit_of_work():
        category = catalog.add_category(code="game", name_zh="点券", name_en="Credit")
        for supplier, name in ((cast.supplier_a, "星海点券"), (cast.supplier_b, "橙光年卡")):
            catalog.add_product(
                supplier_id=supplier.organisation_id,
                category_id=category.id,
                code=name,
                name_zh=name,
                name_en=name,
            )
    sign_in(cast.supplier_a).post("/organisation/close", data={"name": "星海互娱"})

    page = sign_in(cast.dealer_a).get("/feedback/new").text

    assert "橙光年卡" in page
    assert "星海点券" not in page


def test_the_alliance_cannot_be_closed(cast, sign_in):
    page = f"/members/{cast.operator.organisation_id}/close"

    assert sign_in(cast.operator).post(page, data={"name": "同途联盟"}).status_code == 404


# The operators' directory


@pytest.mark.parametrize("text", ["小鹿", "xiaolu", "店员阿豆", "138 0000 0001"])
def test_an_operator_finds_an_organisation_by_whatever_is_known_of_it(cast, sign_in, text):
    page = sign_in(cast.operator).get("/members", query_string={"q": text}).text

    assert "小鹿点卡铺" in page
    assert "阿成游戏屋" not in page


def test_an_operator_changes_reference_and_level(app, cast, sign_in):
    client = sign_in(cast.operator)
    page = f"/members/{cast.dealer_a.organisation_id}/standing"

    taken = client.post(page, data={"shop_ref": "acheng", "level": "3"})
    fine = client.post(page, data={"shop_ref": "xiaolu2", "level": "3"})

    assert taken.status_code == 422
    assert fine.status_code == 303
    with app.app_context():
        shop = db.session.get(Organisation, cast.dealer_a.organisation_id)
        assert (shop.shop_ref, shop.level) == ("xiaolu2", 3)


def test_an_operator_changes_a_phone_number_that_was_checked(app, cast, sign_in):
    client = sign_in(cast.operator)
    base = f"/members/{cast.dealer_a.organisation_id}"
    page = f"{page_of(app, cast.dealer_clerk, base=base)}/phone"

    taken = client.post(page, data={"phone": cast.dealer_b.phone})
    mail = client.post(page, data={"phone": "a@b.example"})
    fine = client.post(page, data={"phone": "139 0000 0003"})
    old = app.test_client().post(
        "/sign-in", data={"identity": cast.dealer_clerk.phone, "password": PASSWORD}
    )
    new = app.test_client().post("/sign-in", data={"identity": "13900000003", "password": PASSWORD})

    assert (taken.status_code, mail.status_code, fine.status_code) == (422, 422, 303)
    assert (old.status_code, new.status_code) == (422, 302)


def test_the_list_is_paged_and_asks_the_same_number_of_times_however_long(
    app, cast, sign_in, count_queries
):
    client = sign_in(cast.operator)
    with count_queries() as few:
        client.get("/members")
    with app.app_context(), unit_of_work():
        for number in range(30):
            accounts.add_organisation(kind="dealer", name=f"店 {number}", at=NOW)
    with count_queries() as many:
        page = client.get("/members?page=2").text

    assert len(many) == len(few)
    assert 'rel="prev"' in page


def test_a_person_in_two_organisations_leaves_only_one(app, cast, sign_in):
    with app.app_context(), unit_of_work():
        accounts.join(
            person_id=cast.dealer_clerk.person_id,
            organisation_id=cast.dealer_b.organisation_id,
            role=Role.DEALER,
        )
    client = sign_in(cast.dealer_clerk)

    client.post("/organisation/leave")

    assert "阿成游戏屋" in client.get("/organisation").text


# The table on the help page

ROWS = {
    Act.SEE_MEMBERS: ("看成员名单", "See who works there"),
    Act.LEAVE: ("离开", "Leave"),
    Act.INVITE: ("邀请成员、撤回邀请", "Invite people, withdraw invitations"),
    Act.CHANGE_OWNERS: ("设负责人", "Name owners"),
    Act.REMOVE: ("移出成员", "Remove members"),
    Act.EDIT_PROFILE: ("改资料、决定店名给不给供应商看", "Edit the profile, share the shop's name"),
    Act.HAND_OVER: ("把组织交给别人", "Hand the organisation over"),
    Act.CLOSE: ("关闭组织", "Close the organisation"),
    Act.APPROVE: ("审核入驻，定编号和等级", "Let shops in, set reference and level"),
    Act.REOPEN: ("重新开通", "Open it again"),
    Act.GIVE_LINK: ("给重置密码的链接", "Hand out a password link"),
}
ORDER = (Standing.MEMBER, Standing.OWNER, Standing.OPERATOR)


@pytest.mark.parametrize(("language", "file"), [(0, "help.zh-CN.md"), (1, "help.en.md")])
def test_the_help_page_shows_the_table_by_which_the_portal_decides(app, language, file):
    folder = app.extensions["tongtu.settings"].content_dir / "pages"
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    yes, no = (("可以", "不能"), ("yes", "no"))[language]
    expected = [
        f"| {words[language]} | "
        + " | ".join(yes if rules.may(standing=each, act=act) else no for each in ORDER)
        + " |"
        for act, words in ROWS.items()
    ]

    assert set(ROWS) == set(Act)
    assert [line for line in lines if line in expected] == expected


def test_a_consultant_who_left_the_alliance_is_no_longer_offered(app, cast, sign_in):
    with app.app_context(), unit_of_work():
        consultant = hours.add_consultant(
            person_id=cast.consultant.person_id,
            organisation_id=cast.consultant.organisation_id,
            specialty_zh="复购",
            specialty_en="Repurchase",
            timezone="Asia/Shanghai",
        )
        windows = [Window(day, 0, 1440) for day in range(7)]
        hours.set_hours(consultant_id=consultant.id, windows=windows)
    dealer, operator = sign_in(cast.dealer_a), sign_in(cast.operator)
    form = {"consultant": "1", "starts": "20261125T0200Z", "topic": "聊聊复购", "key": "k"}
    before = dealer.get("/booking").text
    dealer.post("/booking/new", data={**form, "starts": "20261126T0200Z"})
    base = f"/members/{cast.consultant.organisation_id}"

    operator.post(f"{page_of(app, cast.consultant, base=base)}/remove")

    assert "/booking/consultants/1" in before
    assert "/booking/consultants/1" not in dealer.get("/booking").text
    assert dealer.post("/booking/new", data=form).status_code == 422
    with app.app_context():
        assert db.session.query(Booking).count() == 1  # the one from before
