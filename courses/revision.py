"""A folder as it was in a revision of Git: `HEAD~1:content/courses/repurchase-101`."""

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


class NoSuchRevision(ValueError):
    """Git knows no such revision, or it had no such folder; the message is Git's own."""


@contextmanager
def folder_at(place: str) -> Iterator[Path]:
    """Give the folder that `place` names: one on disk, or `REV:path` taken out of Git meanwhile.

    Raises NoSuchRevision, FileNotFoundError.
    """
    if Path(place).is_dir():
        yield Path(place)
        return
    revision, colon, path = place.partition(":")
    if not colon or not revision or revision.startswith("-"):
        raise FileNotFoundError(place)
    with TemporaryDirectory() as taken:
        _take_out(revision, path.strip("/") or ".", Path(taken))
        yield Path(taken) / path.strip("/")


def _take_out(revision: str, path: str, target: Path) -> None:
    command = ["git", "archive", "--format=tar", revision, "--", path]
    try:
        # Both arguments stand where Git takes them for a revision and a path only.
        done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 – see above
    except FileNotFoundError as problem:
        raise NoSuchRevision("git is not installed") from problem
    except subprocess.CalledProcessError as problem:
        raise NoSuchRevision(problem.stderr.decode(errors="replace").strip()) from problem
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(target, filter="data")
