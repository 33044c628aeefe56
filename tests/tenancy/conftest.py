"""Two dealers' feedback on two suppliers' products, in sessions that work for nobody at first."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from conftest import NOW, Cast
from flask import Flask
from sqlalchemy.orm import relationship

from portal import tenancy
from portal.catalog import actions as catalog
from portal.catalog.models import Product
from portal.db import db, unit_of_work
from portal.feedback import actions as feedback
from portal.feedback.models import Feedback, FeedbackEvent

# Relationships that the portal has none of, from rows that all see to rows that few do.
Product.wishes = relationship(Feedback, viewonly=True, order_by=Feedback.id)
Feedback.steps = relationship(FeedbackEvent, viewonly=True, order_by=FeedbackEvent.id)


@dataclass(frozen=True)
class World:
    """Ids: products of suppliers A and B, and what dealers A and B say about A's product."""

    product_of_a: int
    product_of_b: int
    said_by_a: int
    said_by_b: int


@pytest.fixture
def world(cast: Cast, app: Flask) -> World:
    with (
        app.app_context(),
        unit_of_work(),
        tenancy.for_everyone(reason="a test arranges"),
    ):
        game = catalog.add_category(code="game", name_zh="游戏点券", name_en="Game credit").id
        products = [
            catalog.add_product(
                supplier_id=each.organisation_id,
                category_id=game,
                code="300",
                name_zh="点券",
                name_en="Credit",
            ).id
            for each in (cast.supplier_a, cast.supplier_b)
        ]
        said = [
            feedback.submit(
                author=each.member,
                product_id=products[0],
                text="充值到账慢",
                impact=None,
                submission_key="once",
                at=NOW,
            ).id
            for each in (cast.dealer_a, cast.dealer_b)
        ]
    return World(*products, *said)


@pytest.fixture
def deployed(world: World, app: Flask, as_deployed: None) -> Iterator[World]:
    """The world, in an application context whose session works for nobody yet."""
    with app.app_context():
        yield world
        db.session.remove()
