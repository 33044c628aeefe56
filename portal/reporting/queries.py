"""Reads about reports: a dealer's own summary, who may open which file, builds for operators."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import func, select

from portal import i18n
from portal.access import Member, Role
from portal.accounts import queries as accounts
from portal.accounts.queries import OrganisationRow
from portal.booking.queries import sessions
from portal.db import db
from portal.outbox import queries as outbox
from portal.outbox.queries import JobRow
from portal.outbox.rules import JobState
from portal.paging import Page, Paged
from portal.reporting import places, reading, rules
from portal.reporting.models import ReportBuild
from portal.reporting.rules import BuildState
from reports.metrics.dealer import MonthFigures
from reports.render.headline import Tile, focus_index
from reports.render.view import report_view
from reports.site.layout import chart_name, page_name, pdf_name, slug_of
from reports.site.manifest import DealerEntry
from reports.site.view import BuildView, NoReport

_TREND = "trend"


class NotVisible(LookupError):
    """There is no such file, or not for this member; the difference is nobody's business."""


class NoPdf(LookupError):
    """The report is there, but no PDF could be made where it was built."""


class Missing(StrEnum):
    """Why a dealer has no report."""

    NO_SHOP_REF = "no_shop_ref"  # nobody told which shop of the order files is theirs
    NO_BUILD = "no_build"  # no reports were ever built
    NO_ORDERS = "no_orders"  # the facts hold nothing of this dealer
    FAILED = "failed"  # building it failed, and there is none from before


@dataclass(frozen=True, slots=True)
class ReportSummary:
    """A dealer's newest report in short; texts are final, in the request's language.

    `figures` are those of `month_on`, the month that the report speaks of: its last complete one.
    Both are None, texts empty, when the shop has sold nothing yet.
    """

    dealer_name: str
    month_on: date | None
    month: str
    sentence: str
    gmv: str
    net_gmv: str
    refund: str
    orders: str
    mom: str  # how GMV compares with the month before, or why it does not
    yoy: str  # the change over a year with its sign; "" where there is none
    buyers: str
    repurchase: str
    tiles: Sequence[Tile]
    notes: Sequence[str]
    facts: str  # last day and version of the facts
    out_of_date: bool  # the newest build failed for this dealer; this is the report from before
    figures: MonthFigures | None
    chart_url: str
    phone_chart_url: str  # the same chart, drawn for a narrow screen
    chart_text: str
    report_url: str
    pdf_url: str | None


@dataclass(frozen=True, slots=True)
class BuildRow:
    """A build as operators see it: counts and failures, no dealer's figures."""

    public_id: str
    state: BuildState
    reason: str | None
    started_by: str | None
    facts_version: str | None
    dealers: int
    built: int
    unchanged: int
    failed: Sequence[tuple[str, str]]  # (dealer, reason)
    pdf_missing_reason: str | None
    duration_ms: int | None
    created_at: datetime
    finished_at: datetime | None
    job: JobRow | None


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """The reports that are served now."""

    facts_version: str
    facts_until: date
    built_at: datetime
    dealers: int


def site_standing() -> SiteStanding | None:
    """Return which reports are served now; None before the first build."""
    site = places.site()
    if site is None:
        return None
    return SiteStanding(
        facts_version=site.facts_version,
        facts_until=site.facts_until,
        built_at=site.built_at,
        dealers=len(site.dealers()),
    )


def summary_of(dealer_organisation_id: int) -> ReportSummary | None:
    """Return a dealer's newest report in short; None when there is none (`missing_of` says why).

    The caller answers for who sees it: the dealer's members, and consultants in session with it.
    """
    return summaries_of([dealer_organisation_id]).get(dealer_organisation_id)


def summaries_of(dealer_organisation_ids: Collection[int]) -> Mapping[int, ReportSummary]:
    """Return the newest reports of several dealers in short, by organisation; one query.

    Dealers without a report are left out. The caller answers for who sees them, see `summary_of`.
    """
    site = places.site()
    if site is None:
        return {}
    found = {}
    for dealer_id, dealer in accounts.organisations(dealer_organisation_ids).items():
        entry = _entry(site, dealer.shop_ref)
        if entry is not None:
            found[dealer_id] = _summary(site, entry)
    return found


def months_of(
    dealer_organisation_ids: Collection[int],
) -> Mapping[int, Sequence[MonthFigures]]:
    """Return the complete months of several dealers' newest reports, oldest first, by organisation.

    Dealers without a report are left out. The caller answers for who sees them, see `summary_of`.
    """
    site = places.site()
    if site is None:
        return {}
    found = {}
    for dealer_id, dealer in accounts.organisations(dealer_organisation_ids).items():
        entry = _entry(site, dealer.shop_ref)
        if entry is not None:
            months = reading.report_in(site, entry.dealer_ref).months
            found[dealer_id] = [each for each in months if each.complete]
    return found


def _entry(site: BuildView, shop_ref: str | None) -> DealerEntry | None:
    if shop_ref is None:
        return None
    try:
        return site.entry(shop_ref)
    except NoReport:
        return None


def missing_of(dealer_organisation_id: int) -> Missing:
    """Return why a dealer has no report; only asked when `summary_of` found none."""
    dealer = accounts.organisation(dealer_organisation_id)
    if dealer is None or dealer.shop_ref is None:
        return Missing.NO_SHOP_REF
    site = places.site()
    if site is None:
        return Missing.NO_BUILD
    return Missing.FAILED if dealer.shop_ref in site.failed() else Missing.NO_ORDERS


