"""Imports every module's tables, so that migrations and the database see them all."""

from portal.accounts import models as accounts
from portal.accounts.membership import models as membership
from portal.accounts.sign_in import models as sign_in
from portal.booking.models import hours as booking_hours
from portal.booking.models import outside as booking_outside
from portal.booking.models import sessions as booking_sessions
from portal.calendars import models as calendars
from portal.catalog import models as catalog
from portal.certificates import models as certificates
from portal.evidence import models as evidence
from portal.feedback import models as feedback
from portal.idempotency import models as idempotency
from portal.learning import models as learning
from portal.notes import models as notes
from portal.notices import models as notices
from portal.outbox import models as outbox
from portal.practice import models as practice
from portal.privacy import models as privacy
from portal.questions import models as questions
from portal.reporting import models as reporting
from portal.review import models as review
from portal.rounds import models as rounds
from portal.sales import models as sales
from portal.teaching import models as teaching
from portal.tickets import models as tickets

__all__ = [
    "accounts",
    "booking_hours",
    "booking_outside",
    "booking_sessions",
    "calendars",
    "catalog",
    "certificates",
    "evidence",
    "feedback",
    "idempotency",
    "learning",
    "membership",
    "notes",
    "notices",
    "outbox",
    "practice",
    "privacy",
    "questions",
    "reporting",
    "review",
    "rounds",
    "sales",
    "sign_in",
    "teaching",
    "tickets",
]
