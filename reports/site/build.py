"""The incremental build: render what changed, link what did not, switch in one step."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from reports.facts.store import open_current
from reports.metrics.facts import Facts, dealers_of
from reports.metrics.report import reports_of
from reports.render.assets import Assets, write_assets
from reports.site.before import BuildBefore
from reports.site.crew import outcomes_of, pdf_missing_reason_elsewhere
from reports.site.data import key_of
from reports.site.engine import engine_version
from reports.site.index import index_page
from reports.site.layout import ASSETS, DEALERS, INDEX, MANIFEST, slug_of
from reports.site.manifest import DealerEntry, FileEntry, Manifest, build_id_of
from reports.site.publish import publish, the_only_build
from reports.site.worker import Job, Outcome

Progress = Callable[[int, int], None]
"""Called with (dealers done, dealers in all) after each dealer."""

Crew = Callable[[Iterable[Job]], Iterator[Outcome]]
"""Who renders: takes jobs as fast as it works on them, yields their outcomes in any order."""


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What a build did."""

    dealers: int
    built: int
    unchanged: int
    failed: tuple[tuple[str, str], ...]  # (dealer reference, reason)
    seconds: float
    build_id: str
    pdf_missing_reason: str | None  # None: no PDF was left out


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be built, as the caller asked."""

    facts: Facts
    out: Path
    languages: tuple[str, ...]
    names: Mapping[str, str]
    home_url: str | None
    progress: Progress | None


@dataclass(slots=True)
class _Tally:
    """What became of each dealer so far; entries are by slug, failures by reference."""

    unchanged: dict[str, DealerEntry] = field(default_factory=dict)
    built: dict[str, DealerEntry] = field(default_factory=dict)
    kept: dict[str, DealerEntry] = field(default_factory=dict)  # failed, but had a report before
    failed: dict[str, str] = field(default_factory=dict)
    pdf_missing_reason: str | None = None

    def done(self) -> int:
        """Return for how many dealers the outcome is known."""
        return len(self.unchanged) + len(self.built) + len(self.failed)


def build(  # noqa: PLR0913 – what one may ask of a build, keyword only
    *,
    facts_root: Path,
    out: Path,
    languages: Sequence[str] = ("zh-CN",),
    names: Mapping[str, str] | None = None,
    home_url: str | None = None,
    workers: int | None = None,
    crew: Crew | None = None,
    progress: Progress | None = None,
) -> BuildSummary:
    """Bring the site in `out` up to date with the current facts and return what was done.

    Only dealers whose figures, name, languages, link home or engine changed are rendered; the
    files of the others are linked from the build before. Readers see the old build until the
    new one is complete. A dealer that fails keeps the report there was and is named. A second
    build waits for the first. `workers` is the number of processes; None: one per core.
    Processes are spawned, so a script that calls this needs its `__main__` guard.
    Raises NoFacts when there are no facts, OSError when `out` cannot be written.
    """
    started = time.perf_counter()
    facts = open_current(facts_root)
    with the_only_build(out) as making:
        order = _Order(
            facts=facts,
            out=out,
            languages=tuple(dict.fromkeys(languages)),
            names=names or {},
            home_url=home_url,
            progress=progress,
        )
        run = _Run(order, making)
        here = partial(outcomes_of, workers=workers or os.cpu_count() or 1)
        build_id = run.finish(crew or here)
    return BuildSummary(
        dealers=run.tally.done(),
        built=len(run.tally.built),
        unchanged=len(run.tally.unchanged),
        failed=tuple(sorted(run.tally.failed.items())),
        seconds=time.perf_counter() - started,
        build_id=build_id,
        pdf_missing_reason=run.tally.pdf_missing_reason,
    )


class _Run:
    """One build: decides dealer by dealer, notes what became of each, then publishes."""

    def __init__(self, order: _Order, making: Path) -> None:
        """Look up the build before; nothing is written yet."""
        self._order = order
        self._making = making
        self._before = BuildBefore(order.out)
        self._all = len(dealers_of(order.facts))
        self.tally = _Tally()

    def finish(self, crew: Crew) -> str:
        """Render, publish, and return the id of the build that is served then."""
        for outcome in crew(self._jobs()):
            self._take(outcome)
        unaltered = self._manifest(shared=self._before.shared())
        if not self.tally.built and self._before.equals(unaltered):
            return self._before.build_id
        content = self._assemble().to_bytes()
        (self._making / MANIFEST).write_bytes(content)
        build_id = build_id_of(content)
        publish(out=self._order.out, making=self._making, build_id=build_id)
        return build_id

    def _jobs(self) -> Iterator[Job]:
        """Yield a job for each dealer that must be rendered; note the others as unchanged."""
        order = self._order
        for report in reports_of(order.facts, names=order.names):
            slug = slug_of(report.dealer_ref)
            key = key_of(
                report,
                languages=order.languages,
                home_url=order.home_url,
                engine=engine_version(),
            )
            entry = self._before.same(slug=slug, key=key)
            if entry is not None and (entry.has_pdf() or self._pdf_missing_reason):
                self.tally.unchanged[slug] = entry
                self._step()
                continue
            yield Job(
                report=report,
                slug=slug,
                key=key,
                folder=self._making / DEALERS / slug,
                languages=order.languages,
                home_url=order.home_url,
                assets=self._assets,
            )

    def _take(self, outcome: Outcome) -> None:
        """Note what became of one dealer; a failed one keeps the report there was."""
        job, tally = outcome.job, self.tally
        report = job.report
        if outcome.failure is None:
            tally.pdf_missing_reason = tally.pdf_missing_reason or outcome.pdf_missing_reason
            tally.built[job.slug] = DealerEntry(
                dealer_ref=report.dealer_ref,
                dealer_name=report.dealer_name,
                key=job.key,
                facts_version=report.facts_version,
                files=outcome.files,
            )
        else:
            tally.failed[report.dealer_ref] = outcome.failure
            entry = self._before.whole(job.slug)
            if entry is not None:
                tally.kept[job.slug] = entry
        self._step()

    def _step(self) -> None:
        """Tell the caller how far the build is."""
        if self._order.progress is not None:
            self._order.progress(self.tally.done(), self._all)

    @cached_property
    def _assets(self) -> Assets:
        """Return the files all pages share, written when the first page needs them."""
        return write_assets(self._making / ASSETS)

    @cached_property
    def _pdf_missing_reason(self) -> str | None:
        """Return why no PDF can be made, asked only when an earlier build left PDFs out."""
        reason = pdf_missing_reason_elsewhere()
        self.tally.pdf_missing_reason = self.tally.pdf_missing_reason or reason
        return reason

    def _manifest(self, *, shared: Mapping[str, FileEntry]) -> Manifest:
        """Return the manifest of this build with these shared files."""
        return Manifest(
            facts_version=self._order.facts.version,
            facts_until=self._order.facts.facts_until.isoformat(),
            languages=self._order.languages,
            engine=engine_version(),
            shared=shared,
            dealers=self.tally.unchanged | self.tally.kept | self.tally.built,
            failed=self.tally.failed,
        )

    def _assemble(self) -> Manifest:
        """Complete the folder with what is linked, the assets and the index."""
        for slug, entry in (self.tally.unchanged | self.tally.kept).items():
            self._before.link(entry, slug=slug, to=self._making / DEALERS / slug)
        assets = self._assets.files
        page = index_page(
            dealers=self._manifest(shared={}).dealers,
            languages=self._order.languages,
            stylesheet=f"{ASSETS}/{assets['report.css']}",
        )
        (self._making / INDEX).write_bytes(page)
        names = [INDEX, *(f"{ASSETS}/{name}" for name in assets.values())]
        return self._manifest(
            shared={name: FileEntry.of(self._making / name) for name in sorted(names)}
        )
