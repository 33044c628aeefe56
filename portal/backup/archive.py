"""The archive: one tar file, readable by its owner only, that exists whole or not at all.

    manifest.json        last, and the file manifest.sha256 behind it
    database.sqlite      or database.dump, PostgreSQL's custom format
    data/…               uploads, facts, site: as they lie below the data folder
    secrets/…            only with --with-secrets

Not compressed: what fills it (Parquet, PDF, PostgreSQL's dump) is compressed already.
"""

import hashlib
import io
import os
import secrets
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from portal.backup.manifest import File, Manifest
from portal.backup.words import Refused, Words

MANIFEST = "manifest.json"
SEAL = "manifest.sha256"
_CHUNK = 1024**2
_FLUSH_EVERY = 16 * 1024**2
_OWNER_ONLY = 0o600


class _Hashing(io.RawIOBase):
    """A file that computes the digest of what is read from it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


class _Steady(io.RawIOBase):
    """A file that is written to the disk bit by bit.

    All at once in the end, it would keep every commit of the portal waiting for its turn.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._since_flush = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        written = os.write(self._descriptor, data)
        self._since_flush += written
        if self._since_flush >= _FLUSH_EVERY:
            os.fdatasync(self._descriptor)
            self._since_flush = 0
        return written


class Writer:
    """Takes files into an archive and remembers what each must be."""

    def __init__(self, tar: tarfile.TarFile, *, mtime: int) -> None:
        self._tar = tar
        self._mtime = mtime
        self.files: dict[str, File] = {}

    def add(self, path: Path, *, name: str) -> None:
        """Take a file in; raise FileNotFoundError when it is gone."""
        with path.open("rb") as file:
            stat = os.fstat(file.fileno())
            info = _entry(name, size=stat.st_size, mtime=int(stat.st_mtime))
            hashing = _Hashing(file)
            self._tar.addfile(info, hashing)
        self.files[name] = File(sha256=hashing.digest.hexdigest(), size_bytes=stat.st_size)

    def add_bytes(self, content: bytes, *, name: str, mtime: int | None = None) -> None:
        """Take in a file with this content, as old as the backup or as `mtime` says."""
        entry = _entry(name, size=len(content), mtime=self._mtime if mtime is None else mtime)
        self._tar.addfile(entry, io.BytesIO(content))
        self.files[name] = File(sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))

    def add_folder(self, path: Path, *, name: str) -> None:
        """Take in a folder's time: a build was made when its folder was."""
        info = _entry(name, size=0, mtime=int(path.stat().st_mtime))
        info.type, info.mode = tarfile.DIRTYPE, 0o700
        self._tar.addfile(info)

    def seal(self, manifest: Manifest) -> None:
        """Write the manifest, and its digest behind it."""
        content = manifest.to_bytes()
        digest = hashlib.sha256(content).hexdigest().encode()
        for name, data in ((MANIFEST, content), (SEAL, digest)):
            self._tar.addfile(_entry(name, size=len(data), mtime=self._mtime), io.BytesIO(data))


def _entry(name: str, *, size: int, mtime: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, mtime, _OWNER_ONLY
    return info


@contextmanager
def writing(target: Path, *, mtime: int) -> Iterator[Writer]:
    """Write an archive beside `target` and give it the name when the block ends well.

    Whatever goes wrong, a full disk included, leaves nothing behind.
    """
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER_ONLY)
    try:
        try:
            with (
                io.BufferedWriter(_Steady(descriptor), buffer_size=_CHUNK) as file,
                tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            ):
                yield Writer(tar, mtime=mtime)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        draft.replace(target)
        flush_folder(target.parent)
    finally:
        draft.unlink(missing_ok=True)


def flush_folder(folder: Path) -> None:
    """Wait until a folder's names are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Reader:
    """An archive opened for reading; raises Refused when it is none, or not whole."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        try:
            self._members = {member.name: member for member in tar.getmembers()}
        except (tarfile.TarError, OSError, EOFError) as error:
            raise _unreadable(error) from error
        self.manifest = Manifest.from_bytes(self._sealed_manifest())

    def _sealed_manifest(self) -> bytes:
        if MANIFEST not in self._members or SEAL not in self._members:
            raise Refused(
                "归档不完整：没有清单，可能没有传完", "the archive is cut off: it has no manifest"
            )
        content, seal = self._content(MANIFEST), self._content(SEAL)
        if hashlib.sha256(content).hexdigest().encode() != seal:
            raise Refused("归档的清单被改过", "the archive's manifest has been altered")
        return content

    def _content(self, name: str) -> bytes:
        return self._open(name).read()

    def _open(self, name: str) -> IO[bytes]:
        try:
            file = self._tar.extractfile(self._members[name])
        except (tarfile.TarError, OSError, KeyError) as error:
            raise _unreadable(error) from error
        if file is None:
            raise Refused(f"{name} 不是文件", f"{name} is not a file")
        return file

    def unpack(self, into: Path) -> list[Words]:
        """Write every file of the manifest below `into`; return what is missing or altered."""
        problems = list(self._strangers())
        for name, expected in self.manifest.files.items():
            if name not in self._members:
                problems.append(Words(f"缺少文件 {name}", f"file {name} is missing"))
            elif self._copy(name, _inside(into, name)) != expected:
                problems.append(Words(f"文件 {name} 被改过", f"file {name} has been altered"))
        for name, member in self._members.items():
            folder = _inside(into, name)
            if member.isdir() and folder.is_dir():
                os.utime(folder, (member.mtime, member.mtime))
        return problems

    def _strangers(self) -> Iterator[Words]:
        known = {*self.manifest.files, MANIFEST, SEAL}
        for name, member in self._members.items():
            if name not in known and not member.isdir():
                yield Words(f"多出文件 {name}", f"file {name} does not belong here")

    def _copy(self, name: str, target: Path) -> File:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest, size = hashlib.sha256(), 0
        descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _OWNER_ONLY)
        member = self._members[name]
        with os.fdopen(descriptor, "wb") as file, self._open(name) as source:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
        os.utime(target, (member.mtime, member.mtime))
        return File(sha256=digest.hexdigest(), size_bytes=size)


def _inside(folder: Path, name: str) -> Path:
    """Return the path of an archive's name below `folder`; raise Refused when it leads out."""
    parts = Path(name).parts
    if not parts or Path(name).is_absolute() or ".." in parts:
        raise Refused(f"归档里有越界的路径 {name!r}", f"the archive names a path outside: {name!r}")
    return folder.joinpath(*parts)


def _unreadable(error: Exception) -> Refused:
    return Refused(f"归档读不出来：{error}", f"the archive cannot be read: {error}")


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Open an archive; raise Refused when it is none that we can read."""
    try:
        tar = tarfile.open(path, mode="r:")  # noqa: SIM115 – closed below, after its errors became words
    except (tarfile.TarError, OSError) as error:
        raise _unreadable(error) from error
    with tar:
        yield Reader(tar)
