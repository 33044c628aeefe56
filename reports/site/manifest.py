"""A build's manifest: every file with its digest, every dealer with what the report came from.

It holds no clock time: the same facts built the same way give the same bytes, hence the same
build id, wherever and whenever they are built.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from reports.site.layout import BUILDS, MANIFEST, POINTER, digest_of

_FORMAT = 1


class NoBuild(LookupError):
    """There is no readable build in the folder."""

    def __init__(self, out: Path) -> None:
        """Remember the folder that was looked into."""
        super().__init__(f"no build in {out}")
        self.out = out


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file: what its content must be."""

    sha256: str
    size_bytes: int

    @classmethod
    def of(cls, path: Path) -> "FileEntry":
        """Return the entry of the file as it is now."""
        return cls(sha256=digest_of(path), size_bytes=path.stat().st_size)

    def fits(self, path: Path) -> bool:
        """Return whether the file exists and has exactly this content."""
        try:
            return path.stat().st_size == self.size_bytes and digest_of(path) == self.sha256
        except FileNotFoundError:
            return False


@dataclass(frozen=True, slots=True)
class DealerEntry:
    """One dealer's part of a build. `facts_version` is the one the report was computed from."""

    dealer_ref: str
    dealer_name: str
    key: str  # digest of everything the files depend on
    facts_version: str
    files: Mapping[str, FileEntry]

    def has_pdf(self) -> bool:
        """Return whether the PDFs were made, and not only the pages."""
        return any(name.endswith(".pdf") for name in self.files)

    def is_whole(self, folder: Path) -> bool:
        """Return whether `folder` holds every file with the content it was built with."""
        return all(entry.fits(folder / name) for name, entry in self.files.items())


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one build consists of."""

    facts_version: str
    facts_until: str  # ISO date
    languages: tuple[str, ...]
    engine: str
    shared: Mapping[str, FileEntry]  # index and assets, by path under the build
    dealers: Mapping[str, DealerEntry]  # by slug
    failed: Mapping[str, str] = field(default_factory=dict)  # reference -> reason

    def to_bytes(self) -> bytes:
        """Return the manifest as canonical JSON."""
        values = {"format": _FORMAT, **asdict(self)}
        return (json.dumps(values, sort_keys=True, indent=1) + "\n").encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Manifest":
        """Return the manifest of `to_bytes`; ValueError when it is none of this format."""
        values = json.loads(content)
        if not isinstance(values, dict) or values.pop("format", None) != _FORMAT:
            raise ValueError("not a manifest of this format")
        dealers = {slug: _dealer(entry) for slug, entry in values.pop("dealers").items()}
        shared = {name: FileEntry(**entry) for name, entry in values.pop("shared").items()}
        values["languages"] = tuple(values["languages"])
        return cls(shared=shared, dealers=dealers, **values)


def _dealer(values: dict[str, Any]) -> DealerEntry:
    """Return a dealer's entry from its JSON."""
    files = {name: FileEntry(**entry) for name, entry in values.pop("files").items()}
    return DealerEntry(files=files, **values)


def build_id_of(content: bytes) -> str:
    """Return the id of the build with this manifest."""
    return hashlib.sha256(content).hexdigest()[:16]


def current_id(out: Path) -> str:
    """Return the id of the build that is served; NoBuild when there is none."""
    try:
        return (out / POINTER).read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise NoBuild(out) from error


def read_manifest(out: Path, build_id: str) -> Manifest:
    """Return the manifest of that build; NoBuild when it is missing or not readable as one."""
    try:
        return Manifest.from_bytes((out / BUILDS / build_id / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, KeyError) as error:
        raise NoBuild(out) from error
