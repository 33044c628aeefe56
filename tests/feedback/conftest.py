"""A small catalogue and a way to give feedback, for the tests of this room."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import pytest
from conftest import NOW, Actor, Cast
from flask import Flask

from portal.catalog import actions as catalog
from portal.db import unit_of_work
from portal.feedback import actions, queries


@dataclass(frozen=True)
class Goods:
    """Two products of supplier A, one of supplier B."""

    coins: int
    coins_large: int
    films: int


@dataclass(frozen=True)
class Given:
    """Feedback that was given: its two names."""

    id: int
    public_id: str


@pytest.fixture
def goods(cast: Cast, app: Flask) -> Goods:
    with app.app_context(), unit_of_work():
        games = catalog.add_category(code="game", name_zh="游戏点券", name_en="Game credit")
        video = catalog.add_category(code="video", name_zh="视频会员", name_en="Video")
        supplier_a, supplier_b = cast.supplier_a, cast.supplier_b

        def add(supplier: Actor, category_id: int, code: str, zh: str, en: str) -> int:
            return catalog.add_product(
                supplier_id=supplier.organisation_id,
                category_id=category_id,
                code=code,
                name_zh=zh,
                name_en=en,
            ).id

        return Goods(
            coins=add(supplier_a, games.id, "XH-300", "星海点券 300", "Xinghai 300"),
            coins_large=add(supplier_a, games.id, "XH-648", "星海点券 648", "Xinghai 648"),
            films=add(supplier_b, video.id, "CG-YEAR", "橙光年卡", "Chengguang year"),
        )


@pytest.fixture
def give(app: Flask) -> Callable[..., Given]:
    """Return a function by which a dealer gives feedback, a minute after the one before."""
    number = count()

    def submit(
        actor: Actor, product_id: int | None, text: str = "到账太慢了，客人一直催", impact: str = ""
    ) -> Given:
        with app.app_context(), unit_of_work():
            n = next(number)
            feedback = actions.submit(
                author=actor.member,
                product_id=product_id,
                text=text,
                impact=impact or None,
                submission_key=f"key-{n}",
                at=NOW + timedelta(minutes=n),
            )
            return Given(id=feedback.id, public_id=feedback.public_id)

    return submit


@pytest.fixture
def state_of(context: Flask) -> Callable[[Given, Actor], str]:
    """Return a function that tells how a supplier reads the state of its feedback."""

    def read(given: Given, supplier: Actor) -> str:
        row = queries.of_supplier(public_id=given.public_id, supplier_id=supplier.organisation_id)
        assert row is not None
        return row.state.value

    return read
