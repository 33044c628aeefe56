"""Putting a finished build in its place: a lock, one switch of the pointer, old builds removed."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reports.site.layout import BUILDS, LOCK, MAKING, POINTER
from reports.site.manifest import FileEntry

_KEEP_BUILDS = 3
_KEEP_SECONDS = 3600
"""A reader that resolved the pointer may still be sending files of the build before."""


@contextmanager
def the_only_build(out: Path) -> Iterator[Path]:
    """Wait until no other build runs in `out`, then yield an empty folder to build in.

    The operating system frees the lock when a build is killed; what it left is removed here.
    """
    making = out / BUILDS / MAKING
    making.parent.mkdir(parents=True, exist_ok=True)
    with (out / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _remove(making)
        try:
            yield making
        finally:
            _remove(making)


def publish(*, out: Path, making: Path, build_id: str) -> None:
    """Make the finished folder `making` the build that is served, then remove old builds."""
    place = out / BUILDS / build_id
    if place.exists():
        _mend(place, making)
    else:
        making.replace(place)
    _point_to(out, build_id)
    _remove_old_builds(out, build_id)


def _mend(place: Path, making: Path) -> None:
    """Replace the files of an existing build that are not what they should be.

    The id is a digest of the content, so a build of this id has the same files or damaged ones.
    It may be the one being served: each file is replaced in one step, the folder never missing.
    """
    for path in sorted(path for path in making.rglob("*") if path.is_file()):
        target = place / path.relative_to(making)
        if not FileEntry.of(path).fits(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
    os.utime(place)


def _point_to(out: Path, build_id: str) -> None:
    """Switch the pointer in one step; readers see the old build or the new one."""
    fresh = out / f"{POINTER}.new"
    with fresh.open("w", encoding="ascii") as file:
        file.write(f"{build_id}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(out / POINTER)


def _remove_old_builds(out: Path, current: str) -> None:
    """Remove builds that are neither served, nor among the latest, nor younger than an hour."""
    builds = [path for path in (out / BUILDS).iterdir() if path.name not in (current, MAKING)]
    builds.sort(key=lambda path: (path.stat().st_mtime, path.name), reverse=True)
    for path in builds[_KEEP_BUILDS - 1 :]:
        if time.time() - path.stat().st_mtime > _KEEP_SECONDS:
            _remove(path)


def _remove(folder: Path) -> None:
    """Remove the folder with all it holds, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)
