"""A dealer's way to a session: whom to ask, when, and the confirmation."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock, i18n
from portal.access import Role, current_member, requires
from portal.booking import forms, picker, texts
from portal.booking.actions import bookings as actions
from portal.booking.actions import claims, limits
from portal.booking.queries import consultants, kinds, sessions
from portal.booking.queries.consultants import ConsultantRow
from portal.booking.queries.kinds import KindRow
from portal.booking.rules import sessions as rules
from portal.booking.rules import slots
from portal.booking.views.blueprint import bp
from portal.i18n import gettext as _
from portal.idempotency.guard import key_of_request
from portal.paging import requested_page
from portal.typed import one_line

NEXT_STARTS = 3  # shown beside each consultant
ALTERNATIVES = 5  # offered when a time is gone


@dataclass(frozen=True, slots=True)
class About:
    """What the dealer comes about, as the address says; it stays on the way to a time."""

    lesson: str | None
    topic: str | None


def _about() -> About:
    lesson = request.args.get("lesson", "")
    topic = one_line(request.args.get("topic")) or ""
    return About(
        lesson=lesson if re.match(forms.LESSON_ID, lesson) else None,
        topic=topic[: forms.TOPIC_LENGTH] or None,
    )


@bp.get("")
@requires(Role.DEALER)
def index() -> ResponseReturnValue:
    """Show what is booked, then whom one can book, then what was said before."""
    at, dealer_id = clock.now(), current_member().organisation_id
    people = consultants.consultants()
    chosen = _first_kinds(people)
    free = _free_of_all(chosen, at)
    upcoming = sessions.upcoming_of_dealer(dealer_id=dealer_id, at=at)
    return render_template(
        "booking/index.html",
        upcoming=[
            (row, rules.may_cancel(state=row.state, starts_at=row.starts_at, at=at))
            for row in upcoming
        ],
        people=[
            (
                each,
                chosen.get(each.id),
                [picker.start(instant) for instant in free.get(each.id, ())[:NEXT_STARTS]],
            )
            for each in people
        ],
        past=sessions.past_of_dealer(dealer_id=dealer_id, at=at, page=requested_page(size=10)),
        state_text=texts.state,
        about=_about(),
        rounds_url=_rounds_url(),
    )


def _rounds_url() -> str | None:
    """Return where a shop asks for hours that are given away together, None without rounds."""
    return url_for("rounds.index") if "rounds.index" in current_app.view_functions else None


@bp.get("/consultants/<int:consultant_id>")
@requires(Role.DEALER)
def consultant(consultant_id: int) -> ResponseReturnValue:
    """Show a consultant's free times, one day at a time."""
    who = consultant_or_404(consultant_id)
    offered, kind = _kinds(who)
    shown = picker.picker(
        free=[] if offered and kind is None else _free(who, kind),
        today=clock.today(),
        days=who.horizon_days,
        wanted=_date(request.args.get("day", "")),
    )
    return render_template(
        "booking/consultant.html",
        who=who,
        about=_about(),
        kinds=offered,
        kind=kind,
        minutes=kind.minutes if kind else who.session_minutes,
        picker=shown,
        why=[] if shown.parts else _why_nothing(who, kind, shown.chosen),
        next_free=next((day.on for day in shown.days if day.count and day.on > shown.chosen), None),
    )


@bp.get("/new")
@requires(Role.DEALER)
def new() -> ResponseReturnValue:
    """Ask for confirmation of one time."""
    who = consultant_or_404(request.args.get("consultant", type=int) or 0)
    starts_at = rules.start_from_address(request.args.get("starts", ""))
    if starts_at is None:
        return redirect(url_for("booking.consultant", consultant_id=who.id))
    form = forms.NewBooking(formdata=None)
    form.consultant.data = who.id
    form.lesson.data, form.topic.data = _about().lesson, _about().topic
    form.starts.data = rules.start_in_address(starts_at)
    kind = _kinds(who)[1]
    form.kind.data = kind.id if kind else None
    if starts_at not in _held(who) and starts_at not in _free(who, kind):
        form.starts.errors = [_("这个时段刚被约走了，换一个时间吧。")]
    return _confirmation(form, who)


@bp.post("/new")
@requires(Role.DEALER)
def book() -> ResponseReturnValue:
    """Book the time that the form names."""
    form, member = forms.NewBooking(), current_member()
    valid = form.validate_on_submit()
    who = consultant_or_404(form.consultant.data or 0)
    starts_at = rules.start_from_address(form.starts.data or "")
    if not valid or starts_at is None:
        return _confirmation(form, who), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        booking = actions.book(
            dealer_id=member.organisation_id,
            person_id=member.person_id,
            consultant_id=who.id,
            starts_at=starts_at,
            topic=form.topic.data or "",
            lesson_id=form.lesson.data or None,
            kind_id=form.kind.data,
            submission_key=key_of_request(),
            at=clock.now(),
        )
    except (claims.SlotTaken, limits.NotOffered):
        form.starts.errors = [_("这个时段刚被约走了，换一个时间吧。你写的内容还在。")]
    except claims.DealerBusy:
        form.starts.errors = [_("店里在这个时间已经有一场会谈，换一个时间吧。")]
    except actions.KeyReused:
        form.starts.errors = [_("这一页已经约好过一场会谈。要再约一场，就再点一次“确认预约”。")]
    except (limits.LimitReached, limits.NotForDealer) as refusal:
        form.starts.errors = [texts.refusal(refusal)]
    except claims.TooBusy:
        form.starts.errors = [_("现在预约的人太多，没能约上。请再点一次“确认预约”。")]
    else:
        return redirect(url_for("booking.show", public_id=booking.public_id, made=1))
    return _confirmation(form, who), HTTPStatus.UNPROCESSABLE_ENTITY


