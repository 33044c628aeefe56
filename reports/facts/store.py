"""The store of order facts: `apply` takes a checked file in, `open_current` reads.

An order found again, by source, number and kind of file, replaces the earlier one as a whole;
found unpaid, it goes. Only months with a changed order are written anew.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from reports.facts import engine, merge, rejects, versions
from reports.facts.classify import RowClass
from reports.facts.ingest import CheckedFile
from reports.facts.versions import FactsDamaged, ImportedFile, Manifest, MonthFile, NoFacts

__all__ = [
    "Applied",
    "BuyerKeyChanged",
    "FactsDamaged",
    "NoFacts",
    "Snapshot",
    "apply",
    "open_current",
]


class BuyerKeyChanged(Exception):
    """The buyers of this file are hashed with another key than those in the store."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What an import did. `counts` adds up to `rows_read`, as the check's do."""

    version: str
    changed: bool  # False: the store already held exactly this
    rows_read: int
    counts: Mapping[RowClass, int]
    rejected: Mapping[str, int]  # reason code -> rows, the store's own reasons included
    orders_new: int
    orders_replaced: int
    orders_unchanged: int
    orders_removed: int  # found unpaid now
    months_written: tuple[str, ...]
    rejected_file: Path | None  # None when every row was taken


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of the facts; later imports do not change it."""

    facts_root: Path
    version: str
    manifest: Manifest

    @property
    def months(self) -> tuple[str, ...]:
        """Return the months that hold lines, "YYYY-MM", in order."""
        return tuple(self.manifest.months)

    @property
    def currency_of(self) -> Mapping[str, str]:
        """Return each dealer's currency by dealer_ref."""
        return self.manifest.currencies

    @property
    def counts(self) -> Mapping[str, int]:
        """Return the number of lines by kind."""
        return self.manifest.counts

    @property
    def facts_until(self) -> date:
        """Return the last local date that the facts cover; raise NoFacts without lines."""
        if self.manifest.facts_until is None:
            raise NoFacts(f"{self.facts_root} holds no order lines")
        return self.manifest.facts_until

    @property
    def names_refunds(self) -> bool:
        """Return whether any source could report refunds at all."""
        return any(file.names_refunds for file in self.manifest.files)

    @property
    def paths(self) -> tuple[Path, ...]:
        """Return the Parquet files, in order of months."""
        folder = versions.folder_of(self.facts_root, self.version)
        return tuple(versions.month_path(folder, month) for month in self.months)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return a new in-memory database with the view `lines`; the caller closes it."""
        connection = engine.connect()
        connection.execute(f"CREATE VIEW lines AS {engine.select_lines(self.paths)}")
        return connection


def open_current(facts_root: Path) -> Snapshot:
    """Return the version that counts; raise NoFacts when there are no lines, or FactsDamaged."""
    version = versions.current_version(facts_root)
    if version is None:
        raise NoFacts(f"{facts_root} holds no order facts yet")
    manifest = versions.read_manifest(versions.folder_of(facts_root, version))
    if not manifest.months:
        raise NoFacts(f"{facts_root} holds no order lines")
    return Snapshot(facts_root=facts_root, version=version, manifest=manifest)


def apply(
    facts_root: Path,
    checked: CheckedFile,
    *,
    covers_until: date | None = None,
    language: str = "zh-CN",
) -> Applied:
    """Take a checked file into the store as a new version, or change nothing at all.

    `covers_until` says up to which local date the export is complete, for a file whose last
    orders lie before it; None takes the date of the last line. `language` is that of the file of
    rejected rows. Waits while another import writes. Raises BuyerKeyChanged, FactsDamaged.
    """
    with versions.writing(facts_root), engine.connect(spill_to=checked.folder) as db:
        version = versions.current_version(facts_root)
        before = _manifest_of(facts_root, version)
        _check_key(before, checked)
        held = Snapshot(facts_root, version or "", before).paths
        merged = merge.merge(db, checked, held=held, files=before.files)
        rejects_folder = facts_root / "rejected"
        rejects_folder.mkdir(exist_ok=True)
        rejected_file = rejects.write(
            rejects_folder, checked, also=merged.mismatched, language=language
        )
        until = max(filter(None, (before.covers_until, covers_until)), default=None)
        if version is None or merged.dirty_months or until != before.covers_until:
            draft = versions.new_draft(facts_root)
            months = _write_months(db, draft, held=held, before=before, merged=merged)
            after = _manifest(db, draft, before, checked, months, until)
            changed_to = versions.publish(facts_root, draft, after)
        else:
            changed_to = version
    return _applied(
        checked, merged, rejected_file, version=changed_to, changed=changed_to != version
    )


def _manifest_of(facts_root: Path, version: str | None) -> Manifest:
    if version is None:
        return versions.EMPTY
    return versions.read_manifest(versions.folder_of(facts_root, version))


def _check_key(before: Manifest, checked: CheckedFile) -> None:
    if checked.buyer_key_id and before.buyer_key_id not in (None, checked.buyer_key_id):
        raise BuyerKeyChanged(
            f"key {checked.buyer_key_id} of {checked.file_name} is not the store's key "
            f"{before.buyer_key_id}: the same buyer would count twice"
        )


def _write_months(
    db: duckdb.DuckDBPyConnection,
    draft: Path,
    *,
    held: tuple[Path, ...],
    before: Manifest,
    merged: merge.Merged,
) -> dict[str, MonthFile]:
    """Fill the draft: changed months written, all others shared with the version before."""
    months: dict[str, MonthFile] = {}
    for (month, entry), path in zip(before.months.items(), held, strict=True):
        if month not in merged.dirty_months:
            versions.share(path, versions.month_path(draft, month))
            months[month] = entry
    for month in merged.dirty_months:
        written = merge.write_month(db, draft, month)
        if written is not None:
            months[month] = written
    return dict(sorted(months.items()))


def _manifest(
    db: duckdb.DuckDBPyConnection,
    draft: Path,
    before: Manifest,
    checked: CheckedFile,
    months: Mapping[str, MonthFile],
    covers_until: date | None,
) -> Manifest:
    found = merge.contents(db, [versions.month_path(draft, month) for month in months])
    this = _imported(checked)
    others = [
        one for one in before.files if (one.source, one.file_id) != (this.source, this.file_id)
    ]
    files = [one for one in (*others, this) if (one.source, one.file_id) in found.files]
    return Manifest(
        months=months,
        currencies=found.currencies,
        counts=found.counts,
        files=tuple(sorted(files, key=lambda one: (one.source, one.file_id))),
        facts_from=found.first_on,
        facts_until=max(filter(None, (found.last_on, covers_until)), default=None),
        covers_until=covers_until,
        buyer_key_id=before.buyer_key_id or checked.buyer_key_id,
    )


def _imported(checked: CheckedFile) -> ImportedFile:
    return ImportedFile(
        file_id=checked.file_id,
        source=checked.mapping.source,
        kind_of_file=checked.mapping.kind_of_file,
        file_name=checked.file_name,
        names_refunds=checked.mapping.names_refunds,
        rows_read=checked.rows_read,
        counts={kind.value: rows for kind, rows in checked.counts.items()},
    )


def _applied(
    checked: CheckedFile,
    merged: merge.Merged,
    rejected_file: Path | None,
    *,
    version: str,
    changed: bool,
) -> Applied:
    """Return the outcome; rows that the store refused move to the rejected ones."""
    counts = dict(checked.counts)
    for kind, rows in merged.mismatched_kinds.items():
        counts[RowClass(kind)] -= rows
    counts[RowClass.REJECTED] += len(merged.mismatched)
    reasons = Counter(checked.rejected)
    reasons.update(rejection.code for rejection in merged.mismatched)
    return Applied(
        version=version,
        changed=changed,
        rows_read=checked.rows_read,
        counts=counts,
        rejected=dict(reasons.most_common()),
        orders_new=merged.orders_new,
        orders_replaced=merged.orders_replaced,
        orders_unchanged=merged.orders_unchanged,
        orders_removed=merged.orders_removed,
        months_written=merged.dirty_months,
        rejected_file=rejected_file,
    )
