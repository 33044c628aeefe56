"""Tell when files under a folder change: by name, size and time, without a library for it."""

import hashlib
import os
from pathlib import Path


def stamp(folder: Path) -> str:
    """Return what changes whenever a file under `folder` is written, added, renamed or removed."""
    digest = hashlib.sha256()
    for entry in sorted(_files(folder)):
        digest.update(repr(entry).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def _files(folder: Path) -> list[tuple[str, int, int]]:
    found: list[tuple[str, int, int]] = []
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            # Editors write beside the file first; those names begin with a dot or end with ~.
            if name.startswith(".") or name.endswith("~"):
                continue
            try:
                status = Path(root, name).stat()
            except FileNotFoundError:
                continue  # gone between listing and looking: the next look tells
            found.append((str(Path(root, name)), status.st_mtime_ns, status.st_size))
    return found
