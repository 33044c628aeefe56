"""Jobs of notices, as the worker runs them: at least once each."""

from collections.abc import Callable, Mapping
from typing import Any

from portal import clock
from portal.notices import ledger, sending

Handler = Callable[[Mapping[str, Any], Callable[[int, int], None]], None]


def send(args: Mapping[str, Any], _progress: Callable[[int, int], None]) -> None:
    """Try one delivery."""
    sending.try_now(delivery_id=args["delivery_id"], attempt=args["attempt"], now=clock.now)


HANDLERS: Mapping[str, Handler] = {ledger.SEND: send}
