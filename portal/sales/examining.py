"""The dry run of an order file against the facts in force: judged, compared, nothing stored."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from reports.facts import engine, merge, versions
from reports.facts.classify import RowClass
from reports.facts.ingest import CheckedFile, Rejection, check
from reports.facts.mapping import find_mapping
from reports.facts.store import BuyerKeyChanged, Snapshot

MAX_KEPT_ROWS = 200_000
"""Rejected rows that are kept one by one; a file with more is wrong as a whole."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that can be imported, and what the import would do now.

    `counts` has every RowClass and adds up to the rows read; rows that only the facts in force
    refuse (another currency than before) are among the rejected ones.
    """

    checked: CheckedFile
    merged: merge.Merged
    counts: Mapping[RowClass, int]
    reasons: Mapping[str, int]

    def rejections(self) -> Iterator[Rejection]:
        """Yield the rejected rows, at most MAX_KEPT_ROWS of them."""
        return islice(chain(self.checked.rejections(), self.merged.mismatched), MAX_KEPT_ROWS)


@contextmanager
def examined(
    path: Path,
    *,
    mapping: str | None,
    buyer_key: bytes,
    facts_root: Path,
    categories: Mapping[str, str],
    progress: Callable[[int], object] | None = None,
) -> Iterator[Examined]:
    """Judge every row of the file and compare it with the facts; its temporary files go after.

    `categories` are those of the catalogue, by product name. Without `mapping` (the name of a
    shipped one) it is recognised by the file's header.
    Raises FileRefused, FactsDamaged, and BuyerKeyChanged when the facts hold other hashes.
    """
    with check(
        path,
        mapping=None if mapping is None else find_mapping(mapping),
        buyer_key=buyer_key,
        categories=categories,
        progress=progress,
    ) as checked:
        merged = _compared(checked, facts_root=facts_root)
        yield Examined(
            checked=checked,
            merged=merged,
            counts=_counts(checked, merged),
            reasons=_reasons(checked, merged),
        )


def _compared(checked: CheckedFile, *, facts_root: Path) -> merge.Merged:
    version = versions.current_version(facts_root)
    manifest = (
        versions.EMPTY
        if version is None
        else versions.read_manifest(versions.folder_of(facts_root, version))
    )
    if checked.buyer_key_id and manifest.buyer_key_id not in (None, checked.buyer_key_id):
        raise BuyerKeyChanged(f"key {checked.buyer_key_id} is not {manifest.buyer_key_id}")
    held = Snapshot(facts_root, version or "", manifest).paths
    with engine.connect(spill_to=checked.folder) as connection:
        return merge.merge(connection, checked, held=held, files=manifest.files)


def _counts(checked: CheckedFile, merged: merge.Merged) -> dict[RowClass, int]:
    counts = dict(checked.counts)
    for kind, rows in merged.mismatched_kinds.items():
        counts[RowClass(kind)] -= rows
    counts[RowClass.REJECTED] += len(merged.mismatched)
    return counts


def _reasons(checked: CheckedFile, merged: merge.Merged) -> dict[str, int]:
    reasons = Counter(checked.rejected)
    reasons.update(rejection.code for rejection in merged.mismatched)
    return dict(reasons.most_common())
