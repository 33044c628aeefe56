"""The facts folder on disk: versions, the pointer to the current one, and who may write.

    CURRENT                              id of the version that counts
    versions/<id>/manifest.json          what the version holds
    versions/<id>/lines-YYYY-MM.parquet  its lines, one file a month
    rejected/<file_id>.csv               rows of an imported file that were not taken
    .lock                                held by who writes

A version never changes once it has its name. Its id is the hash of its content, so equal facts
have equal ids. Readers take the version that CURRENT names and need no lock.
"""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

FORMAT = 1  # of the folder; raised when older code could not read it
KEPT_VERSIONS = 3
_DRAFT = ".draft-"


class NoFacts(Exception):
    """The facts folder holds no order lines yet."""


class FactsDamaged(Exception):
    """The facts folder is there but cannot be read; the message names the file."""


@dataclass(frozen=True, slots=True)
class MonthFile:
    """One month's Parquet file; `sha256` is of its lines, not of its bytes."""

    lines: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A source file that lines of this version came from."""

    file_id: str
    source: str
    kind_of_file: str  # "orders" | "refunds"
    file_name: str
    names_refunds: bool
    rows_read: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version holds, the part of it that is worth knowing without opening a file."""

    months: Mapping[str, MonthFile]  # "YYYY-MM", in order
    currencies: Mapping[str, str]  # dealer_ref -> ISO 4217
    counts: Mapping[str, int]  # kind -> lines
    files: tuple[ImportedFile, ...]
    facts_from: date | None  # local date of the first line
    facts_until: date | None  # last local date that the facts cover
    covers_until: date | None  # what importers declared, when orders ended before
    buyer_key_id: str | None

    def as_json(self) -> str:
        """Return the manifest as text; equal manifests give equal text."""
        content = {"format": FORMAT, **asdict(self)}
        return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, default=str)

    @property
    def version(self) -> str:
        """Return the id of the version with this content."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()[:16]


EMPTY = Manifest(
    months={},
    currencies={},
    counts={},
    files=(),
    facts_from=None,
    facts_until=None,
    covers_until=None,
    buyer_key_id=None,
)


def folder_of(facts_root: Path, version: str) -> Path:
    """Return the folder of a version."""
    return facts_root / "versions" / version


def month_path(folder: Path, month: str) -> Path:
    """Return a month's file in a version's folder."""
    return folder / f"lines-{month}.parquet"


def current_version(facts_root: Path) -> str | None:
    """Return the id of the version that counts, None before the first import."""
    try:
        return (facts_root / "CURRENT").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def read_manifest(folder: Path) -> Manifest:
    """Return a version's manifest; raise FactsDamaged when it is missing or not ours."""
    path = folder / "manifest.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise FactsDamaged(f"{path}: made by another release, format is not {FORMAT}")
        return _manifest(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FactsDamaged(f"{path}: {error}") from error


def _manifest(content: dict[str, Any]) -> Manifest:
    return Manifest(
        months={month: MonthFile(**entry) for month, entry in sorted(content["months"].items())},
        currencies=content["currencies"],
        counts=content["counts"],
        files=tuple(ImportedFile(**entry) for entry in content["files"]),
        facts_from=_date(content["facts_from"]),
        facts_until=_date(content["facts_until"]),
        covers_until=_date(content["covers_until"]),
        buyer_key_id=content["buyer_key_id"],
    )


def _date(text: object) -> date | None:
    return None if text is None else date.fromisoformat(str(text))


@contextmanager
def writing(facts_root: Path) -> Iterator[None]:
    """Hold the only right to write; a second writer waits for the first to end.

    The lock ends with its process, so a killed writer blocks nobody.
    """
    facts_root.mkdir(parents=True, exist_ok=True)
    with (facts_root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def new_draft(facts_root: Path) -> Path:
    """Return an empty folder to build a version in, after removing drafts of killed writers."""
    versions = facts_root / "versions"
    versions.mkdir(exist_ok=True)
    for left in versions.glob(f"{_DRAFT}*"):
        shutil.rmtree(left)
    draft = versions / f"{_DRAFT}{secrets.token_hex(6)}"
    draft.mkdir()
    return draft


def share(source: Path, target: Path) -> None:
    """Give the file a second name; on a file system without hard links, a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def publish(facts_root: Path, draft: Path, manifest: Manifest) -> str:
    """Give the finished draft its name and make it the current version; return the id.

    Every step before the last leaves the earlier version in force.
    """
    (draft / "manifest.json").write_text(manifest.as_json(), encoding="utf-8")
    for file in draft.iterdir():
        _flush(file)
    _flush(draft)
    target = folder_of(facts_root, manifest.version)
    if target.exists():
        # The same content stood here before (an import taken back); the draft adds nothing.
        shutil.rmtree(draft)
        os.utime(target)
    else:
        draft.rename(target)
    _flush(target.parent)
    write_whole(facts_root / "CURRENT", manifest.version + "\n")
    _collect(facts_root, keep=manifest.version)
    return manifest.version


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one step, so that nobody reads half of it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.write_text(text, encoding="utf-8", newline="")
    _flush(draft)
    draft.replace(path)
    _flush(path.parent)


def _flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _collect(facts_root: Path, *, keep: str) -> None:
    """Remove all but the last versions; a reader of the version before is still served."""
    versions = [
        path for path in (facts_root / "versions").iterdir() if not path.name.startswith(".")
    ]
    by_age = sorted(versions, key=lambda path: (path.name == keep, path.stat().st_mtime_ns))
    for old in by_age[:-KEPT_VERSIONS]:
        shutil.rmtree(old)
