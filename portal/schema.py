"""Imports every module's tables, so that migrations and the database see them all."""

from portal.accounts import models as accounts
from portal.booking import models as booking
from portal.learning import models as learning
from portal.notices import models as notices
from portal.outbox import models as outbox

__all__ = ["accounts", "booking", "learning", "notices", "outbox"]
