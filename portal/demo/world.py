"""The demo alliance in one piece: `build_world` deals it from a seed, as of a given day.

It knows neither database nor portal; portal/demo/seed.py puts it there, and
portal/demo/orders.py writes the order files that its shop system would export.
"""

from datetime import date

from portal.demo import parties, programme, visits, voices
from portal.demo.calendar import require_within_reach
from portal.demo.cast import (
    Batch,
    Category,
    Clerk,
    Consultant,
    Dealer,
    Enrolment,
    Feedback,
    Person,
    Product,
    Release,
    Session,
    Supplier,
    Ticket,
    World,
)

__all__ = [
    "Batch",
    "Category",
    "Clerk",
    "Consultant",
    "Dealer",
    "Enrolment",
    "Feedback",
    "Person",
    "Product",
    "Release",
    "Session",
    "Supplier",
    "Ticket",
    "World",
    "build_world",
]


def build_world(*, seed: int, today: date) -> World:
    """Return the demo alliance as it stands on the morning of `today` (Asia/Shanghai).

    Equal arguments give an equal world. Raises DemoDateError for a day before 2022 or after
    2040: the festival dates that shape its orders are known for these years only.
    """
    require_within_reach(today)
    categories, products = parties.goods()
    consultants, operators, author = parties.staff()
    dealers = parties.dealers(seed=seed, today=today)
    batches = programme.batches(seed=seed, today=today, dealers=dealers)
    feedback, tickets = voices.voices(seed=seed, today=today, dealers=dealers)
    return World(
        seed=seed,
        today=today,
        categories=categories,
        suppliers=parties.suppliers(),
        products=products,
        dealers=dealers,
        clerks=parties.clerks(dealers),
        consultants=consultants,
        operators=operators,
        author=author,
        batches=batches,
        enrolments=programme.enrolments(seed=seed, today=today, dealers=dealers, batches=batches),
        sessions=visits.sessions(
            seed=seed, today=today, dealers=dealers, batches=batches, consultants=consultants
        ),
        feedback=feedback,
        tickets=tickets,
        releases=voices.releases(today=today),
    )
