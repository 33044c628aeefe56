"""The alliance whose every word may be replaced, made once for all tests of this folder."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import pytest
import time_machine
from conftest import NOW
from hostile.alliance import Alliance, opened

from portal import clock


@pytest.fixture(scope="session")
def in_its_time() -> Callable[[], AbstractContextManager[None]]:
    """Return a context in which the alliance's time goes on from where it last stood.

    It never goes back, or sessions would begin in the future; no other test is held in it.
    """
    moment = NOW

    @contextmanager
    def going_on() -> Iterator[None]:
        nonlocal moment
        with time_machine.travel(moment, tick=True):
            yield
            moment = clock.now()

    return going_on


@pytest.fixture(scope="session")
def alliance(
    tmp_path_factory: pytest.TempPathFactory,
    in_its_time: Callable[[], AbstractContextManager[None]],
) -> Iterator[Alliance]:
    with ExitStack() as stack:
        with in_its_time():
            alliance = stack.enter_context(opened(tmp_path_factory.mktemp("hostile")))
        yield alliance


@pytest.fixture(autouse=True)
def at_now(in_its_time: Callable[[], AbstractContextManager[None]]) -> Iterator[None]:
    with in_its_time():
        yield
