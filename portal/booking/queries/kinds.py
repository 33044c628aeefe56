"""Reads about kinds of sessions: which there are, who offers which, and to whom."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from portal import i18n
from portal.accounts import queries as accounts
from portal.booking.models.hours import ConsultantKind, SessionKind
from portal.booking.rules import offers
from portal.booking.rules.offers import PlaceMode
from portal.db import db


@dataclass(frozen=True, slots=True)
class KindRow:
    """A kind of session; `name` is in the request's language, `quota` a dealer's in 30 days."""

    id: int
    name: str
    name_zh: str
    name_en: str
    minutes: int
    place_mode: PlaceMode
    level_from: int
    level_to: int
    quota: int | None
    is_open: bool
    consultant_ids: Sequence[int] = ()

    def is_for(self, level: int | None) -> bool:
        """Tell whether a dealer of this level may book it."""
        return offers.may_book(level=level, level_from=self.level_from, level_to=self.level_to)


def kinds() -> Sequence[KindRow]:
    """Return every kind with who offers it, open ones first, oldest first."""
    offering: dict[int, list[int]] = {}
    links = select(ConsultantKind.kind_id, ConsultantKind.consultant_id).order_by(
        ConsultantKind.kind_id, ConsultantKind.consultant_id
    )
    for kind_id, consultant_id in db.session.execute(links):
        offering.setdefault(kind_id, []).append(consultant_id)
    found = db.session.scalars(
        select(SessionKind).order_by(SessionKind.is_open.desc(), SessionKind.id)
    )
    return [_row(each, offering.get(each.id, [])) for each in found]


def kind(kind_id: int) -> KindRow | None:
    """Return a kind, closed ones too, or None; without who offers it."""
    found = db.session.get(SessionKind, kind_id)
    return None if found is None else _row(found)


def offered_by(consultant_ids: Collection[int]) -> Mapping[int, Sequence[KindRow]]:
    """Return the open kinds that each consultant offers, oldest first; none for plain sessions."""
    found: dict[int, list[KindRow]] = {each: [] for each in consultant_ids}
    rows = db.session.execute(
        select(ConsultantKind.consultant_id, SessionKind)
        .join(SessionKind, SessionKind.id == ConsultantKind.kind_id)
        .where(ConsultantKind.consultant_id.in_(consultant_ids), SessionKind.is_open)
        .order_by(ConsultantKind.consultant_id, SessionKind.id)
    )
    for consultant_id, each in rows:
        found[consultant_id].append(_row(each))
    return found


def level_of(dealer_id: int) -> int | None:
    """Return a dealer's level; None when it has none."""
    return accounts.organisations([dealer_id])[dealer_id].level


def _row(found: SessionKind, consultant_ids: Sequence[int] = ()) -> KindRow:
    return KindRow(
        id=found.id,
        name=i18n.pick({"zh-CN": found.name_zh, "en": found.name_en}),
        name_zh=found.name_zh,
        name_en=found.name_en,
        minutes=found.minutes,
        place_mode=PlaceMode(found.place_mode),
        level_from=found.level_from,
        level_to=found.level_to,
        quota=found.quota,
        is_open=found.is_open,
        consultant_ids=tuple(consultant_ids),
    )
