"""The alliance whose every word may be replaced, made once for all tests of this folder."""

import pytest
import time_machine
from conftest import NOW
from hostile.alliance import Alliance, opened


@pytest.fixture(scope="package")
def alliance(tmp_path_factory) -> Alliance:
    with time_machine.travel(NOW, tick=True):
        yield from opened(tmp_path_factory.mktemp("hostile"))
