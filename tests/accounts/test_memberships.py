"""A person who is something in two organisations acts for one of them at a time."""

import re
from datetime import datetime

import pytest

from portal.access import Role
from portal.accounts import actions as accounts
from portal.db import unit_of_work

PASSWORD = "correct horse battery"


@pytest.fixture
def second(app, cast) -> int:
    """The id of dealer A's second membership: an author of the alliance."""
    with app.app_context(), unit_of_work():
        membership = accounts.join(
            person_id=cast.dealer_a.person_id,
            organisation_id=cast.author.organisation_id,
            role=Role.AUTHOR,
        )
        return membership.id


def who(client) -> str:
    """Return for which organisation and as what the account panel says the person asks."""
    found = re.search(r'muted small">([^<]*)<', client.get("/notices").text)
    assert found
    return found.group(1)


def test_the_first_membership_counts_until_another_is_chosen(cast, second, sign_in):
    assert who(sign_in(cast.dealer_a)) == "小鹿点卡铺 · 渠道商"


def test_after_the_change_the_person_acts_for_the_other_organisation(cast, second, sign_in):
    client = sign_in(cast.dealer_a)

    answer = client.post(f"/memberships/{second}")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert who(client) == "同途联盟 · 课程作者"


def test_the_page_names_both_and_marks_the_present_one(cast, second, sign_in):
    client = sign_in(cast.dealer_a)

    page = client.get("/memberships").text

    assert f'action="/memberships/{second}"' in page
    assert len(re.findall(r'action="/memberships/\d+"', page)) == 1


def test_only_who_has_another_membership_is_offered_the_change(cast, second, sign_in):
    assert 'href="/memberships"' in sign_in(cast.dealer_a).get("/notices").text
    assert 'href="/memberships"' not in sign_in(cast.dealer_b).get("/notices").text


def test_anothers_membership_is_not_found_and_changes_nothing(cast, second, sign_in):
    client = sign_in(cast.dealer_b)

    answer = client.post(f"/memberships/{second}")

    assert answer.status_code == 404
    assert who(client) == "阿成游戏屋 · 渠道商"


def test_a_membership_left_in_the_session_by_somebody_else_counts_for_nothing(
    app, cast, second, sign_in
):
    client = sign_in(cast.dealer_a)
    client.post(f"/memberships/{second}")
    client.post("/sign-out")
    client.post("/sign-in", data={"identity": cast.dealer_b.phone, "password": PASSWORD})

    assert who(client) == "阿成游戏屋 · 渠道商"


def test_somebody_without_any_membership_is_told_what_to_do(app, cast):
    with app.app_context(), unit_of_work():
        accounts.add_person(
            name="路人",
            mail="nobody@example.com",
            phone=None,
            password_hash=accounts.hash_of(PASSWORD),
            at=datetime.fromisoformat("2026-01-01T00:00:00Z"),
        )
    client = app.test_client()
    client.post("/sign-in", data={"identity": "nobody@example.com", "password": PASSWORD})

    assert client.get("/notices").headers["Location"] == "/nowhere"
    assert "申请入驻" in client.get("/nowhere").text
