"""Put a backup back, or try it out elsewhere.

What was there stays until the new one has proved itself.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from portal.backup import archive, examining, folder
from portal.backup.archive import Reader
from portal.backup.manifest import Manifest
from portal.backup.place import Place
from portal.backup.postgresql import Postgresql
from portal.backup.words import Refused, Words
from reports.facts.buyers import KEY_VARIABLE

_ASIDE = ".before-restore"
_SECRETS = Path("secrets") / "secrets.env"


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was put back, and what its operator should know."""

    manifest: Manifest
    warnings: tuple[Words, ...]


class NotWhole(Exception):
    """The archive is not what it was when it was taken, or the restored portal is not."""

    def __init__(self, problems: list[Words]) -> None:
        """Keep what differs."""
        self.problems = problems
        super().__init__("; ".join(each.en for each in problems))


def verify(*, path: Path, place: Place, work: Path | None = None) -> Manifest:
    """Restore an archive into a temporary place, compare everything, and start the portal there.

    `work` is the folder for it, None for the system's. The secrets are those of `place`. Raises
    Refused when the archive cannot be read at all, NotWhole with everything that differs.
    """
    with archive.reading(path) as reader, tempfile.TemporaryDirectory(dir=work) as temporary:
        staged = Path(temporary)
        _require_room(reader.manifest, staged)
        problems = reader.unpack(staged)
        try:
            with _trial(place, reader.manifest, staged) as trial:
                trial.database.load(_dump(trial, staged))
                problems += examining.differences(trial, reader.manifest)
                problems += [] if problems else examining.started(trial, reader.manifest)
        except Refused as refused:
            problems.append(refused.words)
        except FileNotFoundError as error:
            problems.append(Words(f"缺少文件 {error.filename}", f"{error.filename} is missing"))
        if problems:
            raise NotWhole(problems)
        return reader.manifest


def _dump(place: Place, staged: Path) -> Path:
    return staged / place.database.dump_name


@contextmanager
def _trial(place: Place, manifest: Manifest, staged: Path) -> Iterator[Place]:
    """Give a place of its own for the block, with an empty database of the archive's kind."""
    data = staged / folder.DATA
    data.mkdir(exist_ok=True)
    if manifest.contents.kind == "sqlite":
        address = f"sqlite:///{data / 'tongtu.sqlite'}"
        yield replace(place, settings=replace(place.settings, data_dir=data, database_url=address))
        return
    server = place.database
    if not isinstance(server, Postgresql):
        raise Refused(
            "这是 PostgreSQL 的备份，请把 TONGTU_DATABASE_URL 指向一台可以建库的服务器",
            "this is a backup of PostgreSQL: let TONGTU_DATABASE_URL name a server on which a "
            "database may be made",
        )
    with server.scratch() as scratch:
        settings = replace(place.settings, data_dir=data, database_url=scratch.address)
        yield replace(place, settings=settings)


def restore(*, path: Path, place: Place, may_replace: bool) -> Restored:
    """Put an archive back in `place`; with `may_replace` what is there goes.

    Nothing is touched before every file has proved to be the one that was backed up, and what
    was there comes back when anything fails later. Pending migrations are run. Raises Refused,
    NotWhole.
    """
    data = place.settings.data_dir
    with archive.reading(path) as reader:
        require_fitting(reader.manifest, place)
        undo_cut_off(place)
        require_free(place, may_replace=may_replace)
        _require_room(reader.manifest, data)
        staged = data / f".restore-{secrets.token_hex(4)}"
        staged.mkdir(mode=0o700)
        try:
            return _restored(reader, place, staged)
        finally:
            shutil.rmtree(staged, ignore_errors=True)


def _restored(reader: Reader, place: Place, staged: Path) -> Restored:
    problems = reader.unpack(staged)
    if problems:
        raise NotWhole(problems)
    os.sync()
    with _swapped(place, staged):
        place.database.load(_dump(place, staged))
        problems = examining.differences(place, reader.manifest)
        problems += [] if problems else examining.started(place, reader.manifest)
        if problems:
            raise NotWhole(problems)
    has_secrets = reader.manifest.has_secrets
    warnings = (
        _put_secrets(place, staged) if has_secrets else place.strange_secrets(reader.manifest)
    )
    return Restored(manifest=reader.manifest, warnings=tuple(warnings))


def undo_cut_off(place: Place) -> None:
    """Put back what a restore had moved aside when it was killed."""
    targets = folder.parts_of(place.settings).values()
    if place.database.has_aside():
        if place.database.in_use():
            raise _in_use()
        place.database.bring_back()
        for target in targets:
            if _aside(target).exists():
                _bring_back(target)
    for target in targets:
        # The database is forgotten first: without it the restore was done but for tidying up.
        shutil.rmtree(_aside(target), ignore_errors=True)
    for left in place.settings.data_dir.glob(".restore-*"):
        shutil.rmtree(left)


