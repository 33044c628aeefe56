"""gunicorn -c deploy/gunicorn.conf.py wsgi:app

Read by gunicorn; the variables are gunicorn's settings. TONGTU_BIND and WEB_CONCURRENCY change the
two that differ between machines.
"""

import gc
import os
import shutil
import tempfile
from pathlib import Path

bind = os.environ.get("TONGTU_BIND", "127.0.0.1:8000")
# Pages cost 2 ms of CPU, so two processes a core keep a small machine busy and leave room for PDFs.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 4
timeout = 120  # an upload of 64 MB over a slow line, and its dry run
graceful_timeout = 30
keepalive = 5
max_requests = 5_000  # a leak anywhere stays small
max_requests_jitter = 500
errorlog = "-"
accesslog = None  # the portal writes one JSON line a request itself

# Every process writes its counts here, so that any of them can answer for all.
_counts = Path(
    os.environ.setdefault(
        "PROMETHEUS_MULTIPROC_DIR",
        str(Path(tempfile.gettempdir()) / f"tongtu-counts-{os.getuid()}"),
    )
)


def on_starting(_server: object) -> None:
    """Forget the counts of processes that are long gone."""
    shutil.rmtree(_counts, ignore_errors=True)
    _counts.mkdir(parents=True, mode=0o700)


def post_worker_init(_worker: object) -> None:
    """Let the collector pass over what was there before the first request: it stays anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)  # a page makes thousands of objects that go by themselves


def child_exit(_server: object, worker: object) -> None:
    """Keep a dead process's counters and drop its gauges."""
    # The library decides how to count when it is first imported: not before the variable is set.
    from prometheus_client import multiprocess  # noqa: PLC0415 – see above

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[attr-defined]  # gunicorn's worker
