"""What a worker process does: one dealer's report to files, with a PDF renderer it keeps."""

import atexit
import gc
import os
import shutil
import threading
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from multiprocessing import parent_process
from pathlib import Path

from reports.metrics.dealer import DealerReport
from reports.render.assets import Assets
from reports.render.pages import render_dealer
from reports.render.pdf import PdfRenderer, PdfUnavailable
from reports.site.data import to_json, values_of
from reports.site.layout import REPORT, chart_name, page_name, pdf_name
from reports.site.manifest import FileEntry


@dataclass(frozen=True, slots=True)
class Job:
    """One dealer's report to build into `folder`, in every language."""

    report: DealerReport
    slug: str
    key: str
    folder: Path
    languages: tuple[str, ...]
    home_url: str | None
    assets: Assets


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: its files, or the reason why there are none."""

    job: Job
    files: dict[str, FileEntry]
    failure: str | None = None
    pdf_missing_reason: str | None = None


def start() -> None:
    """Prepare this process for many reports; it ends when the process that started it does."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _pdf_renderer()
    # What is loaded now stays for the life of the process: the collector need not walk it again,
    # until the end, when modules written in C complain of objects that were never collected.
    gc.freeze()
    atexit.register(gc.unfreeze)


def pdf_missing_reason() -> str | None:
    """Return why no PDF can be made on this machine, None when it can."""
    renderer = _pdf_renderer()
    return str(renderer) if isinstance(renderer, PdfUnavailable) else None


def work(job: Job) -> Outcome:
    """Build one dealer's files. A failure is part of the outcome: the other dealers go on."""
    # A process that was killed at this dealer may have left a part.
    shutil.rmtree(job.folder, ignore_errors=True)
    try:
        files = write(job, files_of(job))
    except Exception as error:  # whatever one dealer's data does, it is that dealer's failure
        shutil.rmtree(job.folder, ignore_errors=True)
        return Outcome(job=job, files={}, failure=reason_of(error))
    return Outcome(job=job, files=files, pdf_missing_reason=pdf_missing_reason())


def write(job: Job, contents: Iterable[tuple[str, bytes]]) -> dict[str, FileEntry]:
    """Write a report's files into the job's folder and return what they are."""
    job.folder.mkdir(parents=True)
    for name, content in contents:
        (job.folder / name).write_bytes(content)
    return {path.name: FileEntry.of(path) for path in sorted(job.folder.iterdir())}


def files_of(job: Job) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file of the report."""
    yield REPORT, to_json(values_of(job.report))
    renderer = _pdf_renderer()
    has_pdf = isinstance(renderer, PdfRenderer)
    for language in job.languages:
        page = render_dealer(
            job.report,
            language=language,
            languages=job.languages,
            home_url=job.home_url,
            assets=job.assets,
            has_pdf=has_pdf,
        )
        yield page_name(language), page.html
        for chart, picture in page.charts.items():
            yield chart_name(chart, language), picture
        for chart, picture in page.phone_charts.items():
            yield chart_name(chart, language, phone=True), picture
        if isinstance(renderer, PdfRenderer):
            yield pdf_name(language), renderer.render(job.report, language=language)


@cache
def _pdf_renderer() -> PdfRenderer | PdfUnavailable:
    """Return this process's renderer, or why there is none: pages are built all the same."""
    try:
        return PdfRenderer()
    except PdfUnavailable as error:
        return error


def reason_of(error: Exception) -> str:
    """Return what failed and where, in one line."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    message = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {message} ({Path(frame.filename).name}:{frame.lineno})"


def _end_with_parent() -> None:
    """Wait for the parent and end this process with it, also when the parent is killed.

    Without this a worker of a killed build would wait for its next job for ever.
    """
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
