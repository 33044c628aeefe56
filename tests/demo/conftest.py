"""One demo world for all tests of this folder: dealing it is cheap, trading takes half a second."""

from datetime import date

import pytest

from portal.demo.cast import World
from portal.demo.orders import order_files
from portal.demo.trade import Order, trade
from portal.demo.world import build_world

SEED = 7
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def world() -> World:
    return build_world(seed=SEED, today=TODAY)


@pytest.fixture(scope="session")
def orders(world) -> tuple[Order, ...]:
    return trade(world)


@pytest.fixture(scope="session")
def files(world) -> tuple[bytes, bytes]:
    return order_files(world)
