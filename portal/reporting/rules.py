"""Who may open a dealer's report, and where a build of all reports stands."""

from enum import StrEnum

from portal.access import Role


class BuildState(StrEnum):
    """Where a build stands."""

    RUNNING = "running"  # posted, or at work
    DONE = "done"
    FAILED = "failed"


PATH = "/reports"  # jobs write addresses too, and they have no request to ask for one
NO_FACTS = "no_facts"
FACTS_DAMAGED = "facts_damaged"
GIVEN_UP = "given_up"


def may_open(*, role: Role, own_shop: bool, has_session: bool) -> bool:
    """Tell whether somebody may open a dealer's report.

    The shop's own members may, and a consultant who holds a session with the shop. Nobody else:
    operators see that reports were built, not what stands in them.
    """
    if role is Role.DEALER:
        return own_shop
    return role is Role.CONSULTANT and has_session
