"""Jobs of action items, as the worker runs them: at least once each."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import structlog
from sqlalchemy import select

from portal import clock
from portal.db import db
from portal.outbox.rules import Period
from portal.practice import actions, measuring, pictures
from portal.practice.models import ActionItem

log = structlog.get_logger()
DAILY = "practice.daily"
STRAY_AFTER = timedelta(days=1)

Progress = Callable[[int, int], None]


def close(args: Mapping[str, Any], _progress: Progress) -> None:
    """Close what the orders show as done: one item, or all after an import or a build."""
    at = clock.now()
    count = measuring.close_reached(at=at, today=_today(at), item_id=args.get("item_id"))
    log.info("practice.closed", items=count)


def daily(_args: Mapping[str, Any], _progress: Progress) -> None:
    """Close what is reached, mark what is overdue, remind, and sweep up pictures of nobody."""
    at = clock.now()
    today = _today(at)
    log.info(
        "practice.day",
        closed=measuring.close_reached(at=at, today=today),
        missed=measuring.mark_missed(today=today),
        reminded=measuring.remind(at=at, today=today),
        swept=_sweep(at),
    )


def remove_picture(args: Mapping[str, Any], _progress: Progress) -> None:
    """Remove a picture whose closing was taken back."""
    pictures.remove(args["picture"])


def _sweep(at: datetime) -> int:
    known = db.session.scalars(select(ActionItem.picture).where(ActionItem.picture.is_not(None)))
    strays = pictures.strays(known={str(each) for each in known}, before=at - STRAY_AFTER)
    for name in strays:
        pictures.remove(name)
    return len(strays)


def _today(at: datetime) -> date:
    return at.astimezone(clock.zone()).date()


HANDLERS: Mapping[str, Callable[[Mapping[str, Any], Progress], None]] = {
    actions.CLOSE: close,
    actions.REMOVE_PICTURE: remove_picture,
    DAILY: daily,
}
# In the morning, before the shops are busy; notices keep to everybody's quiet hours.
PERIODIC: Mapping[str, Period] = {DAILY: time(8, 30)}
