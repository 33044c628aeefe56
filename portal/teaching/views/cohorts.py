"""The operators' pages: how far each group of dealers is, and learning records to take away."""

from http import HTTPStatus

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, requires
from portal.idempotency.guard import repeatable
from portal.paging import requested_page
from portal.teaching import cohort_file, exporting, forms, texts
from portal.teaching.queries import cohorts
from portal.teaching.queries.cohorts import Filters
from portal.teaching.rules import FEWEST_DEALERS, Grouping

bp = Blueprint("cohorts", __name__, url_prefix="/teaching", template_folder="../templates")
ROWS = 30


@bp.get("/cohorts")
@requires(Role.OPERATOR)
def index() -> ResponseReturnValue:
    """Show how far each group of dealers is in each course."""
    filters = _filters()
    return render_template(
        "teaching/cohorts.html",
        paged=cohorts.page(filters=filters, page=requested_page(ROWS), at=clock.now()),
        filters=filters,
        chosen=_chosen(filters),
        choices=cohorts.choices(),
        groupings=[(each.value, texts.grouping(each)) for each in Grouping],
        by_text=texts.grouping(filters.by),
        fewest=FEWEST_DEALERS,
    )


@bp.get("/cohorts.csv")
@requires(Role.OPERATOR)
def download() -> ResponseReturnValue:
    """Send the whole view as a CSV file."""
    filters = _filters()
    table = cohorts.as_table(
        cohorts.rows(filters=filters, at=clock.now()), by=texts.grouping(filters.by)
    )
    return Response(
        cohort_file.write(table),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename=cohorts-{clock.today()}.csv"},
    )


def _filters() -> Filters:
    """Return what the address asks for; nonsense means all."""
    by = request.args.get("by", "")
    return Filters(
        by=Grouping(by) if by in set(Grouping) else Grouping.LEVEL,
        course=request.args.get("course", "")[:80],
        province=request.args.get("province", "")[:60],
        level=request.args.get("level", "")[:4],
        batch=request.args.get("batch", "")[:4],
    )


def _chosen(filters: Filters) -> dict[str, str]:
    """Return the filters as an address names them, without those that say nothing."""
    named = {
        "by": filters.by.value,
        "course": filters.course,
        "province": filters.province,
        "level": filters.level,
        "batch": filters.batch,
    }
    return {name: value for name, value in named.items() if value}


@bp.route("/records", methods=["GET", "POST"])
@requires(Role.OPERATOR, fresh=True)
@repeatable("it changes nothing, and the file is too large to be kept as an answer")
def records() -> ResponseReturnValue:
    """Send what was learnt as xAPI statements, one a line; taking it away is recorded."""
    form = forms.Export()
    if form.validate_on_submit():
        lines = exporting.lines(
            since=exporting.begin_of(form.since.data),
            until=exporting.end_of(form.until.data),
            names=bool(form.names.data),
        )
        return Response(
            stream_with_context(lines),
            content_type="application/x-ndjson",
            headers={"Content-Disposition": f"attachment; filename=xapi-{clock.today()}.ndjson"},
        )
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render_template("teaching/records.html", form=form), status
