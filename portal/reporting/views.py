"""Pages of growth reports: a dealer's own, the guarded files, and builds for operators."""

import io
from http import HTTPStatus
from pathlib import Path

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from portal import clock, i18n
from portal.access import Role, current_member, requires
from portal.evidence import actions as evidence
from portal.i18n import gettext as _
from portal.outbox import presenting as job_presenting
from portal.paging import requested_page
from portal.reporting import actions, presenting, queries, rules
from portal.reporting.queries import NoPdf, NotVisible
from portal.sales import presenting as sales_presenting
from portal.sales import queries as sales
from reports.facts.store import FactsDamaged, NoFacts

bp = Blueprint("reporting", __name__, url_prefix=rules.PATH, template_folder="templates")
BUILDS_A_PAGE = 10
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".pdf": "application/pdf",
}


@bp.get("")
@requires(Role.DEALER)
def mine() -> ResponseReturnValue:
    """Show the dealer's newest report in short, or why there is none."""
    dealer_id = current_member().organisation_id
    summary = queries.summary_of(dealer_id)
    missing = None if summary else presenting.missing(queries.missing_of(dealer_id))
    return render_template("reporting/mine.html", summary=summary, missing=missing)


@bp.get("/dealers/<slug>/<name>")
@requires()
def dealer_file(slug: str, name: str) -> ResponseReturnValue:
    """Send a file of a dealer's report to whoever may open it; it does not exist for others."""
    try:
        file = queries.report_file(member=current_member(), slug=slug, name=name)
    except NotVisible:
        abort(HTTPStatus.NOT_FOUND)
    except NoPdf:
        page = render_template("reporting/no_pdf.html", slug=slug, tag=i18n.language_tag())
        return page, HTTPStatus.SERVICE_UNAVAILABLE
    is_pdf = file.path.suffix == ".pdf"
    if current_member().role is not Role.DEALER and file.path.suffix in {".html", ".pdf"}:
        evidence.log_read(action="report.opened", subject="report", subject_id=slug)
    return send_file(
        _content(file.path),
        mimetype=KINDS[file.path.suffix],
        as_attachment=is_pdf,
        download_name=_pdf_name(file, name) if is_pdf else None,
    )


def _content(path: Path) -> io.BytesIO:
    # Read at once: the next build may remove this one's folder while the answer is on its way.
    return io.BytesIO(path.read_bytes())


def _pdf_name(file: queries.ReportFile, name: str) -> str:
    month = file.month_on
    if name.endswith(".en.pdf"):
        return f"{file.dealer_name} growth report{f' {month:%Y-%m}' if month else ''}.pdf"
    return f"{file.dealer_name} {f'{month:%Y-%m} ' if month else ''}增长报告.pdf"


@bp.get("/assets/<name>")
@requires()
def asset(name: str) -> ResponseReturnValue:
    """Send a file that all reports share; its name changes with its content."""
    try:
        path = queries.asset(name)
    except NotVisible:
        abort(HTTPStatus.NOT_FOUND)
    answer = send_file(_content(path), download_name=path.name)
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer


@bp.get("/builds")
@requires(Role.OPERATOR)
def builds() -> ResponseReturnValue:
    """Show which reports are served, the build under way, and the builds before."""
    facts = sales.facts_standing()
    found = queries.builds(page=requested_page(BUILDS_A_PAGE))
    running = queries.running_build()
    return render_template(
        "reporting/builds.html",
        facts=sales_presenting.facts_line(facts),
        has_facts=facts.version is not None,
        site=presenting.site_line(queries.site_standing(), facts),
        progress=job_presenting.progress(running.job) if running and running.job else None,
        paged=found,
        rows=[presenting.build(each) for each in found.rows],
    )


@bp.post("/builds")
@requires(Role.OPERATOR)
def start() -> ResponseReturnValue:
    """Start a build; one that is under way is joined."""
    try:
        actions.start_build(started_by=current_member().person_id, at=clock.now())
    except NoFacts:
        flash(_("还没有订单数据，先导入订单再生成报告"), "bad")
    except FactsDamaged:
        flash(_("订单数据读不出来，请从备份恢复后再生成"), "bad")
    return redirect(url_for("reporting.builds"), HTTPStatus.SEE_OTHER)
