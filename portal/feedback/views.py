"""Pages of feedback: a dealer's own, a supplier's inbox, the operator's unassigned pile."""

import re
from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.catalog import queries as catalog
from portal.feedback import actions, forms, pile, queries, rules, texts
from portal.feedback.queries import InboxFilter, InboxRow, Order
from portal.feedback.rules import Chip, State
from portal.i18n import gettext as _
from portal.markdown import to_html
from portal.paging import requested_page
from portal.typed import one_line

bp = Blueprint("feedback", __name__, url_prefix="/feedback", template_folder="templates")

LONGEST_SEARCH = 60


@bp.get("")
@requires(Role.DEALER)
def mine() -> ResponseReturnValue:
    """Show the dealer's own feedback: where it stands, what was said, what shipped."""
    dealer_id = current_member().organisation_id
    asked = request.args.get("show", "")
    chip = Chip(asked) if asked in set(Chip) else Chip.ALL
    return render_template(
        "feedback/mine.html",
        chip=chip,
        chips=queries.chips_of_dealer(dealer_id),
        paged=queries.of_dealer(dealer_id=dealer_id, chip=chip, page=requested_page()),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Role.DEALER)
def create() -> ResponseReturnValue:
    """Take in feedback in a minute: which product, what happened, what it costs."""
    form = forms.NewFeedback(**_prefilled())
    if form.validate_on_submit():
        given = actions.submit(author=current_member(), at=clock.now(), **form.values())
        return redirect(url_for("feedback.sent", public_id=given.public_id))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK
    return render_template("feedback/new.html", form=form, limits=forms), status


def _prefilled() -> dict[str, str | None]:
    """Return what the address already says: the product, or a lesson and its product's code."""
    product = request.args.get("product")
    code = request.args.get("code", "")
    if product is None and code:
        found = catalog.product_of_code(code)
        product = None if found is None else str(found.id)
    lesson, version = request.args.get("lesson", ""), request.args.get("version", "")
    known = re.match(forms.LESSON_ID, lesson) and re.match(forms.VERSION, version)
    return {"product": product} | ({"lesson": lesson, "version": version} if known else {})


@bp.get("/<public_id>/sent")
@requires(Role.DEALER)
def sent(public_id: str) -> ResponseReturnValue:
    """Tell the dealer that it arrived, what was hidden in it, and what comes next."""
    return render_template("feedback/sent.html", given=_own(public_id))


@bp.get("/<public_id>")
@requires(Role.DEALER)
def show(public_id: str) -> ResponseReturnValue:
    """Show the dealer's own words and everything that became of them."""
    return render_template("feedback/show.html", given=_own(public_id), to_html=to_html)


def _own(public_id: str) -> queries.OwnFeedback:
    found = queries.own(public_id=public_id, dealer_id=current_member().organisation_id)
    return found if found is not None else abort(HTTPStatus.NOT_FOUND)


@bp.get("/inbox")
@requires(Role.SUPPLIER)
def inbox() -> ResponseReturnValue:
    """Show the feedback on the supplier's own products."""
    supplier_id = current_member().organisation_id
    products = catalog.of_supplier(supplier_id)
    filters = _filters({product.id for product in products})
    return render_template(
        "feedback/inbox.html",
        filters=filters,
        products=products,
        states=[(state.value, texts.state_for_supplier(state)) for state in State],
        counts=queries.counts_of_supplier(supplier_id),
        paged=queries.inbox_of_supplier(
            supplier_id=supplier_id, filters=filters, page=requested_page()
        ),
    )


def _filters(product_ids: set[int]) -> InboxFilter:
    """Return what the address asks for; nonsense means everything."""
    state, order = request.args.get("state", ""), request.args.get("order", "")
    product_id = request.args.get("product", type=int)
    return InboxFilter(
        state=State(state) if state in set(State) else None,
        product_id=product_id if product_id in product_ids else None,
        text=(one_line(request.args.get("q")) or "")[:LONGEST_SEARCH],
        order=Order(order) if order in set(Order) else Order.NEW_FIRST,
    )


