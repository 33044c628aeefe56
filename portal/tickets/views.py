"""Pages of a supplier's tickets and releases."""

from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.feedback import queries as feedback
from portal.feedback.queries import InboxRow
from portal.i18n import gettext as _
from portal.idempotency.guard import key_of_request
from portal.markdown import to_html
from portal.paging import requested_page
from portal.tickets import actions, forms, queries, rules, texts
from portal.tickets.actions import ReleaseDraft, TicketDraft
from portal.tickets.queries import TicketPage, TicketRow
from portal.tickets.rules import State

bp = Blueprint("tickets", __name__, template_folder="templates")

SUGGESTIONS = 10  # feedback that a ticket's page offers to take in


def _supplier_id() -> int:
    return current_member().organisation_id


@bp.get("/tickets")
@requires(Role.SUPPLIER)
def index() -> ResponseReturnValue:
    """Show the supplier's tickets by state, or one state's list in full."""
    asked = request.args.get("state", "")
    if asked in set(State):
        state = State(asked)
        paged = queries.of_state(supplier_id=_supplier_id(), state=state, page=requested_page())
        return render_template(
            "tickets/state.html", paged=paged, state=state, label=texts.state(state)
        )
    columns = queries.board_of_supplier(_supplier_id())
    return render_template("tickets/index.html", columns=columns, active=rules.ACTIVE)


@bp.route("/tickets/new", methods=["GET", "POST"])
@requires(Role.SUPPLIER)
def create() -> ResponseReturnValue:
    """Open a ticket on chosen feedback: /tickets/new?feedback=…&feedback=…"""
    chosen = _chosen(request.values.getlist("feedback"))
    form = forms.NewTicket(title=_title_for(chosen))
    problem = "" if form.is_submitted() else _unfit(chosen)
    if form.validate_on_submit():
        try:
            ticket = actions.open_for(
                supplier_id=_supplier_id(),
                person_id=current_member().person_id,
                draft=TicketDraft(
                    title=form.title.data or "",
                    description=form.description.data or "",
                    submission_key=key_of_request(),
                ),
                feedback_ids=[row.id for row in chosen],
                at=clock.now(),
            )
        except actions.CannotTakeIn as error:
            problem = _why_not(error)
        else:
            flash(_("工单建好了，提反馈的渠道商会收到通知"), "message")
            return redirect(url_for("tickets.show", public_id=ticket.public_id))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK
    page = render_template("tickets/new.html", form=form, chosen=chosen, problem=problem)
    return page, status


def _chosen(public_ids: Sequence[str]) -> Sequence[InboxRow]:
    """Return the chosen feedback; 404 when any of it is not this supplier's."""
    wanted = set(public_ids)
    rows = feedback.chosen(public_ids=wanted, supplier_id=_supplier_id())
    if len(rows) != len(wanted):
        abort(HTTPStatus.NOT_FOUND)
    return rows


def _title_for(chosen: Sequence[InboxRow]) -> str:
    return chosen[0].product if chosen else ""


def _unfit(chosen: Sequence[InboxRow]) -> str:
    """Say before anything is typed what would be refused after it; empty when nothing would."""
    if not chosen:
        return _why_not(actions.NothingChosen())
    if len({row.product_id for row in chosen}) > 1:
        return _why_not(actions.MixedProducts())
    return "" if all(row.linkable for row in chosen) else _why_not(actions.AlreadyLinked())


def _why_not(error: actions.CannotTakeIn) -> str:
    reasons = {
        actions.NothingChosen: _("还没有选反馈。先到收件箱勾选，再合并成工单。"),
        actions.MixedProducts: _(
            "选中的反馈涉及不同商品。先为一个商品建工单，建好后可以在工单里再并入其他商品的反馈。"
        ),
        actions.AlreadyLinked: _("有反馈刚被放进别的工单。请回收件箱重新选择。"),
        actions.NotLinkable: _("有反馈已经处理完了，不能再放进工单。请重新选择。"),
        actions.TicketClosed: _("这个工单已经结束，不能再并入反馈。"),
    }
    return str(reasons[type(error)])


@bp.get("/tickets/<public_id>")
@requires(Role.SUPPLIER)
def show(public_id: str) -> ResponseReturnValue:
    """Show a ticket: who asks, what the next steps are, what happened."""
    return _ticket_page(_ticket(public_id), forms.Step(formdata=None))


@bp.get("/tickets/of/<public_id>")
@requires(Role.SUPPLIER)
def of_feedback(public_id: str) -> ResponseReturnValue:
    """Lead from a piece of feedback to the ticket that it is in."""
    found = queries.public_id_of_feedbacks_ticket(
        feedback_public_id=public_id, supplier_id=_supplier_id()
    )
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return redirect(url_for("tickets.show", public_id=found))


@bp.post("/tickets/<public_id>/feedback")
@requires(Role.SUPPLIER)
def add_feedback(public_id: str) -> ResponseReturnValue:
    """Add more feedback to a ticket."""
    ticket = _ticket(public_id)
    chosen = _chosen(request.form.getlist("feedback"))
    try:
        actions.link(
            supplier_id=_supplier_id(),
            person_id=current_member().person_id,
            ticket_id=ticket.id,
            feedback_ids=[row.id for row in chosen],
            at=clock.now(),
        )
    except actions.CannotTakeIn as error:
        page = _ticket_page(ticket, forms.Step(formdata=None), problem=_why_not(error))
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("已经并入，提反馈的渠道商会收到通知"), "message")
    return redirect(url_for("tickets.show", public_id=public_id))


