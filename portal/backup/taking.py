"""Take a backup while the portal goes on working."""

import errno
import secrets
import shutil
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from portal.backup import archive, folder
from portal.backup.archive import Writer
from portal.backup.manifest import Manifest
from portal.backup.place import Place, marks_of
from portal.backup.words import Refused, Words
from reports.facts.versions import FactsDamaged

_TRIES = 3
_PREFIX, _SUFFIX = "tongtu-", ".tar"
_SECRETS = "secrets"


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was taken."""

    path: Path
    size_bytes: int
    seconds: float
    manifest: Manifest
    removed: tuple[Path, ...]  # older backups, rotated away
    warnings: tuple[Words, ...]


class _Moved(Exception):
    """A file went while it was being copied; the next try finds its successor."""


def take(*, place: Place, into: Path, keep: int | None, with_secrets: bool, at: datetime) -> Taken:
    """Write a backup into the folder `into`, and remove all but the last `keep` (None: no other).

    Raises Refused when it cannot be taken; then nothing is left of it.
    """
    started = time.monotonic()
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = into / f"{_PREFIX}{at:%Y%m%dT%H%M%SZ}{_SUFFIX}"
    if target.exists():
        raise Refused(f"{target} 已经存在", f"{target} exists already")
    _require_room(place, into)
    with _disk_errors(into):
        manifest = _write(place, target, with_secrets=with_secrets, at=at)
    return Taken(
        path=target,
        size_bytes=target.stat().st_size,
        seconds=time.monotonic() - started,
        manifest=manifest,
        removed=_rotate(into, keep),
        warnings=tuple(_missing_uploads(manifest)),
    )


def _write(place: Place, target: Path, *, with_secrets: bool, at: datetime) -> Manifest:
    for last in range(1 - _TRIES, 1):
        try:
            return _try(place, target, with_secrets=with_secrets, at=at, patient=last < 0)
        except _Moved as moved:
            problem = str(moved)
    raise Refused(
        f"文件一直在变，没有备份成功：{problem}", f"files kept changing, no backup taken: {problem}"
    )


def _try(
    place: Place, target: Path, *, with_secrets: bool, at: datetime, patient: bool
) -> Manifest:
    with _draft_folder(target.parent) as draft:
        folder.link_uploads(place.settings, to=draft / folder.UPLOADS)
        dump = draft / place.database.dump_name
        contents = place.database.snapshot(dump)
        with archive.writing(target, mtime=int(at.timestamp())) as writer:
            writer.add(dump, name=dump.name)
            try:
                kept = folder.add_all(writer, place.settings, linked=draft / folder.UPLOADS)
            except FileNotFoundError as error:
                raise _Moved(str(error.filename)) from error
            except FactsDamaged as error:
                raise Refused(
                    f"订单事实损坏，没有备份：{error}", f"the order facts are damaged: {error}"
                ) from error
            if with_secrets:
                _add_secrets(writer, place)
            manifest = Manifest(
                portal=release(),
                made_at=at.isoformat(timespec="seconds"),
                contents=contents,
                facts_version=kept.facts_version,
                site_build=kept.site_build,
                money=kept.money,
                secret_marks=marks_of(place.secrets()),
                has_secrets=with_secrets,
                files=dict(writer.files),
            )
            if patient and (missing := _missing_uploads(manifest)):
                raise _Moved(missing[0].en)
            writer.seal(manifest)
    return manifest


def _missing_uploads(manifest: Manifest) -> list[Words]:
    names = [f"{folder.DATA}/{folder.UPLOADS}/{name}" for name in manifest.contents.uploads]
    return [
        Words(
            f"记录里有、磁盘上没有的上传文件：{name}", f"a row names an upload that is gone: {name}"
        )
        for name in names
        if name not in manifest.files
    ]


def _add_secrets(writer: Writer, place: Place) -> None:
    lines = "".join(f"{name}={value}\n" for name, value in place.secrets().items())
    writer.add_bytes(lines.encode(), name=f"{_SECRETS}/secrets.env")


@contextmanager
def _draft_folder(into: Path) -> Iterator[Path]:
    draft = into / f".draft-{secrets.token_hex(4)}"
    draft.mkdir(mode=0o700)
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _require_room(place: Place, into: Path) -> None:
    # The dump lies beside the archive until it is in it.
    needed = 2 * place.database.size_bytes() + folder.size_bytes(place.settings)
    free = shutil.disk_usage(into).free
    if free < needed:
        raise _no_room(into, needed=needed)


def _no_room(into: Path, *, needed: int | None = None) -> Refused:
    size = "" if needed is None else f" ({-(-needed // 1024**2)} MB)"
    return Refused(
        f"{into} 空间不足{size}，没有备份；请清理或换一块盘",
        f"{into} has too little room{size}, no backup taken; make room or use another disk",
    )


@contextmanager
def _disk_errors(into: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise _no_room(into) from error
        raise Refused(f"写不了备份：{error}", f"the backup cannot be written: {error}") from error


def _rotate(into: Path, keep: int | None) -> tuple[Path, ...]:
    old = [] if keep is None else backups_in(into)[:-keep]
    for path in old:
        path.unlink()
    return tuple(old)


def backups_in(into: Path) -> list[Path]:
    """Return the backups in a folder, the newest last: their names sort by time."""
    return sorted(into.glob(f"{_PREFIX}*{_SUFFIX}"))


def release() -> str:
    """Return the release of the portal that runs."""
    try:
        return version("tongtu")
    except PackageNotFoundError:  # it runs from its sources, which nobody installed
        project = Path(__file__).resolve().parents[2] / "pyproject.toml"
        return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