def _summary(site: BuildView, entry: DealerEntry) -> ReportSummary:
    report = reading.report_in(site, entry.dealer_ref)
    language = i18n.language_tag()
    view = report_view(report, language=language)
    index = focus_index(report.months)
    row = view.months[len(report.months) - 1 - index] if index is not None else None
    tiles = {tile.key: tile for tile in view.tiles}
    column = dict(zip(view.columns, row.cells, strict=True)) if row else {}
    slug = slug_of(entry.dealer_ref)
    return ReportSummary(
        dealer_name=view.dealer_name,
        month_on=report.months[index].month if index is not None else None,
        month=row.month if row else "",
        sentence=view.sentence,
        gmv=_value(tiles, "gmv"),
        net_gmv=_value(tiles, "net_gmv"),
        refund=_value(tiles, "refund"),
        orders=_value(tiles, "orders"),
        mom=tiles["gmv"].note if "gmv" in tiles else "",
        yoy=list(column.values())[-1] if column else "",
        buyers=_value(tiles, "buyers"),
        repurchase=_value(tiles, "repurchase"),
        tiles=view.tiles,
        notes=view.notes,
        facts=view.facts,
        out_of_date=entry.dealer_ref in site.failed(),
        figures=report.months[index] if index is not None else None,
        chart_url=_url(slug, chart_name(_TREND, language)),
        phone_chart_url=_url(slug, chart_name(_TREND, language, phone=True)),
        chart_text=view.sentence,
        report_url=_url(slug, page_name(language)),
        pdf_url=_url(slug, pdf_name(language)) if entry.has_pdf() else None,
    )


def _value(tiles: dict[str, Tile], key: str) -> str:
    return tiles[key].value if key in tiles else ""


def _url(slug: str, name: str) -> str:
    return f"{rules.PATH}/dealers/{slug}/{name}"  # both are plain names


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A file of a dealer's report that the member may open."""

    path: Path
    dealer_name: str
    month_on: date | None  # of a PDF: the month that the report speaks of


def report_file(*, member: Member, slug: str, name: str) -> ReportFile:
    """Return a file of a dealer's report; raise NotVisible unless the member may open it.

    Raises NoPdf for a PDF that could not be made. Only names in the build's manifest are known,
    so no name leads anywhere else.
    """
    site = places.site()
    entry = site.manifest.dealers.get(slug) if site else None
    if site is None or entry is None:
        raise NotVisible(slug)
    dealer = accounts.dealer_by_shop_ref(entry.dealer_ref)
    if dealer is None or not _may_open(member, dealer):
        raise NotVisible(slug)
    if name in {pdf_name(language) for language in site.languages} and name not in entry.files:
        raise NoPdf(name)
    try:
        path = site.file(entry.dealer_ref, name)
    except NoReport as unknown:
        raise NotVisible(name) from unknown
    month_on = _month_on(site, entry.dealer_ref) if path.suffix == ".pdf" else None
    return ReportFile(path=path, dealer_name=entry.dealer_name, month_on=month_on)


def _month_on(site: BuildView, shop_ref: str) -> date | None:
    months = reading.report_in(site, shop_ref).months
    index = focus_index(months)
    return months[index].month if index is not None else None


def _may_open(member: Member, dealer: OrganisationRow) -> bool:
    return rules.may_open(
        role=member.role,
        own_shop=dealer.id == member.organisation_id,
        has_session=member.role is Role.CONSULTANT
        and sessions.has_session(consultant_person_id=member.person_id, dealer_id=dealer.id),
    )


def asset(name: str) -> Path:
    """Return the path of a file that all reports share; raise NotVisible for an unknown name."""
    site = places.site()
    if site is None:
        raise NotVisible(name)
    try:
        return site.asset(name)
    except NoReport as unknown:
        raise NotVisible(name) from unknown


def builds(*, page: Page) -> Paged[BuildRow]:
    """Return the builds of all reports, newest first."""
    total = db.session.scalar(select(func.count()).select_from(ReportBuild)) or 0
    found = db.session.scalars(
        select(ReportBuild)
        .order_by(ReportBuild.created_at.desc(), ReportBuild.id.desc())
        .limit(page.size)
        .offset(page.offset)
    ).all()
    people = accounts.persons({each.started_by for each in found if each.started_by is not None})
    names = {each.shop_ref: each.name for each in accounts.dealers()} if _failures(found) else {}
    rows = [
        _row(
            each,
            started_by=people[each.started_by].name if each.started_by is not None else None,
            names=names,
        )
        for each in found
    ]
    return Paged(rows=rows, total=total, page=page)


def _failures(found: Sequence[ReportBuild]) -> bool:
    return any(each.failed for each in found)


def _row(found: ReportBuild, *, started_by: str | None, names: dict[str | None, str]) -> BuildRow:
    running = found.state == BuildState.RUNNING
    job = outbox.job(found.job_id) if running and found.job_id is not None else None
    dead = job is not None and job.state is JobState.DEAD
    return BuildRow(
        public_id=found.public_id,
        state=BuildState.FAILED if dead else BuildState(found.state),
        reason=rules.GIVEN_UP if dead else found.reason,
        started_by=started_by,
        facts_version=found.facts_version,
        dealers=found.dealers,
        built=found.built,
        unchanged=found.unchanged,
        failed=[(names.get(ref, ref), reason) for ref, reason in found.failed],
        pdf_missing_reason=found.pdf_missing_reason,
        duration_ms=found.duration_ms,
        created_at=found.created_at,
        finished_at=found.finished_at,
        job=job,
    )


def running_build() -> BuildRow | None:
    """Return the build that is under way, None when there is none."""
    found = db.session.scalar(select(ReportBuild).where(ReportBuild.state == BuildState.RUNNING))
    if found is None:
        return None
    row = _row(found, started_by=None, names={})
    return row if row.state is BuildState.RUNNING else None
