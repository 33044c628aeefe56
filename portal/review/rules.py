"""Review cards: what the ledger calls its work, and how long a round takes."""

SECONDS_A_CARD = 40
REMIND = "review.remind"


def minutes(cards: int) -> int:
    """Return about how many minutes so many cards take, at least 1."""
    return max(1, round(cards * SECONDS_A_CARD / 60))
