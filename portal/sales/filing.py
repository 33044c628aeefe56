"""Uploaded order files on the disk: random places, readable by the portal only."""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

_CHUNK = 1024**2
_OWN = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Stored:
    """An upload on the disk; `name` is its path below the uploads folder."""

    name: str
    sha256: str
    size_bytes: int


def keep(stream: IO[bytes], *, folder: Path) -> Stored:
    """Copy an upload into a new folder with a random name and return where it lies.

    The file itself is called after its content: the facts record that name, and equal files
    must give equal facts.
    """
    place = folder / secrets.token_hex(16)
    place.mkdir(parents=True, mode=0o700)
    try:
        return _copied(stream, place=place)
    except BaseException:
        shutil.rmtree(place)  # a full disk must not be filled further by half an upload
        raise


def _copied(stream: IO[bytes], *, place: Path) -> Stored:
    draft = place / "upload"
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    target = place / f"orders-{digest.hexdigest()[:16]}"
    draft.rename(target)
    return Stored(name=f"{place.name}/{target.name}", sha256=digest.hexdigest(), size_bytes=size)


def path_of(name: str, *, folder: Path) -> Path:
    """Return the path of a kept upload."""
    return folder / name


def remove(name: str, *, folder: Path) -> None:
    """Remove an upload with its folder; one that is gone already is no error."""
    place, _, _ = name.partition("/")
    with suppress(FileNotFoundError):
        shutil.rmtree(folder / place)


def strays(folder: Path, *, known: Collection[str], before: datetime) -> list[str]:
    """Return uploads that are not among `known` and whose folder was made before that instant.

    A process that is killed between the upload and its commit leaves one behind. Folders that
    are not named as `keep` names them are somebody else's.
    """
    kept = {name.partition("/")[0] for name in known}
    return [
        place.name
        for place in sorted(folder.glob("*/"))
        if _OWN.fullmatch(place.name)
        and place.name not in kept
        and place.stat().st_mtime < before.timestamp()
    ]
