"""Tables of allocation rounds: what was declared, the hours, who asked for which, what they got."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.access import Role
from portal.db import Base, UtcDateTime, one_of
from portal.ownership import owned, unowned
from portal.rounds.rules.states import Outcome, RoundState


@unowned("what is declared about a round is for every shop; the seed is shown when it is over")
class AllocationRound(Base):
    """A week whose hours are given away together."""

    __tablename__ = "allocation_round"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    first_day: Mapped[date]  # local, inclusive
    last_day: Mapped[date]
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cap: Mapped[int]
    small_bps: Mapped[int]
    lottery_bps: Mapped[int]
    seed: Mapped[str] = mapped_column(String(32))
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Sums of the result: {"benefit": points, "first_come": points}; None until it is decided.
    totals: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        CheckConstraint(one_of("state", RoundState), name="state_known"),
        CheckConstraint("last_day >= first_day", name="days_in_order"),
        CheckConstraint("cap BETWEEN 1 AND 3", name="cap_sane"),
        CheckConstraint(
            "small_bps BETWEEN 0 AND 10000 AND lottery_bps BETWEEN 0 AND 10000", name="shares_sane"
        ),
    )


@unowned("the hours of a round are offered to every shop")
class RoundHour(Base):
    """One start of one consultant that the round gives away."""

    __tablename__ = "round_hour"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("allocation_round.id", ondelete="CASCADE"))
    consultant_id: Mapped[int] = mapped_column(ForeignKey("consultant.id"))
    starts_minute: Mapped[int] = mapped_column(BigInteger)  # since 1970, UTC

    __table_args__ = (UniqueConstraint("round_id", "consultant_id", "starts_minute"),)


@owned(dealer="dealer_id", staff=[Role.OPERATOR])
class RoundRequest(Base):
    """A shop asks for an hour; what decided is frozen when the round closes."""

    __tablename__ = "round_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("allocation_round.id", ondelete="CASCADE"))
    dealer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    topic: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)  # of the first sending
    # Frozen when the round closes.
    benefit: Mapped[int | None]
    parts: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    small: Mapped[bool | None]
    # The decision.
    outcome: Mapped[str | None] = mapped_column(String(16))
    way: Mapped[str | None] = mapped_column(String(16))
    place: Mapped[int | None]  # in the draw
    drawn: Mapped[bool | None]
    lost_to: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    least: Mapped[int | None]
    given: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))  # ids of hours

    __table_args__ = (
        UniqueConstraint("round_id", "dealer_id"),
        Index(None, "dealer_id", "id"),
        CheckConstraint(f"outcome IS NULL OR {one_of('outcome', Outcome)}", name="outcome_known"),
    )


@owned(through="request_id")
class RoundTick(Base):
    """An hour that suits whoever asks."""

    __tablename__ = "round_tick"

    request_id: Mapped[int] = mapped_column(
        ForeignKey("round_request.id", ondelete="CASCADE"), primary_key=True
    )
    hour_id: Mapped[int] = mapped_column(
        ForeignKey("round_hour.id", ondelete="CASCADE"), primary_key=True
    )