@bp.get("/inbox/<public_id>")
@requires(Role.SUPPLIER)
def inbox_item(public_id: str) -> ResponseReturnValue:
    """Show one piece of feedback to its supplier."""
    return _inbox_page(_in_inbox(public_id), forms.Words(formdata=None))


@bp.post("/inbox/<public_id>/answer")
@requires(Role.SUPPLIER)
def answer(public_id: str) -> ResponseReturnValue:
    """Answer the dealer."""
    row, form, member = _in_inbox(public_id), forms.Words(), current_member()
    if not form.validate_on_submit():
        return _inbox_page(row, form), HTTPStatus.UNPROCESSABLE_ENTITY
    actions.answer(
        feedback_id=row.id,
        supplier_id=member.organisation_id,
        person_id=member.person_id,
        text=form.text.data or "",
        at=clock.now(),
    )
    flash(_("已经回复，渠道商会收到通知"), "message")
    return redirect(url_for("feedback.inbox_item", public_id=public_id))


@bp.post("/inbox/<public_id>/decline")
@requires(Role.SUPPLIER)
def decline(public_id: str) -> ResponseReturnValue:
    """Say no to feedback that is in no ticket; in a ticket, the ticket decides."""
    row, form, member = _in_inbox(public_id), forms.Words(), current_member()
    if not form.validate_on_submit():
        return _inbox_page(row, form), HTTPStatus.UNPROCESSABLE_ENTITY
    if not row.linkable:
        form.text.errors = [_("这条反馈已经%(state)s，不能再单独拒绝", state=row.state_text)]
        return _inbox_page(row, form), HTTPStatus.UNPROCESSABLE_ENTITY
    actions.decline(
        feedback_id=row.id,
        supplier_id=member.organisation_id,
        person_id=member.person_id,
        text=form.text.data or "",
        at=clock.now(),
    )
    flash(_("已经说明原因，渠道商会收到通知"), "message")
    return redirect(url_for("feedback.inbox_item", public_id=public_id))


def _in_inbox(public_id: str) -> InboxRow:
    supplier_id = current_member().organisation_id
    found = queries.of_supplier(public_id=public_id, supplier_id=supplier_id)
    return found if found is not None else abort(HTTPStatus.NOT_FOUND)


def _inbox_page(row: InboxRow, form: forms.Words) -> str:
    return render_template(
        "feedback/inbox_item.html",
        row=row,
        form=form,
        in_work=row.state in {State.LINKED, State.ACCEPTED, State.SHIPPED},
        events=queries.events(feedback_id=row.id, supplier=current_member().organisation_name),
        to_html=to_html,
    )


@bp.get("/unassigned")
@requires(Role.OPERATOR)
def unassigned() -> ResponseReturnValue:
    """Show the operator what has no product yet."""
    return _unassigned_page()


@bp.post("/unassigned/<public_id>")
@requires(Role.OPERATOR)
def assign(public_id: str) -> ResponseReturnValue:
    """Say which product is meant; from then on its supplier sees the feedback."""
    feedback_id, form = pile.unassigned_id(public_id), forms.AssignProduct()
    if feedback_id is None:
        flash(_("这条反馈已经转给供应商了"), "info")
        return redirect(url_for("feedback.unassigned"))
    if not form.validate_on_submit():
        return _unassigned_page(problem=public_id), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        actions.assign_product(
            feedback_id=feedback_id,
            product_id=int(form.product.data),
            person_id=current_member().person_id,
            at=clock.now(),
        )
    except actions.AlreadyAssigned:
        flash(_("这条反馈刚被同事转给供应商了"), "info")
    else:
        flash(_("已经转给供应商"), "message")
    return redirect(url_for("feedback.unassigned"))


def _unassigned_page(problem: str = "") -> str:
    """Render the pile; `problem` is the public id of the row whose product was not chosen."""
    return render_template(
        "feedback/unassigned.html",
        groups=catalog.choices(),
        paged=pile.unassigned(page=requested_page()),
        problem=problem,
        headline=rules.headline,
    )
