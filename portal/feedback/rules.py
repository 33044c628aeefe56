"""When a piece of feedback may move, how it is named, and what nobody may read in it.

Pure: text and enums in, text and enums out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

HEADLINE_CHARS = 24


class State(StrEnum):
    """Where a piece of feedback stands."""

    NEW = "new"
    LINKED = "linked"  # in a supplier's ticket
    ACCEPTED = "accepted"  # the supplier will change it
    ANSWERED = "answered"  # answered, nothing to change
    DECLINED = "declined"  # will not be changed, with a reason
    SHIPPED = "shipped"


class EventKind(StrEnum):
    """What happened to a piece of feedback."""

    SUBMITTED = "submitted"
    ASSIGNED = "assigned"  # the alliance found out which product is meant
    LINKED = "linked"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    DECLINED = "declined"
    SHIPPED = "shipped"


MOVES: Mapping[State, frozenset[State]] = {
    State.NEW: frozenset({State.LINKED, State.ANSWERED, State.DECLINED}),
    State.LINKED: frozenset({State.ACCEPTED, State.DECLINED, State.SHIPPED}),
    State.ACCEPTED: frozenset({State.DECLINED, State.SHIPPED}),
    # An answer may turn out not to be enough.
    State.ANSWERED: frozenset({State.LINKED, State.DECLINED}),
    State.DECLINED: frozenset(),
    State.SHIPPED: frozenset(),
}
LINKABLE = frozenset(state for state, targets in MOVES.items() if State.LINKED in targets)
DECLINABLE = frozenset(state for state, targets in MOVES.items() if State.DECLINED in targets)
WAITING = frozenset({State.NEW, State.LINKED, State.ACCEPTED})  # the dealer waits for something


class IllegalMove(ValueError):
    """The life cycle does not allow this step."""

    def __init__(self, *, current: State, target: State) -> None:
        super().__init__(f"{current} -> {target}")
        self.current = current
        self.target = target


def move(*, current: State, target: State) -> State:
    """Return `target` if the life cycle allows the step, else raise IllegalMove."""
    if target not in MOVES[current]:
        raise IllegalMove(current=current, target=target)
    return target


def after_answer(current: State) -> State:
    """Return the state after an answer: it settles what is new and undoes nothing else."""
    return State.ANSWERED if current is State.NEW else current


class Chip(StrEnum):
    """How a dealer sifts their own feedback."""

    ALL = "all"
    WAITING = "waiting"
    ANSWERED = "answered"
    SHIPPED = "shipped"


CHIP_STATES: Mapping[Chip, frozenset[State]] = {
    Chip.ALL: frozenset(State),
    Chip.WAITING: WAITING,
    Chip.ANSWERED: frozenset({State.ANSWERED, State.DECLINED}),
    Chip.SHIPPED: frozenset({State.SHIPPED}),
}


def headline(text: str) -> str:
    """Return the first words of a text on one line, at most HEADLINE_CHARS and an ellipsis."""
    line = " ".join(text.split())
    return line if len(line) <= HEADLINE_CHARS else line[:HEADLINE_CHARS].rstrip() + "…"


def path_for_dealer(public_id: str) -> str:
    """Return where the dealer reads this feedback, for notices."""
    return f"/feedback/{public_id}"


def _mark(what: str) -> str:
    return f"〔已隐藏{what}〕"  # noqa: RUF001 – brackets that nobody types, so the marks are ours


class Secret(StrEnum):
    """What is hidden on entry; the value stands in the text instead of it."""

    MAIL = _mark("邮箱")
    ID_CARD = _mark("身份证号")
    PHONE = _mark("手机号")
    CARD = _mark("卡密")
    SHOP = _mark("店名")


# Full-width letters and digits are read like plain ones, character by character.
_PLAIN = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
# In this order: a phone number inside a longer run belongs to the run. Where a pattern has a
# group, the group is what is hidden.
_PATTERNS: tuple[tuple[Secret, str], ...] = (
    (Secret.MAIL, r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}"),
    (
        # 18 places, told from an order number by the date of birth inside.
        Secret.ID_CARD,
        (
            r"(?<![a-z0-9])[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
            r"\d{3}[\dx](?![a-z0-9])"
        ),
    ),
    (
        Secret.PHONE,
        r"(?<![a-z0-9])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![a-z0-9])",
    ),
    (
        # Called a secret, so that digits alone are enough.
        Secret.CARD,
        (
            r"(?:卡密|密码|卡号|券码|兑换码|激活码|cdkey|cdk)[是为:=, ]{0,3}"
            r"((?=[a-z-]*\d)[a-z0-9-]{6,})"
        ),
    ),
    (Secret.CARD, r"(?<![a-z0-9])(?=[a-z-]*\d)[a-z0-9]{4,}(?:-[a-z0-9]{4,}){2,}"),
    (
        Secret.CARD,
        r"(?<![a-z0-9])(?:(?=[a-z]*\d)[a-z0-9]{4,6} ){2,}(?=[a-z]*\d)[a-z0-9]{4,6}(?![a-z0-9])",
    ),
    (Secret.CARD, r"(?<![a-z0-9])(?=\d*[a-z])(?=[a-z]*\d)[a-z0-9]{12,}"),
)
_COMPILED = tuple(
    (secret, re.compile(text, re.IGNORECASE | re.ASCII)) for secret, text in _PATTERNS
)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that may be stored, and what was hidden in it, once per place."""

    text: str
    hidden: tuple[Secret, ...]


def mask(text: str, *, shop_name: str = "") -> Masked:
    """Return `text` without what must not be stored: contacts, card secrets, the shop's own name.

    The shop's name is hidden whether or not the dealer shares it: with consent the supplier reads
    it beside the text, and without consent not even a search may find it. Masking twice changes
    nothing.
    """
    for secret, pattern in _COMPILED:
        text = _replace(pattern, secret, text)
    if shop_name:
        text = text.replace(shop_name, Secret.SHOP)
    return Masked(text=text, hidden=hidden_in(text))


def _replace(pattern: re.Pattern[str], secret: Secret, text: str) -> str:
    parts, end = [], 0
    for found in pattern.finditer(text.translate(_PLAIN)):
        start, stop = found.span(pattern.groups)
        parts += [text[end:start], secret.value]
        end = stop
    return "".join([*parts, text[end:]])


def hidden_in(text: str) -> tuple[Secret, ...]:
    """Return what was hidden in a stored text, kind by kind, once per place."""
    return tuple(secret for secret in Secret for _ in range(text.count(secret.value)))
