"""Writes of reports: start a build, carry it out, tell the dealers whose figures changed."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select

from portal import i18n
from portal.accounts import queries as accounts
from portal.db import Conflict, db, refuse_conflicts, unit_of_work
from portal.notices import actions as notices
from portal.notices.rules import NoticeKind
from portal.outbox import actions as outbox
from portal.outbox import queries as jobs
from portal.outbox.rules import JobState
from portal.reporting import places, reading, rules
from portal.reporting.models import ReportBuild
from portal.reporting.rules import BuildState
from portal.sales import places as sales
from reports.facts.store import FactsDamaged, NoFacts, open_current
from reports.metrics.dealer import DealerReport
from reports.render.headline import focus_index
from reports.site.build import BuildSummary, build
from reports.site.manifest import NoBuild

BUILD = "reports.build"
LANGUAGES = ("zh-CN", "en")
HOME_URL = "/"
WORKERS = 2
"""Processes that render; the portal on the same machine must go on answering."""


class Progress(Protocol):
    """Tells how far a build is."""

    def __call__(self, done: int, total: int) -> None:
        """Record `done` of `total` dealers."""


@dataclass(frozen=True, slots=True)
class _Task:
    build_id: int
    site_before: str  # "" for none
    names: Mapping[str, str]  # of dealers, by their reference in the order files


def silent(done: int, total: int) -> None:
    """Tell nobody how far the build is."""


def start_build(*, started_by: int | None, at: datetime) -> ReportBuild:
    """Let a job build all reports, posted in this transaction; a running build is returned as is.

    `started_by` is a person, None for a command. Raises NoFacts or FactsDamaged when there is
    nothing to build from.
    """
    facts = open_current(sales.facts_dir())
    under_way = _under_way(at=at)
    if under_way is not None:
        return under_way
    try:
        with refuse_conflicts():
            return _post(started_by=started_by, facts_version=facts.version, at=at)
    except Conflict:
        other = _running()
        if other is None:
            raise
        return other


def _post(*, started_by: int | None, facts_version: str, at: datetime) -> ReportBuild:
    public_id = secrets.token_hex(16)
    report_build = ReportBuild(
        public_id=public_id,
        state=BuildState.RUNNING,
        started_by=started_by,
        facts_version=facts_version,
        created_at=at,
    )
    db.session.add(report_build)
    db.session.flush()
    job = outbox.post(
        kind=BUILD,
        key=f"{BUILD}:{public_id}",
        args={"build_id": report_build.id},
        at=at,
        caused_by=started_by,
    )
    report_build.job_id = job.id
    db.session.flush()
    return report_build


def _running() -> ReportBuild | None:
    return db.session.scalar(select(ReportBuild).where(ReportBuild.state == BuildState.RUNNING))


def _under_way(*, at: datetime) -> ReportBuild | None:
    """Return the build that is running; one whose job was given up is written off first."""
    found = _running()
    if found is None:
        return None
    job = jobs.job(found.job_id) if found.job_id is not None else None
    if job is not None and job.state is not JobState.DEAD:
        return found
    found.state, found.reason, found.finished_at = BuildState.FAILED, rules.GIVEN_UP, at
    db.session.flush()
    return None


def build_now(*, build_id: int, now: Callable[[], datetime], progress: Progress = silent) -> None:
    """Build all reports and tell the dealers whose figures changed, in transactions of its own.

    A build that is no longer running is left alone: a second run of the job changes nothing.
    What the build cannot start from makes it FAILED; anything unexpected is raised.
    """
    task = _begin(build_id)
    if task is None:
        return
    try:
        summary = build(
            facts_root=sales.facts_dir(),
            out=places.site_dir(),
            languages=LANGUAGES,
            names=task.names,
            home_url=HOME_URL,
            workers=WORKERS,
            crew=places.crew(),
            progress=_by_percent(progress),
        )
    except NoFacts:
        _fail(task, reason=rules.NO_FACTS, at=now())
    except FactsDamaged:
        _fail(task, reason=rules.FACTS_DAMAGED, at=now())
    else:
        _finish(task, summary, at=now())


def _begin(build_id: int) -> _Task | None:
    """Return what is to be done, after writing down which site is served before; None if nothing.

    A second try keeps the first one's note: the site may have been switched in between.
    """
    with unit_of_work():
        report_build = db.session.get(ReportBuild, build_id)
        if report_build is None or report_build.state != BuildState.RUNNING:
            return None
        if report_build.site_before is None:
            site = places.site()
            report_build.site_before = site.build_id if site else ""
        names = {each.shop_ref: each.name for each in accounts.dealers() if each.shop_ref}
        return _Task(build_id=build_id, site_before=report_build.site_before, names=names)


def _by_percent(progress: Progress) -> Progress:
    """Return a progress that speaks once per percent: each word of it is a commit."""
    told = -1

    def tell(done: int, total: int) -> None:
        nonlocal told
        percent = 100 * done // max(total, 1)
        if percent > told:
            told = percent
            progress(done, total)

    return tell


def _still_running(build_id: int) -> ReportBuild | None:
    return db.session.scalar(
        select(ReportBuild)
        .where(ReportBuild.id == build_id, ReportBuild.state == BuildState.RUNNING)
        .with_for_update()
    )


def _fail(task: _Task, *, reason: str, at: datetime) -> None:
    with unit_of_work():
        report_build = _still_running(task.build_id)
        if report_build is not None:
            report_build.state, report_build.reason = BuildState.FAILED, reason
            report_build.finished_at = at


def _finish(task: _Task, summary: BuildSummary, *, at: datetime) -> None:
    changed = _changed(before=task.site_before, after=summary.build_id)
    with unit_of_work():
        report_build = _still_running(task.build_id)
        if report_build is None:
            return  # another worker was quicker, and has told the dealers
        _note(report_build, summary, at=at)
        _tell(changed, at=at)


def _note(report_build: ReportBuild, summary: BuildSummary, *, at: datetime) -> None:
    report_build.state, report_build.finished_at = BuildState.DONE, at
    report_build.site_build = summary.build_id
    site = places.site_of(summary.build_id)
    report_build.facts_version = site.facts_version if site else None
    report_build.dealers, report_build.built = summary.dealers, summary.built
    report_build.unchanged = summary.unchanged
    report_build.failed = [[ref, reason] for ref, reason in summary.failed]
    report_build.pdf_missing_reason = summary.pdf_missing_reason
    report_build.duration_ms = round(summary.seconds * 1000)


def _changed(*, before: str, after: str) -> list[DealerReport]:
    """Return the reports whose figures are not those of the build `before`, by reference.

    A report that was only drawn anew, by a new template or for a new version of the facts, has
    nothing to tell. All reports count as changed when there was no build before, or it is gone.
    """
    new = places.site_of(after)
    old = places.site_of(before) if before else None
    if new is None:
        raise NoBuild(places.site_dir())
    changed = []
    for slug in new.dealers():
        was = old.manifest.dealers.get(slug) if old else None
        entry = new.manifest.dealers[slug]
        if was is not None and was.key == entry.key:
            continue
        report = reading.report_in(new, entry.dealer_ref)
        if report.months and (
            old is None
            or was is None
            or _figures(report) != _figures(reading.report_in(old, was.dealer_ref))
        ):
            changed.append(report)
    return changed


def _figures(report: DealerReport) -> tuple[object, ...]:
    return report.months, report.mix


def _tell(reports: list[DealerReport], *, at: datetime) -> None:
    """Post a notice to every dealer among them who is a member of the alliance."""
    dealers = {each.shop_ref: each.id for each in accounts.dealers()}
    for report in reports:
        index = focus_index(report.months)
        dealer_id = dealers.get(report.dealer_ref)
        if dealer_id is None or index is None:
            continue
        month = report.months[index].month
        notices.post(
            organisation_id=dealer_id,
            kind=NoticeKind.REPORT_READY,
            path=rules.PATH,
            params={"month": i18n.month(month), "month_on": month.isoformat()},
            at=at,
        )
