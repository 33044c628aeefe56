"""Jobs in every state, for the pages that show them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal import clock
from portal.db import unit_of_work
from portal.outbox import actions


@pytest.fixture
def running_job(app, cast) -> Callable[..., int]:
    """Return a function that posts a job and lets a worker begin it: `running_job(caused_by=…)`."""

    def begin(*, caused_by: int | None = None, kind: str = "orders.import") -> int:
        at = clock.now() - timedelta(seconds=5)
        with app.app_context(), unit_of_work():
            job = actions.post(kind=kind, args={}, at=at, caused_by=caused_by)
            claimed = actions.claim(owner="w", at=at)
            assert claimed is not None
            assert claimed.id == job.id
            return job.id

    return begin
