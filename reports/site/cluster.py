"""The same jobs over a Dask cluster: rendered on other hosts, written here.

The workers need this release with the extra "dask", the same libraries and Pango, but neither the
facts nor the site's folder: a job carries its figures, and the files come back as bytes. The
cluster keeps nothing. When it is lost, the build fails, and whoever ordered it does so again.
"""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from reports.site.engine import engine_version
from reports.site.worker import Job, Outcome, files_of, pdf_missing_reason, reason_of, write

CHUNK = 8
"""Dealers in one task: small enough to spread, large enough that sending costs little."""

_PATIENCE_S = 20
_DIED = "every process that rendered it ended unexpectedly (killed, crashed or out of memory)"
_one_at_a_time = threading.Lock()


class ClusterUnavailable(RuntimeError):
    """There is no cluster to render on, or not with our release."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One dealer's files as bytes, or the reason why there are none."""

    files: tuple[tuple[str, bytes], ...]
    failure: str | None = None
    pdf_missing_reason: str | None = None


def render(jobs: list[Job], engine: str) -> list[Rendered]:
    """Render some dealers; runs on the cluster. Raises ClusterUnavailable for another release."""
    if engine_version() != engine:
        raise ClusterUnavailable(
            "the worker has another release or other libraries than the portal"
        )
    # A worker may have several threads; the PDF renderer that they share has one page at a time.
    with _one_at_a_time:
        return [_rendered(job) for job in jobs]


def _rendered(job: Job) -> Rendered:
    try:
        return Rendered(tuple(files_of(job)), pdf_missing_reason=pdf_missing_reason())
    except Exception as error:  # whatever one dealer's data does, it is that dealer's failure
        return Rendered((), failure=reason_of(error))


def outcomes_on(jobs: Iterable[Job], *, scheduler: str) -> Iterator[Outcome]:
    """Yield the outcome of every job, in the order in which they finish.

    Jobs are taken from the iterable only as fast as the cluster works on them. Dealers that bring
    processes down are tried alone, and cost no other dealer. Raises ClusterUnavailable.
    """
    distributed = _library()
    source = iter(jobs)
    first = list(islice(source, 1))
    if not first:
        return
    try:
        client = distributed.Client(scheduler, timeout=_PATIENCE_S, set_as_default=False)
    except OSError as error:
        raise ClusterUnavailable(f"no answer from {scheduler}") from error
    with client:
        lost: list[Job] = []
        yield from _spread(client, distributed, chain(first, source), size=CHUNK, lost=lost)
        died: list[Job] = []
        yield from _spread(client, distributed, lost, size=1, lost=died)
        yield from (Outcome(job=job, files={}, failure=_DIED) for job in died)


def _library() -> Any:
    try:
        import distributed  # noqa: PLC0415 – an extra that most installations do without
    except ModuleNotFoundError as error:
        raise ClusterUnavailable("the extra is missing: pip install 'tongtu[dask]'") from error
    return distributed


def _spread(
    client: Any, distributed: Any, jobs: Iterable[Job], *, size: int, lost: list[Job]
) -> Iterator[Outcome]:
    """Yield outcomes of `jobs`, sent in chunks of `size`; note in `lost` whose process died."""
    jobs_left = iter(jobs)
    chunks = iter(lambda: list(islice(jobs_left, size)), [])
    pending: dict[Any, list[Job]] = {}
    finished = distributed.as_completed(loop=client.loop)
    while True:
        for chunk in islice(chunks, max(0, 2 * _processes(client) - len(pending))):
            future = client.submit(render, _sent(chunk), engine_version(), pure=False)
            pending[future] = chunk
            finished.add(future)
        if not pending:
            return
        future = next(finished)
        chunk = pending.pop(future)
        try:
            rendered = future.result()
        except distributed.KilledWorker:
            lost.extend(chunk)
            continue
        except distributed.client.FutureCancelledError as error:
            raise ClusterUnavailable("the scheduler went away") from error
        yield from (_taken(job, each) for job, each in zip(chunk, rendered, strict=True))


def _processes(client: Any) -> int:
    """Return how many tasks the cluster works on at once, at least 1: workers may come later."""
    return max(1, sum(int(threads) for threads in client.nthreads().values()))


def _sent(chunk: list[Job]) -> list[Job]:
    """Return the jobs as they are sent: our folders are nobody's business."""
    return [replace(job, folder=Path(job.slug)) for job in chunk]


def _taken(job: Job, rendered: Rendered) -> Outcome:
    if rendered.failure is not None:
        return Outcome(job=job, files={}, failure=rendered.failure)
    files = write(job, rendered.files)
    return Outcome(job=job, files=files, pdf_missing_reason=rendered.pdf_missing_reason)
