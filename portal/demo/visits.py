"""Builds the consulting sessions: held, missed, and booked for the days to come."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from portal.demo import wordbook
from portal.demo.cast import Batch, Consultant, Dealer, Session
from portal.demo.chance import stream

NO_SHOW_SHARE = 0.12
UPCOMING = 9
UPCOMING_DAYS = 8
ACTION_DAYS = 14
# Half hours from 10:00 to 20:30; the shops' busiest hour, 21:00, stays free.
STARTS = tuple(range(10 * 60, 21 * 60, 30))


def sessions(
    *,
    seed: int,
    today: date,
    dealers: Sequence[Dealer],
    batches: Sequence[Batch],
    consultants: Sequence[Consultant],
) -> tuple[Session, ...]:
    """Return one to three past sessions for most enrolled dealers and a few coming ones, by date.

    No consultant has two sessions at the same time, no dealer two on one day or one after closing.
    """
    closed_on = {one.ref: one.closed_on for one in dealers}
    book = _Book(seed=seed, consultants=consultants)
    for batch in batches:
        for dealer in batch.dealers:
            before = closed_on[dealer] or today
            for day in _past_days(book.chance, starts_on=batch.starts_on, before=before):
                book.hold(dealer=dealer, on=day)
    enrolled = [ref for batch in batches for ref in batch.dealers if closed_on[ref] is None]
    for number, dealer in enumerate(book.chance.sample(enrolled, UPCOMING)):
        # The first two are for today, so that a consultant's day is never empty.
        ahead = 0 if number < 2 else book.chance.randrange(1, UPCOMING_DAYS + 1)
        book.reserve(dealer=dealer, on=today + timedelta(days=ahead))
    return tuple(sorted(book.held, key=lambda one: (one.on, one.starts_minute, one.consultant)))


def _past_days(chance: Random, *, starts_on: date, before: date) -> list[date]:
    """Return the days of a dealer's past sessions, each about a month after the one before."""
    days: list[date] = []
    day = starts_on
    for _ in range(chance.choice((0, 1, 1, 2, 2, 3))):
        day += timedelta(days=chance.randrange(12, 40))
        if day >= before:
            break
        days.append(day)
    return days


class _Book:
    """The consultants' appointment book while it is being filled."""

    def __init__(self, *, seed: int, consultants: Sequence[Consultant]) -> None:
        self.chance = stream(seed, "sessions")
        self.held: list[Session] = []
        self._consultants = consultants
        self._words: dict[str, Any] = wordbook.read("sessions")
        self._taken: set[tuple[str, date, int]] = set()

    def hold(self, *, dealer: str, on: date) -> None:
        """Add a session of the past: done with a note and an agreed step, or missed."""
        consultant, minute = self._slot(on)
        if self.chance.random() < NO_SHOW_SHARE:
            self._add(dealer, consultant, on, minute, "no_show")
            return
        case = self._new_case(dealer, consultant.topic)
        note = self._opening(dealer) + case["finding"] + case["onward"]
        self._add(dealer, consultant, on, minute, "done", note, case["step"])

    def reserve(self, *, dealer: str, on: date) -> None:
        """Add a session that is still to come."""
        consultant, minute = self._slot(on)
        self._add(dealer, consultant, on, minute, "booked")

    def _slot(self, on: date) -> tuple[Consultant, int]:
        """Draw a consultant and a start until one is found that nobody has taken."""
        while True:
            consultant = self.chance.choice(self._consultants)
            minute = self.chance.choice(STARTS)
            if (consultant.code, on, minute) not in self._taken:
                self._taken.add((consultant.code, on, minute))
                return consultant, minute

    def _opening(self, dealer: str) -> str:
        """Draw an opening that fits: a first meeting has no earlier action items to go through."""
        met = any(one.dealer == dealer and one.outcome == "done" for one in self.held)
        openings = self._words["openings"]
        lines: list[str] = openings["later" if met else "first"] + openings["any"]
        return self.chance.choice(lines)

    def _new_case(self, dealer: str, topic: str) -> dict[str, str]:
        """Draw a case of the topic that this dealer has not had yet.

        A dealer has at most three past sessions and a topic five cases: one is always left.
        """
        had = {one.action for one in self.held if one.dealer == dealer}
        cases: list[dict[str, str]] = self._words["topic"][topic]
        return self.chance.choice([case for case in cases if case["step"] not in had])

    def _add(
        self,
        dealer: str,
        consultant: Consultant,
        on: date,
        minute: int,
        outcome: str,
        note: str = "",
        action: str = "",
    ) -> None:
        self.held.append(
            Session(
                dealer=dealer,
                consultant=consultant.code,
                topic=consultant.topic,
                on=on,
                starts_minute=minute,
                outcome=outcome,
                note=note,
                action=action,
                action_due_on=on + timedelta(days=ACTION_DAYS) if action else None,
            )
        )
