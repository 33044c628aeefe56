"""How the chain of entries is hashed. docs/decisions/0019 tells it to whoever checks an export.

An entry's hash covers every field of the entry and the hash of the entry before it. What tells of
a person (address, browser, free details) stands apart, and the entry holds only its salted hash:
it can be erased later, and the chain still holds.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

VERSION = 1
BEFORE_THE_FIRST = "0" * 64  # the "previous hash" of entry 1
ERASED = "evidence.erased"  # the action of the entry that names what was erased
DETAIL_TABLE = "evidence_detail"
DETAILS_KEPT = timedelta(days=730)  # addresses and browsers; the entries stay for ever


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of one table that one write inserted, updated or deleted; never their values.

    `key` is the one row's primary key, or None when `rows` rows are told together.
    """

    table: str
    change: str  # "insert" | "update" | "delete"
    columns: tuple[str, ...] = ()
    key: tuple[str, ...] | None = None
    rows: int | None = 1  # None: the database did not tell how many


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is hashed. `changes` and the like are texts, exactly as they are stored."""

    seq: int
    at: datetime
    person_id: int | None
    organisation_id: int | None
    role: str | None
    action: str
    subject: str | None
    subject_id: str | None
    request_id: str | None
    changes: str
    details_hash: str | None
    previous_hash: str
    version: int = VERSION


def canonical(value: Any) -> str:
    """Return a value as JSON that has one spelling only: keys sorted, no spaces, UTF-8 as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(text: str) -> str:
    # The version comes first, as a byte: a later format can never be read as this one.
    return hashlib.sha256(bytes([VERSION]) + text.encode("utf-8", "surrogatepass")).hexdigest()


def instant(at: datetime) -> str:
    """Return an instant as it is hashed, e.g. 2026-11-22T02:00:00.000000Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def plain(entry: Entry) -> dict[str, Any]:
    """Return what is hashed of an entry."""
    return {**asdict(entry), "at": instant(entry.at)}


def entry_hash(entry: Entry) -> str:
    """Return the SHA-256 of an entry, in hexadecimal."""
    return _digest(canonical(plain(entry)))


def details_hash(*, salt: str, address: str | None, user_agent: str | None, details: str) -> str:
    """Return the salted SHA-256 of what an entry tells of a person; `details` is canonical JSON."""
    return _digest(
        canonical({"address": address, "details": details, "salt": salt, "user_agent": user_agent})
    )


ONE_BY_ONE = 20  # rows of one table that an entry names one by one; more are counted together


def told(changes: Sequence[Change]) -> str:
    """Return changes as an entry stores them; many rows of one kind are counted together."""
    by_kind: dict[tuple[str, str], list[Change]] = {}
    for each in changes:
        by_kind.setdefault((each.table, each.change), []).append(each)
    kept = [
        each
        for same in by_kind.values()
        for each in (same if len(same) <= ONE_BY_ONE else [_together(same)])
    ]
    return canonical([_plain(each) for each in kept])


def _together(changes: Sequence[Change]) -> Change:
    columns = sorted({column for each in changes for column in each.columns})
    counts = [each.rows for each in changes]
    rows = None if None in counts else sum(each or 0 for each in counts)
    return Change(changes[0].table, changes[0].change, tuple(columns), rows=rows)


def _plain(change: Change) -> Mapping[str, Any]:
    plain: dict[str, Any] = {"change": change.change, "table": change.table}
    if change.columns:
        plain["columns"] = list(change.columns)
    if change.key is not None:
        plain["key"] = list(change.key)
    else:
        plain["rows"] = change.rows
    return plain


def changes_of(text: str) -> list[Change]:
    """Return the changes that `told` wrote; what else an entry may hold there is left out."""
    return [
        Change(
            table=each["table"],
            change=each["change"],
            columns=tuple(each.get("columns", ())),
            key=tuple(each["key"]) if "key" in each else None,
            rows=1 if "key" in each else each.get("rows"),
        )
        for each in json.loads(text)
    ]


def erasure(seqs: Collection[int]) -> str:
    """Return the changes of the entry that says whose details were erased, by their numbers."""
    plain = {"change": "delete", "rows": len(set(seqs)), "table": DETAIL_TABLE}
    return canonical([{**plain, "seqs": in_ranges(seqs)}])


def erased_by(changes: str) -> set[int]:
    """Return the numbers that an entry made by `erasure` names."""
    return {
        seq for each in json.loads(changes) if "seqs" in each for seq in from_ranges(each["seqs"])
    }


def in_ranges(numbers: Iterable[int]) -> str:
    """Return numbers in the shortest form, e.g. "1-5,9"."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in runs)


def from_ranges(text: str) -> Iterable[int]:
    """Return the numbers of a text like "1-5,9"."""
    for part in filter(None, text.split(",")):
        start, _, end = part.partition("-")
        yield from range(int(start), int(end or start) + 1)
