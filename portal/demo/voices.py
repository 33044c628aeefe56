"""Builds what the shops said and what became of it: feedback, tickets and releases."""

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any

from portal.demo import wordbook
from portal.demo.calendar import days_before
from portal.demo.cast import Dealer, Feedback, Release, Ticket
from portal.demo.chance import cumulative, pick, stream

# Large shops meet a problem more often, but by no means in proportion to their turnover.
VOICE_WEIGHT = {"star": 3.0, "large": 2.0, "small": 1.0, "tiny": 0.0}
MEMBER_DAYS = 20  # nobody complains in the first weeks


def voices(
    *, seed: int, today: date, dealers: Sequence[Dealer]
) -> tuple[tuple[Feedback, ...], tuple[Ticket, ...]]:
    """Return all feedback, oldest first, and the tickets that point into it.

    A dealer speaks at most once about one problem.
    """
    chance = stream(seed, "voices")
    problems = wordbook.read("feedback")["problem"]
    said = [
        feedback
        for problem in problems
        for feedback in _of_problem(chance, problem=problem, today=today, dealers=dealers)
    ]
    feedback = tuple(sorted(said, key=lambda one: (one.submitted_on, one.product, one.dealer)))
    tickets = [
        _ticket(problem, today=today, feedback=feedback)
        for problem in problems
        if "ticket" in problem
    ]
    return feedback, tuple(sorted(tickets, key=lambda one: (one.opened_on, one.code)))


def _of_problem(
    chance: Random, *, problem: dict[str, Any], today: date, dealers: Sequence[Dealer]
) -> list[Feedback]:
    spoken: set[str] = set()
    pieces: list[Feedback] = []
    for voice in problem["voices"]:
        submitted_on = days_before(today, voice["days_ago"])
        dealer = _speaker(chance, submitted_on=submitted_on, spoken=spoken, dealers=dealers)
        spoken.add(dealer.ref)
        pieces.append(
            Feedback(
                dealer=dealer.ref,
                product=voice.get("product", problem["product"]),
                text=voice["text"],
                impact=voice["impact"],
                submitted_on=submitted_on,
                fate=voice.get("fate", problem["fate"]),
                ticket=problem["ticket"]["code"] if "ticket" in problem else None,
                answer=voice.get("answer", problem["answer"]),
            )
        )
    return pieces


def _speaker(
    chance: Random, *, submitted_on: date, spoken: set[str], dealers: Sequence[Dealer]
) -> Dealer:
    """Draw a shop that was a member by then and has not spoken of this problem."""
    able = [
        one
        for one in dealers
        if one.ref not in spoken
        and one.story not in {"fading", "closed"}
        and one.joined_on <= days_before(submitted_on, MEMBER_DAYS)
    ]
    return able[pick(chance, cumulative(VOICE_WEIGHT[one.size] for one in able))]


def _ticket(problem: dict[str, Any], *, today: date, feedback: Sequence[Feedback]) -> Ticket:
    words = problem["ticket"]
    closed = words.get("closed_days_ago")
    return Ticket(
        code=words["code"],
        title=words["title"],
        product=problem["product"],
        state=words["state"],
        opened_on=days_before(today, words["opened_days_ago"]),
        closed_on=None if closed is None else days_before(today, closed),
        answer=words["answer"],
        feedback=tuple(i for i, one in enumerate(feedback) if one.ticket == words["code"]),
    )


def releases(*, today: date) -> tuple[Release, ...]:
    """Return what the suppliers shipped, oldest first."""
    return tuple(
        Release(
            code=row["code"],
            supplier=row["supplier"],
            title=row["title"],
            notes=row["notes"],
            released_on=days_before(today, row["days_ago"]),
            tickets=tuple(row["tickets"]),
            cures=tuple(row.get("cures", ())),
            cured_bps=row.get("cured_bps", 0),
        )
        for row in wordbook.read("releases")["release"]
    )