@bp.post("/tickets/<public_id>/to/<any(accepted, building, declined):target>")
@requires(Role.SUPPLIER)
def move(public_id: str, target: str) -> ResponseReturnValue:
    """Take a ticket a step further, with the words that the dealers who asked will read."""
    ticket, form = _ticket(public_id), forms.Step()
    try:
        if not form.validate_on_submit():
            return _ticket_page(ticket, form, State(target)), HTTPStatus.UNPROCESSABLE_ENTITY
        actions.move(
            supplier_id=_supplier_id(),
            person_id=current_member().person_id,
            ticket_id=ticket.id,
            target=State(target),
            text=form.text.data or "",
            at=clock.now(),
        )
    except rules.NeedsWords:
        form.text.errors = [_("请写一句话，提反馈的渠道商会看到")]
        return _ticket_page(ticket, form, State(target)), HTTPStatus.UNPROCESSABLE_ENTITY
    except rules.IllegalMove:
        problem = _("这个工单现在是“%(state)s”，不能做这一步。", state=ticket.state_text)
        page = _ticket_page(ticket, form, problem=problem)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("工单已更新"), "message")
    return redirect(url_for("tickets.show", public_id=public_id))


def _ticket(public_id: str) -> TicketPage:
    found = queries.of_supplier(public_id=public_id, supplier_id=_supplier_id())
    return found if found is not None else abort(HTTPStatus.NOT_FOUND)


def _ticket_page(
    ticket: TicketPage, form: forms.Step, tried: State | None = None, problem: str = ""
) -> str:
    """Render a ticket; `tried` is the step whose form failed, None when none did."""
    active = ticket.state in rules.ACTIVE
    suggestions = feedback.linkable(
        supplier_id=_supplier_id(), product_id=ticket.product_id, limit=SUGGESTIONS
    )
    return render_template(
        "tickets/show.html",
        ticket=ticket,
        form=form,
        tried=tried,
        problem=problem,
        steps=[(each, texts.step(each)) for each in rules.by_hand(ticket.state)],
        spoken=rules.SPOKEN,
        releasable=ticket.state in rules.RELEASABLE,
        suggestions=suggestions if active else [],
    )


@bp.get("/releases")
@requires(Role.SUPPLIER)
def releases() -> ResponseReturnValue:
    """Show what the supplier released, newest first."""
    paged = queries.releases_of_supplier(supplier_id=_supplier_id(), page=requested_page())
    announced = "announced" in request.args  # then the browser may forget the draft
    return render_template(
        "tickets/releases.html", paged=paged, to_html=to_html, announced=announced
    )


@bp.route("/releases/new", methods=["GET", "POST"])
@requires(Role.SUPPLIER)
def release_new() -> ResponseReturnValue:
    """Write a release, look at it as dealers will, then announce it."""
    form = forms.NewRelease(tickets=request.args.getlist("ticket"), released_on=clock.today())
    if not form.is_submitted():
        return _release_page(form)
    if queries.is_announced(supplier_id=_supplier_id(), submission_key=key_of_request()):
        return _announced()
    if not form.validate():
        return _release_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    if "announce" not in request.form:
        return _release_page(form, preview=True)
    if not _announce(form):
        return _release_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    return _announced()


def _announced() -> ResponseReturnValue:
    flash(_("已经发布，提过反馈的渠道商都会收到通知"), "message")
    return redirect(url_for("tickets.releases", announced=1))


def _announce(form: forms.NewRelease) -> bool:
    """Announce the release; return False, with the message in the form, when it is refused."""
    wanted = set(form.tickets.data or [])
    ticket_ids = queries.ids(public_ids=wanted, supplier_id=_supplier_id())
    if len(ticket_ids) != len(wanted):
        abort(HTTPStatus.NOT_FOUND)
    try:
        actions.announce(
            supplier_id=_supplier_id(),
            person_id=current_member().person_id,
            draft=ReleaseDraft(
                title=form.title.data or "",
                notes=form.notes.data or "",
                released_on=form.released_on.data or clock.today(),
                submission_key=key_of_request(),
            ),
            ticket_ids=ticket_ids,
            at=clock.now(),
            today=clock.today(),
        )
    except rules.NotYetReleased:
        form.released_on.errors = [_("还没到的日期不能发布，上线那天再来")]
    except actions.NotReleasable:
        form.tickets.errors = [_("有工单刚被发布或者关掉了，请重新选择")]
    else:
        return True
    return False


def _release_page(form: forms.NewRelease, *, preview: bool = False) -> str:
    tickets = queries.releasable(_supplier_id())
    chosen = [ticket for ticket in tickets if ticket.public_id in (form.tickets.data or [])]
    words = rules.shipped_text(title=form.title.data or "", notes=form.notes.data or "")
    return render_template(
        "tickets/release_new.html",
        form=form,
        tickets=tickets,
        preview=to_html(words) if preview else "",
        chosen=chosen,
        told=_dealers_behind(chosen) if preview else 0,
    )


def _dealers_behind(chosen: Sequence[TicketRow]) -> int:
    return queries.dealers_behind(
        supplier_id=_supplier_id(), ticket_ids=[ticket.id for ticket in chosen]
    )
