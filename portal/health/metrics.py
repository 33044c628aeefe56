"""The metrics page: what this process (or, with several, all of them) has counted, and the jobs."""

import os
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import REGISTRY, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from portal.outbox import queries as outbox

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class JobsCollector(Collector):
    """Counts the ledger's jobs when asked; nothing is kept between two questions."""

    def collect(self) -> Iterable[Metric]:
        """Yield the number of jobs that were given up, by kind."""
        dead = GaugeMetricFamily(
            "tongtu_jobs_dead", "Jobs that were given up and wait for a person.", labels=["kind"]
        )
        for kind, count in outbox.dead_by_kind().items():
            dead.add_metric([kind], count)
        yield dead


def page() -> bytes:
    """Return everything counted, in Prometheus' text format."""
    jobs = CollectorRegistry()
    jobs.register(JobsCollector())
    return generate_latest(_counted()) + generate_latest(jobs)


def _counted() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    # Several processes serve: each writes its counts to a file there, and any may be asked.
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it untyped
    return registry