def require_fitting(manifest: Manifest, place: Place) -> None:
    """Raise Refused when this release or this database cannot take the backup."""
    kind = manifest.contents.kind
    if place.database.dump_name not in manifest.files:
        raise Refused(
            f"备份来自 {kind}，而 TONGTU_DATABASE_URL 指向另一种数据库",
            f"the backup is of {kind}, TONGTU_DATABASE_URL names another kind of database",
        )
    config = Config()
    config.set_main_option("script_location", str(examining.MIGRATIONS))
    known = {each.revision for each in ScriptDirectory.from_config(config).walk_revisions()}
    revision = manifest.contents.revision
    if revision is not None and revision not in known:
        raise Refused(
            f"备份来自更新的版本 {manifest.portal}（{revision}），请先升级同途",
            f"the backup is of a newer release {manifest.portal} ({revision}); upgrade first",
        )


def require_free(place: Place, *, may_replace: bool) -> None:
    """Raise Refused when there is a portal already, or while one runs there."""
    if not may_replace and not is_empty(place):
        raise Refused(
            f"{place.settings.data_dir} 或数据库里已有内容；要覆盖请加 --replace",
            f"{place.settings.data_dir} or the database is not empty; --replace puts the backup "
            "in its place",
        )
    if place.database.in_use():
        raise _in_use()


def _in_use() -> Refused:
    return Refused(
        "数据库正在使用，请先停掉门户和后台进程",
        "the database is in use: stop the portal and its worker first",
    )


def is_empty(place: Place) -> bool:
    """Return whether nothing would be lost: no table, no file in any folder that is kept."""
    folders = folder.parts_of(place.settings).values()
    return place.database.is_empty() and not any(
        each.is_dir() and any(each.iterdir()) for each in folders
    )


def _require_room(manifest: Manifest, into: Path) -> None:
    # PostgreSQL's own disk is its own matter; here lie the files and the dump.
    needed = sum(each.size_bytes for each in manifest.files.values())
    if shutil.disk_usage(into).free < needed:
        size = -(-needed // 1024**2)
        raise Refused(
            f"{into} 空间不足，需要 {size} MB", f"{into} has too little room, {size} MB are needed"
        )


def _put_secrets(place: Place, staged: Path) -> list[Words]:
    """Put the archive's secrets where `./run` reads them; the old file stays beside."""
    source, target = staged / _SECRETS, folder.secrets_file(place.settings)
    if target.exists() and target.read_bytes() == source.read_bytes():
        return []
    if target.exists():
        target.replace(_aside(target))
    shutil.copyfile(source, target)
    target.chmod(0o600)
    # A key in the environment goes before this file, so it does no harm where it is not needed.
    kept = dict(line.split("=", 1) for line in target.read_text(encoding="utf-8").splitlines())
    if KEY_VARIABLE in kept:
        key = folder.buyer_key_file(place.settings)
        key.write_text(kept[KEY_VARIABLE], encoding="utf-8")
        key.chmod(0o600)
    return [
        Words(
            f"密钥已写到 {target}；若密钥来自别处（环境变量、密钥库），请换成这份",
            f"the secrets are in {target}; if yours come from elsewhere, put these there",
        )
    ]


@contextmanager
def _swapped(place: Place, staged: Path) -> Iterator[None]:
    """Let the block fill the place anew; when it raises, everything is as it was before."""
    place.database.set_aside()
    moved = []
    try:
        for name, target in folder.parts_of(place.settings).items():
            moved.append(target)
            _set_aside(target)
            fresh = staged / folder.DATA / name
            fresh.mkdir(parents=True, exist_ok=True)
            fresh.replace(target)
        _keep_buyer_key(place)
        yield
    except BaseException:
        place.database.bring_back()
        for target in moved:
            _bring_back(target)
        raise
    demo = staged / folder.DATA / folder.DEMO
    if demo.exists():
        demo.replace(place.settings.data_dir / folder.DEMO)
    place.database.forget_aside()
    for target in moved:
        shutil.rmtree(_aside(target), ignore_errors=True)


def _keep_buyer_key(place: Place) -> None:
    """Leave the key where it was: the backup has it only with the secrets."""
    key = folder.buyer_key_file(place.settings)
    old = _aside(place.settings.facts_dir) / key.name
    if old.exists():
        shutil.copy2(old, key)


def _aside(path: Path) -> Path:
    return path.with_name(path.name + _ASIDE)


def _set_aside(path: Path) -> None:
    if path.exists():
        path.replace(_aside(path))


def _bring_back(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
    if _aside(path).exists():
        _aside(path).replace(path)
