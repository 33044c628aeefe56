"""Rendering on a real Dask cluster of two processes over loopback: the same bytes as here."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from reports.site import cluster
from reports.site.cluster import ClusterUnavailable, outcomes_on

dask = pytest.importorskip("dask", reason="the extra is missing: pip install 'tongtu[dask]'")

pytestmark = pytest.mark.xdist_group("cluster")  # one cluster for all of them

PROJECT = Path(__file__).resolve().parents[3]
CLUSTER = """
import os, sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        nannies = cluster.workers.values()
        print(cluster.scheduler_address, *(each.pid for each in nannies), flush=True)
        sys.stdin.read()
        os._exit(0)  # nothing of it is to be kept
"""


class Cluster:
    """Where a cluster is, and the processes of its workers."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        address, *pids = process.stdout.readline().split()
        self.address, self.pids = address, [int(pid) for pid in pids]


@pytest.fixture(scope="module")
def start_cluster() -> Iterator[Callable[[], Cluster]]:
    running = []

    def start() -> Cluster:
        process = subprocess.Popen(
            [sys.executable, "-c", CLUSTER],
            cwd=PROJECT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        running.append(process)
        return Cluster(process)

    yield start
    for process in running:
        with process:
            process.kill()


@pytest.fixture(scope="module")
def two_processes(start_cluster) -> Cluster:
    return start_cluster()


def on(where: Cluster) -> Callable:
    return partial(outcomes_on, scheduler=where.address)


def files_below(folder: Path) -> dict[str, str]:
    current = folder / "builds" / (folder / "CURRENT").read_text().strip()
    return {
        str(path.relative_to(current)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(current.rglob("*"))
        if path.is_file()
    }


def test_a_cluster_builds_the_same_bytes_as_this_machine(alliance, two_processes, tmp_path):
    told = []
    far = alliance.build(
        out=tmp_path / "far", crew=on(two_processes), progress=lambda *step: told.append(step)
    )
    near = alliance.build(out=tmp_path / "near")

    assert (far.dealers, far.built, far.failed) == (3, 3, ())
    assert far.build_id == near.build_id
    assert files_below(tmp_path / "far") == files_below(tmp_path / "near")
    assert any(name.endswith(".pdf") for name in files_below(tmp_path / "far"))
    assert told[-1] == (3, 3)


def test_what_did_not_change_is_not_sent(alliance, two_processes):
    alliance.build(crew=on(two_processes))
    alliance.sells("d2", "2026-03", price="9.00")
    alliance.ingest()

    again = alliance.build(crew=on(two_processes))

    assert (again.built, again.unchanged) == (1, 2)


def test_a_worker_that_is_killed_costs_no_dealer_in_whichever_task_it_was(
    alliance, start_cluster, monkeypatch
):
    monkeypatch.setattr(cluster, "CHUNK", 2)
    where = start_cluster()
    killed = []

    def strike(done: int, _total: int) -> None:
        if not killed:
            killed.append(done)
            os.kill(where.pids[0], signal.SIGKILL)

    for number in range(4):
        alliance.sells(f"shop{number}", "2026-03")
    alliance.ingest()

    summary = alliance.build(crew=on(where), progress=strike)

    assert (summary.built, summary.failed, killed) == (7, (), [1])


def test_a_cluster_that_is_lost_fails_the_build_and_leaves_the_old_one(
    alliance, start_cluster, monkeypatch
):
    monkeypatch.setattr(cluster, "CHUNK", 1)
    before = alliance.build()
    where = start_cluster()
    for number in range(3):
        alliance.sells(f"shop{number}", "2026-03")
    alliance.ingest()

    def strike(_done: int, _total: int) -> None:
        for pid in (where.process.pid, *where.pids):
            os.kill(pid, signal.SIGKILL)

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "2s"}),
        pytest.raises(ClusterUnavailable),
    ):
        alliance.build(crew=on(where), progress=strike)

    assert (alliance.out / "CURRENT").read_text().strip() == before.build_id
    assert alliance.build().built == 3


def test_nobody_there_is_said_in_time(alliance, monkeypatch):
    monkeypatch.setattr(cluster, "_PATIENCE_S", 1)

    with pytest.raises(ClusterUnavailable, match="no answer from tcp://127"):
        alliance.build(crew=partial(outcomes_on, scheduler="tcp://127.0.0.1:9"))


def test_another_release_on_the_cluster_is_refused(alliance, two_processes, monkeypatch):
    monkeypatch.setattr(cluster, "engine_version", lambda: "another")

    with pytest.raises(ClusterUnavailable, match="another release"):
        alliance.build(crew=on(two_processes))


def test_without_the_extra_it_is_said_what_to_install(alliance, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(ClusterUnavailable, match="pip install"):
        alliance.build(crew=partial(outcomes_on, scheduler="tcp://127.0.0.1:9"))
