"""The catalogue: what can be chosen, in the visitor's language, and what the database refuses."""

import pytest
from sqlalchemy.exc import IntegrityError

from portal import tenancy
from portal.catalog import actions, queries
from portal.db import db, unit_of_work


@pytest.fixture
def listed(cast, app):
    """Two categories; supplier A offers two games and an old one, nobody offers gift cards."""
    with app.app_context(), unit_of_work():
        games = actions.add_category(code="game", name_zh="游戏点券", name_en="Game credit")
        actions.add_category(code="gift", name_zh="礼品卡", name_en="Gift cards")
        products = [
            actions.add_product(
                supplier_id=cast.supplier_a.organisation_id,
                category_id=games.id,
                code=code,
                name_zh=zh,
                name_en=en,
                active=active,
            ).id
            for code, zh, en, active in (
                ("XH-300", "星海点券 300", "Xinghai 300", True),
                ("XH-648", "星海点券 648", "Xinghai 648", True),
                ("XH-OLD", "星海点券 100", "Xinghai 100", False),
            )
        ]
        return games.id, products


def test_choices_hold_active_products_by_category_and_no_empty_category(listed, context):
    _, (small, large, _) = listed

    groups = queries.choices()

    assert [group.name for group in groups] == ["游戏点券"]
    assert [product.id for product in groups[0].products] == [small, large]


def test_a_supplier_sees_withdrawn_products_of_its_own(cast, listed, context):
    mine = queries.of_supplier(cast.supplier_a.organisation_id)

    assert [product.code for product in mine] == ["XH-300", "XH-648", "XH-OLD"]
    assert queries.of_supplier(cast.supplier_b.organisation_id) == []


def test_products_are_found_by_their_ids_and_absent_ones_left_out(listed, context):
    _, (small, _, old) = listed

    assert set(queries.by_ids({small, old, 9_999})) == {small, old}
    assert queries.by_ids(set()) == {}
    assert queries.product(9_999) is None
    assert queries.product(old).active is False


def test_names_come_in_the_language_of_the_request(app, listed):
    _, (small, _, _) = listed

    with (
        app.test_request_context(headers={"Accept-Language": "en"}),
        tenancy.for_everyone(reason="a test"),
    ):
        assert queries.product(small).name == "Xinghai 300"
    with (
        app.test_request_context(headers={"Accept-Language": "zh-CN"}),
        tenancy.for_everyone(reason="a test"),
    ):
        assert queries.product(small).name == "星海点券 300"


def test_a_code_is_unique_within_a_supplier_and_free_for_another(cast, listed, context):
    games, _ = listed
    again = {"category_id": games, "code": "XH-300", "name_zh": "又一个", "name_en": "Again"}

    with unit_of_work():
        actions.add_product(supplier_id=cast.supplier_b.organisation_id, **again)
    with pytest.raises(IntegrityError):
        actions.add_product(supplier_id=cast.supplier_a.organisation_id, **again)
    db.session.rollback()
