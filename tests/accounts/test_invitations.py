"""Inviting people: who may, what the link shows, and that it opens once."""

import re
from datetime import timedelta

import pytest
import time_machine

from portal import clock
from portal.access import Role
from portal.accounts import queries as accounts
from portal.accounts.membership.actions import links
from portal.accounts.membership.models import OneTimeLink
from portal.accounts.models import Membership, Person
from portal.db import db

PASSWORD = "a pony under seven stars"


def invite(client, identity="13900000001", *, base="/organisation", **values):
    return client.post(f"{base}/invite", data={"identity": identity, "role": "dealer", **values})


def link_of(client, answer) -> str:
    """Return the path of the link that the page after an invitation shows."""
    page = client.get(answer.headers["Location"]).text
    found = re.search(r"http://[^/]+(/link/[\w-]+)", page)
    assert found, page
    return found.group(1)


@pytest.fixture
def link(cast, sign_in) -> str:
    """The path of an invitation to dealer A's shop."""
    client = sign_in(cast.dealer_a)
    return link_of(client, invite(client))


def members_of(app, actor) -> set[str]:
    with app.app_context():
        return {each.name for each in accounts.persons_of(actor.organisation_id)}


def test_an_owner_invites_and_sees_the_link_once(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    answer = invite(client)

    first = client.get(answer.headers["Location"]).text
    again = client.get(answer.headers["Location"]).text

    assert answer.status_code == 303
    assert "/link/" in first
    assert "139 0000 0001" in again
    assert "/link/" not in again


def test_the_database_holds_no_token(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    token = link_of(client, invite(client)).removeprefix("/link/")

    with app.app_context():
        kept = db.session.scalars(db.select(OneTimeLink)).one()
        values = {str(getattr(kept, each.key)) for each in OneTimeLink.__table__.columns}
    assert token not in values


@pytest.mark.parametrize("who", ["dealer_clerk", "supplier_a", "consultant"])
def test_only_owners_invite(cast, sign_in, who):
    actor = getattr(cast, who)
    expected = {"supplier_a": 303}.get(who, 403)

    assert invite(sign_in(actor), role=actor.member.role.value).status_code == expected


def test_an_owner_cannot_invite_to_another_organisation_by_the_operators_pages(cast, sign_in):
    base = f"/members/{cast.dealer_b.organisation_id}"

    assert invite(sign_in(cast.dealer_a), base=base).status_code == 403


def test_nobody_is_invited_as_what_an_organisation_of_this_kind_has_not(app, cast, sign_in):
    alliance = invite(sign_in(cast.operator), role="dealer")
    invite(sign_in(cast.supplier_a), role="operator")

    assert alliance.status_code == 422
    with app.app_context():
        assert db.session.scalars(db.select(OneTimeLink.role)).all() == ["supplier"]


def test_an_operator_invites_to_any_organisation_and_the_mail_form_stays(app, cast, sign_in):
    client = sign_in(cast.operator)
    base = f"/members/{cast.dealer_b.organisation_id}"

    wrong = invite(client, "not an identity", base=base)
    right = invite(client, base=base, is_owner="y")
    path = link_of(client, right)
    app.test_client().post(f"{path}/join", data={"person_name": "新店长", "password": PASSWORD})

    assert wrong.status_code == 422
    assert 'value="not an identity"' in wrong.text
    assert "新店长" in members_of(app, cast.dealer_b)


@pytest.mark.asvs("V3.5.3")
def test_opening_a_link_uses_nothing_up(app, cast, link):
    visitor = app.test_client()

    for _ in range(3):
        page = visitor.get(link)
        assert page.status_code == 200
        assert "小鹿点卡铺" in page.text
        assert "139 0000 0001" in page.text


def test_somebody_new_joins_with_name_and_password_and_can_sign_in(app, cast, link):
    visitor = app.test_client()

    answer = visitor.post(f"{link}/join", data={"person_name": "小新", "password": PASSWORD})
    start = visitor.get("/", follow_redirects=True)
    fresh = app.test_client()
    signed_in = fresh.post("/sign-in", data={"identity": "139 0000 0001", "password": PASSWORD})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "小新" in start.text
    assert signed_in.status_code == 302
    assert "小新" in members_of(app, cast.dealer_a)


@pytest.mark.parametrize(
    "password", ["short", "password", "13900000001", "小鹿点卡铺1", "小新小新小新小新"]
)
def test_a_weak_password_is_refused_and_the_name_stays(app, cast, link, password):
    form = {"person_name": "小新", "password": password}

    answer = app.test_client().post(f"{link}/join", data=form)

    assert answer.status_code == 422
    assert 'value="小新"' in answer.text
    assert app.test_client().get(link).status_code == 200


@pytest.mark.asvs("V6.4.1")
def test_a_used_link_says_so_and_adds_nobody(app, cast, link):
    form = {"person_name": "小新", "password": PASSWORD}
    app.test_client().post(f"{link}/join", data=form)

    shown = app.test_client().get(link)
    again = app.test_client().post(f"{link}/join", data={**form, "person_name": "小旧"})

    assert shown.status_code == again.status_code == 410
    assert "用过" in shown.text
    assert "小旧" not in members_of(app, cast.dealer_a)


@pytest.mark.asvs("V6.4.1")
def test_an_expired_link_says_so(app, cast, link, sign_in):
    with app.app_context():
        later = db.session.scalars(db.select(OneTimeLink.expires_at)).one() + timedelta(seconds=1)

    with time_machine.travel(later, tick=False):
        shown = app.test_client().get(link)
        posted = app.test_client().post(
            f"{link}/join", data={"person_name": "小新", "password": PASSWORD}
        )

    assert shown.status_code == posted.status_code == 410
    assert "过期" in shown.text
    assert "小新" not in members_of(app, cast.dealer_a)


def test_an_unknown_link_says_so(app, cast):
    assert app.test_client().get("/link/made-up").status_code == 404
    assert app.test_client().post("/link/made-up/join", data={}).status_code == 404


@pytest.mark.parametrize("step", ["password", "confirm"])
def test_an_invitation_cannot_be_used_as_another_kind_of_link(app, cast, link, step):
    answer = app.test_client().post(f"{link}/{step}", data={"password": PASSWORD})

    assert answer.status_code == 404


def test_a_withdrawn_invitation_opens_nothing(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    answer = invite(client)
    path, page = link_of(client, answer), answer.headers["Location"]

    client.post(f"{page}/withdraw")

    assert app.test_client().get(path).status_code == 410
    assert client.get(page).status_code == 404


def test_sending_again_makes_a_new_link_and_ends_the_old_one(app, cast, sign_in):
    client = sign_in(cast.dealer_a)
    answer = invite(client)
    old = link_of(client, answer)

    new = link_of(client, client.post(f"{answer.headers['Location']}/again"))

    assert app.test_client().get(old).status_code == 410
    assert app.test_client().get(new).status_code == 200


def test_a_foreign_invitation_is_not_found(cast, sign_in):
    page = invite(sign_in(cast.dealer_a)).headers["Location"]
    other = sign_in(cast.dealer_b)

    assert other.get(page).status_code == 404
    assert other.post(f"{page}/again").status_code == 404
    assert other.post(f"{page}/withdraw").status_code == 404


def test_somebody_with_an_account_signs_in_and_joins(app, cast, sign_in):
    owner = sign_in(cast.dealer_a)
    path = link_of(owner, invite(owner, cast.dealer_b.phone))

    stranger = app.test_client().get(path)
    client = sign_in(cast.dealer_b)
    shown = client.get(path)
    answer = client.post(f"{path}/join-as-me")

    assert "登录后加入" in stranger.text
    assert "陈成" in shown.text
    assert answer.status_code == 303
    assert "陈成" in members_of(app, cast.dealer_a)
    assert "小鹿点卡铺 · 渠道商" in client.get("/notices").text


def test_a_member_who_opens_the_link_again_keeps_it_for_whom_it_is(app, cast, link, sign_in):
    answer = sign_in(cast.dealer_clerk).post(f"{link}/join-as-me")

    assert answer.status_code == 303
    assert app.test_client().get(link).status_code == 200


def test_who_is_a_member_or_invited_is_not_invited_again(cast, sign_in):
    client = sign_in(cast.dealer_a)
    invite(client)

    assert "已经邀请过" in invite(client).text
    assert "已经是成员" in invite(client, cast.dealer_clerk.phone).text


def test_an_operator_adds_a_supplier_and_invites_its_owner(app, cast, sign_in):
    client = sign_in(cast.operator)
    form = {"kind": "supplier", "name": "新星卡券", "identity": "13900000002"}

    path = link_of(client, client.post("/members/new", data=form))
    app.test_client().post(f"{path}/join", data={"person_name": "星星", "password": PASSWORD})

    with app.app_context():
        person = db.session.scalars(db.select(Person).filter_by(name="星星")).one()
        found = db.session.scalars(db.select(Membership).filter_by(person_id=person.id)).one()
        assert (found.role, found.is_owner) == (Role.SUPPLIER, True)


def test_a_link_that_two_use_in_one_moment_lets_one_in(context, cast, sign_in):
    """The second use finds the link used, whatever it read before."""
    client = sign_in(cast.dealer_a)
    token = link_of(client, invite(client)).removeprefix("/link/")
    at = clock.now()
    link = links.find(token=token, purpose=links.Purpose.INVITE, at=at)

    links.use(link, person_id=None, at=at)

    with pytest.raises(links.LinkSpent):
        links.use(link, person_id=None, at=at)
