"""The cohort view counts dealers, gives no figure about few, and its file runs no formula."""

from datetime import date

import pytest
from conftest import NOW
from learning.conftest import work_in

from portal.access import Member, Role
from portal.accounts import actions as accounts
from portal.learning import actions as learning
from portal.teaching.queries import cohorts
from portal.teaching.queries.cohorts import Filters
from portal.teaching.rules import Grouping, Share

SLUG = "trial-101"


@pytest.fixture
def shops(app, published):
    """Six dealers of level 4 in Sichuan, five of them enrolled; one of level 5 by itself."""
    with work_in(app):
        for number in range(7):
            shop = accounts.add_organisation(
                kind="dealer",
                name=f"店 {number}",
                region="=四川 成都" if number < 6 else "西藏 拉萨",
                level=4 if number < 6 else 5,
                joined_on=date(2026, 3, 1 + number),
                at=NOW,
            )
            person = accounts.add_person(
                name="店主", mail=None, phone=f"1390000000{number}", password_hash="x", at=NOW
            )
            accounts.join(person_id=person.id, organisation_id=shop.id, role=Role.DEALER)
            if number < 5:
                member = Member(person.id, "店主", shop.id, shop.name, Role.DEALER)
                learning.enrol(member=member, slug=SLUG, at=NOW)


def rows(app, **filters):
    with app.app_context():
        return cohorts.rows(filters=Filters(**filters), at=NOW)


def test_a_group_of_five_or_more_has_figures_and_a_smaller_one_none(app, shops):
    by_level = {each.group: each for each in rows(app)}

    large, alone = by_level["4 级"], by_level["5 级"]
    assert (large.dealers, large.enrolled, large.active) == (6, 5, 5)
    assert large.completed == Share(0, 5)
    assert (alone.dealers, alone.enrolled, alone.completed) == (None, None, None)


def test_few_enrolled_in_a_large_group_are_not_counted_out(app, cast, shops, learn):
    (row,) = [each for each in rows(app, by=Grouping.MONTH) if each.group == "2026年3月"]
    assert row.enrolled == 5

    narrowed = rows(app, by=Grouping.MONTH, level="5")

    assert [each.dealers for each in narrowed] == [None]


def test_the_file_is_defused_and_only_for_operators(cast, shops, sign_in):
    operator = sign_in(cast.operator)

    file = operator.get("/teaching/cohorts.csv?by=region").data.decode("utf-8-sig")

    assert "'=四川" in file
    assert "少于 5 家" in file
    assert operator.get("/teaching/cohorts?by=nonsense&level=x&page=9").status_code == 200
