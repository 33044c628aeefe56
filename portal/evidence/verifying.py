"""Walks the chain from its first entry to its head and names every entry that does not fit.

Found are: an altered, a removed, an inserted entry, wherever it is; altered details; details that
were removed without an erasure on record, or that came back after one. Whoever may write to the
database could rebuild the whole chain: an anchor, a head that was noted elsewhere (the log, a
backup's manifest), shows that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from portal.db import db
from portal.evidence import queries, rules
from portal.evidence.queries import Link

CHUNK = 1000


class Fault(StrEnum):
    """What is wrong with an entry."""

    ALTERED = "altered"  # its own hash is not that of its fields
    UNLINKED = "unlinked"  # it does not hold the hash of the entry before it
    MISSING = "missing"  # there is no entry of this number
    BEYOND_HEAD = "beyond_head"  # it stands behind the head, or has another hash than the head
    DETAILS_ALTERED = "details_altered"
    DETAILS_MISSING = "details_missing"  # and no entry says that they were erased
    DETAILS_BACK = "details_back"  # an entry says that they were erased
    OTHER_ANCHOR = "other_anchor"  # a head that was noted elsewhere has another hash


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry that does not fit."""

    seq: int
    fault: Fault


@dataclass(slots=True)
class Verdict:
    """What a walk found; sound when there are no problems."""

    checked: int = 0
    erased: int = 0  # entries whose details were erased, with an entry that says so
    head: tuple[int, str] = (0, rules.BEFORE_THE_FIRST)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Tell whether every entry fits."""
        return not self.problems


@dataclass(slots=True)
class _Walk:
    anchors: Mapping[int, str]
    verdict: Verdict = field(default_factory=Verdict)
    seq: int = 0
    hash: str | None = rules.BEFORE_THE_FIRST  # None after a gap: nothing to link to
    without_details: set[int] = field(default_factory=set)
    erased: set[int] = field(default_factory=set)

    def found(self, seq: int, fault: Fault) -> None:
        self.verdict.problems.append(Problem(seq, fault))

    def step(self, link: Link) -> None:
        """Check one entry against its fields, its details and the entry before it."""
        entry = link.entry
        if entry.seq != self.seq + 1:
            # However many are gone in a row, the first one names the place.
            self.found(self.seq + 1, Fault.MISSING)
            self.hash = None
        if rules.entry_hash(entry) != link.hash:
            self.found(entry.seq, Fault.ALTERED)
        elif self.hash is not None and entry.previous_hash != self.hash:
            self.found(entry.seq, Fault.UNLINKED)
        if self.anchors.get(entry.seq, link.hash) != link.hash:
            self.found(entry.seq, Fault.OTHER_ANCHOR)
        self._check_details(link)
        if entry.action == rules.ERASED:
            self.erased |= rules.erased_by(entry.changes)
        self.seq, self.hash = entry.seq, link.hash
        self.verdict.checked += 1

    def _check_details(self, link: Link) -> None:
        if link.actual_details_hash == link.entry.details_hash:
            return
        if link.actual_details_hash is None:
            self.without_details.add(link.entry.seq)
        else:
            self.found(link.entry.seq, Fault.DETAILS_ALTERED)

    def end(self, head: tuple[int, str]) -> None:
        """Compare with the head, and the missing details with what was erased on record."""
        self.verdict.head = head
        if head[0] > self.seq:
            self.found(self.seq + 1, Fault.MISSING)
        elif head[0] < self.seq or (self.hash is not None and head[1] != self.hash):
            self.found(self.seq, Fault.BEYOND_HEAD)
        for seq in sorted(self.anchors):
            if seq > self.seq:
                self.found(seq, Fault.OTHER_ANCHOR)
        for seq in sorted(self.without_details - self.erased):
            self.found(seq, Fault.DETAILS_MISSING)
        for seq in queries.with_details(self.erased):
            self.found(seq, Fault.DETAILS_BACK)
        self.verdict.erased = len(self.without_details & self.erased)


def verify(*, anchors: Mapping[int, str] | None = None, chunk: int = CHUNK) -> Verdict:
    """Return what the walk over the whole chain found; `anchors` are noted hashes by number.

    Reads in chunks and lets go of the database in between: writers are not held up.
    """
    walk = _Walk(anchors=anchors or {})
    while True:
        # The head first: whatever it names is written by the time the entries are read.
        head = queries.head()
        links: Sequence[Link] = queries.links_after(walk.seq, limit=chunk)
        for link in links:
            walk.step(link)
        if not links:
            walk.end(head)
            db.session.rollback()
            return walk.verdict
        db.session.rollback()