def consultant_or_404(consultant_id: int) -> ConsultantRow:
    """Return the consultant; else the page is not found."""
    within_reach = 0 < consultant_id <= forms.LARGEST_ID
    found = consultants.consultant(consultant_id) if within_reach else None
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _kinds(
    who: ConsultantRow, wanted: int | None = None
) -> tuple[Sequence[KindRow], KindRow | None]:
    """Return the kinds that this dealer may book with the consultant, and the one asked for.

    Without a (known) one in the address, the first. None for plain sessions, or when what the
    consultant offers is for other dealers only; then the first part holds all of them.
    """
    offered = kinds.offered_by([who.id])[who.id]
    if not offered:
        return [], None
    level = kinds.level_of(current_member().organisation_id)
    mine = [each for each in offered if each.is_for(level)]
    asked = wanted or request.args.get("kind", type=int)
    return mine or offered, next(
        (each for each in mine if each.id == asked), next(iter(mine), None)
    )


def _first_kinds(people: Sequence[ConsultantRow]) -> Mapping[int, KindRow | None]:
    """Return the first kind that this dealer may book with each consultant.

    None for plain sessions. Who offers this dealer nothing is left out.
    """
    offered = kinds.offered_by([each.id for each in people])
    if not any(offered.values()):
        return dict.fromkeys(offered)
    level = kinds.level_of(current_member().organisation_id)
    fitting = {each: [one for one in found if one.is_for(level)] for each, found in offered.items()}
    return {
        each: next(iter(fitting[each]), None)
        for each, found in offered.items()
        if fitting[each] or not found
    }


def _free_of_all(
    chosen: Mapping[int, KindRow | None], at: datetime
) -> Mapping[int, Sequence[datetime]]:
    """Return the free starts of each consultant for its kind; three questions a kind."""
    dealer_id, free = current_member().organisation_id, dict[int, Sequence[datetime]]()
    for kind in set(chosen.values()):
        ids = [each for each, of in chosen.items() if of == kind]
        free |= consultants.free_starts(
            consultant_ids=ids, dealer_id=dealer_id, at=at, kind_id=kind.id if kind else None
        )
    return free


def _why_nothing(who: ConsultantRow, kind: KindRow | None, day: date) -> Sequence[str]:
    """Return in plain words why nothing is free on a date of the alliance's zone."""
    verdicts = consultants.explained(
        consultant_id=who.id,
        dealer_id=current_member().organisation_id,
        at=clock.now(),
        # The consultant's clock may be in another zone: its dates around are looked at too.
        first_day=day - timedelta(days=1),
        last_day=day + timedelta(days=1),
        kind_id=kind.id if kind else None,
    )
    of_day = (each for each in verdicts if i18n.local(slots.to_instant(each.start)).date() == day)
    counts = Counter(each.reason for each in of_day if each.reason)
    if not counts:
        return [str(texts.NOT_ON_THIS_WEEKDAY)]
    # In the order of how much each takes away, the same sentence once.
    return list(dict.fromkeys(texts.why_for_dealer(reason) for reason, _ in counts.most_common()))


def _free(who: ConsultantRow, kind: KindRow | None) -> list[datetime]:
    found = consultants.free_starts(
        consultant_ids=[who.id],
        dealer_id=current_member().organisation_id,
        at=clock.now(),
        kind_id=kind.id if kind else None,
    )
    return list(found[who.id])


def _held(who: ConsultantRow) -> Mapping[datetime, datetime]:
    return sessions.held_until(
        dealer_id=current_member().organisation_id, consultant_id=who.id, at=clock.now()
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _confirmation(form: forms.NewBooking, who: ConsultantRow) -> str:
    """Return the page that confirms a time, or offers others when the time is gone."""
    starts_at = rules.start_from_address(form.starts.data or "")
    others: list[picker.Start] = []
    kind = _kinds(who, form.kind.data)[1]
    if form.starts.errors:
        wanted = slots.to_minute(starts_at or clock.now())
        minutes = [slots.to_minute(each) for each in _free(who, kind)]
        nearest = slots.nearest(starts=minutes, to=wanted, count=ALTERNATIVES)
        others = [picker.start(slots.to_instant(minute)) for minute in nearest]
    return render_template(
        "booking/new.html",
        form=form,
        who=who,
        kind=kind,
        minutes=kind.minutes if kind else who.session_minutes,
        chosen=picker.start(starts_at) if starts_at else None,
        held_until=_held(who).get(starts_at) if starts_at else None,
        others=others,
    )
