"""Another time for a session: the shop's or the consultant's choice, or two sessions exchanged."""

from datetime import date, datetime
from http import HTTPStatus

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Role, current_member, requires
from portal.booking import forms, picker, texts
from portal.booking.actions import changes, claims, limits
from portal.booking.queries import consultants, sessions
from portal.booking.queries.sessions import SessionDetail
from portal.booking.rules import sessions as rules
from portal.booking.views.blueprint import bp
from portal.booking.views.session import session_or_404
from portal.i18n import gettext as _


@bp.get("/<public_id>/move")
@requires(Role.DEALER, Role.CONSULTANT)
def move(public_id: str) -> ResponseReturnValue:
    """Offer other times for a session, and ask for a yes when one is chosen."""
    return _page(session_or_404(public_id), forms.NewTime(formdata=None))


@bp.post("/<public_id>/move")
@requires(Role.DEALER, Role.CONSULTANT)
def move_to(public_id: str) -> ResponseReturnValue:
    """Move the session; until then, and when that fails, it keeps its time."""
    detail, form = session_or_404(public_id), forms.NewTime()
    if not form.validate_on_submit():
        return _page(detail, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        _move(public_id, rules.start_from_address(form.starts.data or ""))
    except (rules.TooLate, rules.IllegalMove):
        pass  # the page says why
    except _REFUSALS as refusal:
        form.starts.errors = [_said(refusal)]
    else:
        flash(_("已改期，双方都收到了通知。"), "message")
        return redirect(url_for("booking.show", public_id=public_id), HTTPStatus.SEE_OTHER)
    return _page(detail, form), HTTPStatus.UNPROCESSABLE_ENTITY


_REFUSALS = (
    claims.SlotTaken,
    claims.DealerBusy,
    claims.TooBusy,
    limits.NotOffered,
    limits.NotForDealer,
    limits.LimitReached,
)


def _said(refusal: Exception) -> str:
    if isinstance(refusal, limits.LimitReached | limits.NotForDealer):
        return str(texts.refusal(refusal))
    if isinstance(refusal, claims.DealerBusy):
        return str(_("店里在这个时间已经有一场会谈，原来的时间还在。换一个试试。"))
    if isinstance(refusal, claims.TooBusy):
        return str(_("现在改期的人太多，没能改成，原来的时间还在。请再点一次。"))
    return str(_("这个时段刚被约走了，原来的时间还在。换一个试试。"))


def _move(public_id: str, starts_at: datetime | None) -> None:
    if starts_at is None:
        raise limits.NotOffered
    member, at = current_member(), clock.now()
    if member.role is Role.CONSULTANT:
        changes.move_as_consultant(
            public_id=public_id, person_id=member.person_id, starts_at=starts_at, at=at
        )
    else:
        changes.move_as_dealer(
            public_id=public_id, dealer_id=member.organisation_id, starts_at=starts_at, at=at
        )


@bp.get("/<public_id>/exchange")
@requires(Role.CONSULTANT)
def exchange(public_id: str) -> ResponseReturnValue:
    """Ask which session is to trade its time with this one."""
    return _exchange_page(session_or_404(public_id), forms.Exchange(formdata=None))


@bp.post("/<public_id>/exchange")
@requires(Role.CONSULTANT)
def exchange_with(public_id: str) -> ResponseReturnValue:
    """Exchange the times of two sessions."""
    detail, form = session_or_404(public_id), forms.Exchange()
    if not form.validate_on_submit():
        return _exchange_page(detail, form), HTTPStatus.UNPROCESSABLE_ENTITY
    other = session_or_404(form.other.data or "")
    try:
        changes.exchange(
            public_id=public_id,
            other_public_id=other.row.public_id,
            person_id=current_member().person_id,
            at=clock.now(),
        )
    except (claims.SlotTaken, claims.DealerBusy):
        form.other.errors = [_("这两场长短不同，或者有一家店另有会谈，对调不了。")]
    except claims.TooBusy:
        form.other.errors = [_("没能对调，两场都没有变。请再点一次。")]
    except (rules.TooLate, rules.IllegalMove, changes.NotTogether):
        form.other.errors = [_("有一场已经开始、结束或取消，对调不了。")]
    else:
        flash(_("两场会谈的时间已对调，两家店都收到了通知。"), "message")
        return redirect(url_for("booking.show", public_id=public_id), HTTPStatus.SEE_OTHER)
    return _exchange_page(detail, form), HTTPStatus.UNPROCESSABLE_ENTITY


def _may_move(detail: SessionDetail) -> bool:
    row, at = detail.row, clock.now()
    if current_member().role is Role.CONSULTANT:
        return rules.may_move_as_consultant(state=row.state, starts_at=row.starts_at, at=at)
    return rules.may_cancel(state=row.state, starts_at=row.starts_at, at=at)


def _page(detail: SessionDetail, form: forms.NewTime) -> str:
    row, may_move = detail.row, _may_move(detail)
    chosen = rules.start_from_address(form.starts.data or request.args.get("starts", ""))
    free = []
    if may_move:
        found = consultants.free_starts(
            consultant_ids=[row.consultant.id],
            dealer_id=row.dealer_id,
            at=clock.now(),
            kind_id=detail.kind_id,
            moving=detail.booking_id,
        )
        free = [each for each in found[row.consultant.id] if each != row.starts_at]
    if chosen is not None and chosen not in free:
        chosen = None
        form.starts.errors = form.starts.errors or [_("这个时间现在约不了，换一个试试。")]
    return render_template(
        "booking/move.html",
        row=row,
        form=form,
        may_move=may_move,
        chosen=picker.start(chosen) if chosen else None,
        ends_at=chosen + (row.ends_at - row.starts_at) if chosen else None,
        picker=picker.picker(
            free=free,
            today=clock.today(),
            days=row.consultant.horizon_days,
            wanted=_date(request.args.get("day", "")),
        ),
        is_consultant=current_member().role is Role.CONSULTANT,
        contact=str(current_app.extensions["tongtu.settings"].contact),
    )


def _exchange_page(detail: SessionDetail, form: forms.Exchange) -> str:
    if not _may_move(detail):
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "booking/exchange.html",
        row=detail.row,
        form=form,
        others=sessions.exchangeable_of_consultant(
            person_id=current_member().person_id,
            at=clock.now(),
            except_public_id=detail.row.public_id,
        ),
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
