"""Many jobs over a few worker processes; a dealer that kills one does not stop the rest."""

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context

from reports.site.worker import Job, Outcome, pdf_missing_reason, start, work

RECYCLE_AFTER = 300
"""Dealers after which a worker process is replaced: its memory grows a little with each."""

_DIED = "the rendering process ended unexpectedly (killed, crashed or out of memory)"


def outcomes_of(
    jobs: Iterable[Job], *, workers: int, recycle_after: int = RECYCLE_AFTER
) -> Iterator[Outcome]:
    """Yield the outcome of every job, in the order in which they finish.

    Jobs are taken from the iterable only as fast as they are worked on. All processes are
    replaced together, after `recycle_after` jobs for each: the executor's own way to replace
    them one by one (max_tasks_per_child) can hang on the Python versions we support.
    """
    source = iter(jobs)
    for first in source:
        crew = _Crew(workers)
        yield from crew.work(chain([first], islice(source, workers * recycle_after - 1)))
        # One of these brought a process down. Each alone shows which, and costs no other dealer.
        for job in crew.lost:
            alone = _Crew(1)
            yield from alone.work([job])
            for lost in alone.lost:
                yield Outcome(job=lost, files={}, failure=_DIED)


def pdf_missing_reason_elsewhere() -> str | None:
    """Return why no PDF can be made here, None when it can; asked in a process of its own."""
    with _executor(1) as executor:
        return executor.submit(pdf_missing_reason).result()


def _executor(workers: int) -> ProcessPoolExecutor:
    """Return fresh worker processes, spawned: a fork would copy the caller's threads and locks."""
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=start)


class _Crew:
    """One generation of worker processes, and the jobs that were lost with it."""

    def __init__(self, workers: int) -> None:
        """Remember the size; processes start with the first job."""
        self._workers = workers
        self._pending: dict[Future[Outcome], Job] = {}
        self.lost: list[Job] = []

    def work(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Yield outcomes; stop taking jobs as soon as a process has died."""
        source = iter(jobs)
        executor = _executor(self._workers)
        try:
            while not self.lost:
                self._hand_out(source, executor)
                if not self._pending:
                    return
                yield from self._collect(FIRST_COMPLETED)
            yield from self._collect()
        finally:
            executor.shutdown(cancel_futures=True)

    def _hand_out(self, source: Iterator[Job], executor: ProcessPoolExecutor) -> None:
        """Keep two jobs for each process in hand, so that none waits for the next."""
        for job in islice(source, 2 * self._workers - len(self._pending)):
            try:
                self._pending[executor.submit(work, job)] = job
            except BrokenProcessPool:
                self.lost.append(job)
                return

    def _collect(self, return_when: str = "ALL_COMPLETED") -> Iterator[Outcome]:
        """Yield what has finished and note what was lost."""
        done, _ = wait(self._pending, return_when=return_when)
        for future in done:
            job = self._pending.pop(future)
            try:
                outcome = future.result()
            except BrokenProcessPool:
                self.lost.append(job)
            else:
                yield outcome
