"""An operator's pages: open a round, look at who asks, publish the result."""

from http import HTTPStatus

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.i18n import gettext as _
from portal.paging import requested_page
from portal.rounds import actions, forms, queries, texts
from portal.rounds.rules import states
from portal.rounds.rules.states import MOVES, RoundState
from portal.rounds.views.blueprint import bp


@bp.get("/manage")
@requires(Role.OPERATOR)
def manage() -> ResponseReturnValue:
    """Show every round, the newest week first."""
    return render_template(
        "rounds/manage.html",
        rounds=queries.rounds(page=requested_page()),
        state_text=texts.state,
    )


@bp.route("/manage/new", methods=["GET", "POST"])
@requires(Role.OPERATOR)
def open_round() -> ResponseReturnValue:
    """Declare a round, and open it."""
    form = forms.Opening()
    if not form.is_submitted():
        return render_template("rounds/new.html", form=forms.Opening.of_week(clock.today()))
    if form.validate():
        try:
            opened = actions.open_round(
                declared=form.declared(), by=current_member(), at=clock.now()
            )
        except actions.UnderWay:
            form.first_day.errors = [_("顾问都在另一轮名额里，先公布或者取消那一轮")]
        except actions.NoHours:
            form.first_day.errors = [_("这几天没有顾问的空档。顾问的排班和能约到几天后，都会影响")]
        else:
            flash(_("这一轮开始报名了，会通知所有渠道商。"), "message")
            return _to_round(opened.id)
    return render_template("rounds/new.html", form=form), HTTPStatus.UNPROCESSABLE_ENTITY


@bp.get("/manage/<int:round_id>")
@requires(Role.OPERATOR)
def look(round_id: int) -> ResponseReturnValue:
    """Show a round with who asks and what each gets."""
    found = queries.round_of(round_id)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    requests = queries.requests_of(round_id=round_id, page=requested_page())
    return render_template(
        "rounds/look.html",
        round=found,
        requests=requests,
        why={each.id: texts.why(each, found) for each in requests.rows},
        may={each.value for each in MOVES[found.state]},
        state_text=texts.state,
        outcome_text=texts.outcome,
        rules=texts.rules_of(found),
    )


@bp.post("/manage/<int:round_id>/close")
@requires(Role.OPERATOR)
def close(round_id: int) -> ResponseReturnValue:
    """Let nobody ask any more, and find the result now."""
    return _step(round_id, RoundState.CLOSED)


@bp.post("/manage/<int:round_id>/publish")
@requires(Role.OPERATOR)
def publish(round_id: int) -> ResponseReturnValue:
    """Book what was given, and tell everybody."""
    return _step(round_id, RoundState.PUBLISHING)


@bp.post("/manage/<int:round_id>/cancel")
@requires(Role.OPERATOR)
def cancel(round_id: int) -> ResponseReturnValue:
    """Call a round off."""
    return _step(round_id, RoundState.CANCELLED)


def _step(round_id: int, target: RoundState) -> ResponseReturnValue:
    member, at = current_member(), clock.now()
    try:
        if target is RoundState.CLOSED:
            actions.close(round_id=round_id, by=member, at=at)
            flash(_("报名截止了，正在分配。"), "message")
        elif target is RoundState.PUBLISHING:
            actions.publish(round_id=round_id, by=member, at=at)
            flash(_("正在预约，约好后通知每家店。"), "message")
        else:
            actions.cancel(round_id=round_id, at=at)
            flash(_("这一轮取消了，报过名的店会收到通知。"), "message")
    except actions.NoSuchRound:
        abort(HTTPStatus.NOT_FOUND)
    except states.IllegalMove:
        flash(_("这一轮的状态刚变过，没有改动。"), "warn")
    return _to_round(round_id)


def _to_round(round_id: int) -> ResponseReturnValue:
    return redirect(url_for("rounds.look", round_id=round_id), HTTPStatus.SEE_OTHER)
