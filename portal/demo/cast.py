"""The records of the demo alliance: who is in it, what is sold and said. Frozen data.

Money is integer fen (CNY), shares are basis points, dates are local dates in Asia/Shanghai.
Records point at each other by `code` or `ref`, never by a database id.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Person:
    """A member of a supplier or of the alliance; `organisation` is its code or "alliance"."""

    code: str
    name: str
    mail: str
    title: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Consultant:
    """A consultant of the alliance. `topic` is the subject that dealers book this person for."""

    code: str
    name: str
    mail: str
    specialty: str
    topic: str


@dataclass(frozen=True, slots=True)
class Supplier:
    """An upstream company; `owner` is its product manager and first member."""

    code: str
    name_zh: str
    name_en: str
    owner: Person


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of goods."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Product:
    """One thing on offer. `price_fen` is the usual retail price, `cost_fen` what the dealer pays.

    `weight` (within its category) and `refund_bps` (orders given back) drive the simulation only.
    """

    code: str
    supplier: str
    category: str
    name_zh: str
    name_en: str
    cost_fen: int
    price_fen: int
    weight: int
    refund_bps: int


@dataclass(frozen=True, slots=True)
class Dealer:
    """A small shop; `ref` is its user name in the shop system (分站), `level` 1 to 4 (best).

    `size` is star, large, small or tiny; `story` is steady, newcomer, fading or closed;
    `monthly_orders` is what an ordinary month brings: these three drive the simulation only.
    `closed_on` is the first day without the shop, None while it is open.
    `mail` is None for a dealer who gave only a phone.
    """

    ref: str
    shop_name: str
    owner_name: str
    phone: str
    mail: str | None
    province: str
    city: str
    level: int
    joined_on: date
    closed_on: date | None
    share_name: bool
    size: str
    story: str
    monthly_orders: float


@dataclass(frozen=True, slots=True)
class Clerk:
    """Somebody who works in a shop and does not own it; `dealer` is the shop's ref."""

    dealer: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Batch:
    """One intake of the programme: places were drawn by lot among the shops that had applied."""

    number: int
    name_zh: str
    starts_on: date
    dealers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A dealer in a course. `lesson_dates` holds one date for each lesson done, in course order.

    A course has six lessons; `finished_on` is the date of the sixth, None while any is open.
    """

    dealer: str
    batch: int
    course: str
    enrolled_on: date
    lesson_dates: tuple[date, ...]
    finished_on: date | None


@dataclass(frozen=True, slots=True)
class Session:
    """A consulting session. `outcome` is done, no_show or booked (still to come).

    `starts_minute` counts from local midnight; a session takes 30 minutes. `note` is empty unless
    done; `action` is the step agreed on (empty unless done), due `action_due_on`.
    """

    dealer: str
    consultant: str
    topic: str
    on: date
    starts_minute: int
    outcome: str
    note: str
    action: str
    action_due_on: date | None


@dataclass(frozen=True, slots=True)
class Feedback:
    """A dealer's own words about a product.

    `fate` is new, linked, accepted, answered, declined or shipped. `ticket` is the ticket's code or
    None; `answer` is the supplier's reply, empty while there is none.
    """

    dealer: str
    product: str
    text: str
    impact: str
    submitted_on: date
    fate: str
    ticket: str | None
    answer: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A supplier's improvement work. `feedback` are indices into `World.feedback`.

    `state` is open, in_progress, shipped or declined; `closed_on` is None for the first two.
    """

    code: str
    title: str
    product: str
    state: str
    opened_on: date
    closed_on: date | None
    answer: str
    feedback: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """Something a supplier shipped. `cures` names products whose refunds fall, to `cured_bps`."""

    code: str
    supplier: str
    title: str
    notes: str
    released_on: date
    tickets: tuple[str, ...]
    cures: tuple[str, ...]
    cured_bps: int


@dataclass(frozen=True, slots=True)
class World:
    """The whole demo alliance as of `today`; equal (seed, today) gives an equal world."""

    seed: int
    today: date
    categories: tuple[Category, ...]
    suppliers: tuple[Supplier, ...]
    products: tuple[Product, ...]
    dealers: tuple[Dealer, ...]
    clerks: tuple[Clerk, ...]
    consultants: tuple[Consultant, ...]
    operators: tuple[Person, ...]
    author: Person
    batches: tuple[Batch, ...]
    enrolments: tuple[Enrolment, ...]
    sessions: tuple[Session, ...]
    feedback: tuple[Feedback, ...]
    tickets: tuple[Ticket, ...]
    releases: tuple[Release, ...]
