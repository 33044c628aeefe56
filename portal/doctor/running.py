"""The running portal: its database, its worker, its backups, the record of what happened."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from portal import ownership
from portal.backup.taking import backups_in
from portal.db import db
from portal.doctor.findings import Finding, Level, good
from portal.doctor.machine import settings
from portal.evidence import queries as evidence
from portal.health import queries as health
from portal.i18n import lazy_gettext as _l
from portal.outbox import queries as outbox

SKEW, GREAT_SKEW = timedelta(seconds=2), timedelta(seconds=30)
STALE_BACKUP = timedelta(hours=26)  # a nightly one, and two hours to take it
LONG_WAIT = timedelta(minutes=15)


_KINDS = {
    "sqlite": ("SQLite", "SELECT sqlite_version()"),
    "postgresql": ("PostgreSQL", "SHOW server_version"),
}


def database(_at: datetime) -> Finding:
    """Return whether the database answers, and what it is."""
    title = _l("数据库")
    kind, ask = _KINDS[db.engine.dialect.name]
    return good("database", title, f"{kind} {db.session.scalar(text(ask))}")


def durability(_at: datetime) -> Finding:
    """Return whether what was saved survives a power loss."""
    title = _l("断电保护")
    if db.engine.dialect.name == "sqlite":
        modes = [str(db.session.scalar(text(ask))) for ask in _PRAGMAS.values()]
        holds = modes[0].lower() == "wal" and modes[1] == "2"
    else:
        modes = [str(db.session.scalar(text(ask))) for ask in _SWITCHES.values()]
        holds = "off" not in modes
    names = _PRAGMAS if db.engine.dialect.name == "sqlite" else _SWITCHES
    words = ", ".join(f"{name}={mode}" for name, mode in zip(names, modes, strict=True))
    if holds:
        return good("durability", title, words)
    return Finding(
        name="durability",
        level=Level.WARN,
        title=title,
        found=words,
        todo=_l(
            "断电可能丢掉刚保存的内容；改回默认值：SQLite 用 WAL 和 FULL，PostgreSQL 全部为 on。"
        ),
    )


_PRAGMAS = {"journal_mode": "PRAGMA journal_mode", "synchronous": "PRAGMA synchronous"}
_SWITCHES = {
    "fsync": "SHOW fsync",
    "synchronous_commit": "SHOW synchronous_commit",
    "full_page_writes": "SHOW full_page_writes",
}


def migrations(_at: datetime) -> Finding:
    """Return whether every migration has run."""
    title, newest, here = _l("数据库结构"), health.newest_revision(), health.database_revision()
    if newest == here:
        return good("migrations", title, str(here))
    return Finding(
        name="migrations",
        level=Level.BAD,
        title=title,
        found=_l("停在 %(here)s，程序需要 %(newest)s", here=here or "–", newest=newest),
        todo=_l("先备份，再运行 flask --app wsgi db upgrade"),
    )


def tenants(_at: datetime) -> Finding:
    """Return whether PostgreSQL holds the portal's role to the rows of one tenant."""
    title = _l("行级隔离")
    if db.engine.dialect.name != "postgresql":
        return good("tenants", title, _l("SQLite 没有第二道锁，由程序隔离"))
    connection = db.session.connection()
    unprotected = ownership.unprotected_tables(connection)
    if unprotected:
        return Finding(
            name="tenants",
            level=Level.BAD,
            title=title,
            found=_l("这些表没有行级安全：%(tables)s", tables=", ".join(unprotected)),
            todo=_l("运行 flask --app wsgi db upgrade；还缺就联系开发者。"),
        )
    if not ownership.bypasses_row_security(connection):
        return good("tenants", title, _l("数据库账号受行级安全约束"))
    return Finding(
        name="tenants",
        level=Level.WARN,
        title=title,
        found=_l("数据库账号能绕过行级安全"),
        todo=_l("换一个既不是超级用户、也没有 BYPASSRLS 的账号，见 deploy/create-database.sh。"),
    )


def clock_skew(at: datetime) -> Finding:
    """Return how far this machine's clock is from the database's."""
    title = _l("时钟")
    if db.engine.dialect.name == "sqlite":
        return good("clock", title, _l("数据库和门户用同一个时钟"))
    theirs: datetime = db.session.scalar(text("SELECT clock_timestamp()"))
    skew = abs(theirs.astimezone(UTC) - at)
    words = _l("和数据库相差 %(seconds)s 秒", seconds=f"{skew.total_seconds():.1f}")
    if skew <= SKEW:
        return good("clock", title, words)
    return Finding(
        name="clock",
        level=Level.BAD if skew > GREAT_SKEW else Level.WARN,
        title=title,
        found=words,
        todo=_l("在两台机器上打开 NTP：任务的租期靠时钟一致。"),
    )


def worker(at: datetime) -> Finding:
    """Return whether anybody does the jobs."""
    title, count, waits = _l("后台进程"), outbox.workers(at=at), outbox.longest_wait(at=at)
    if count == 0:
        return Finding(
            name="worker",
            level=Level.BAD,
            title=title,
            found=_l("没有工作进程在运行"),
            todo=_l("启动：flask --app wsgi work（systemd 里是 tongtu-worker）"),
        )
    if waits > LONG_WAIT:
        minutes = int(waits.total_seconds() // 60)
        return Finding(
            name="worker",
            level=Level.WARN,
            title=title,
            found=_l("最早的任务已经等了 %(minutes)s 分钟", minutes=minutes),
            todo=_l("看看后台任务页；一直忙就多开工作进程。"),
        )
    return good("worker", title, _l("%(count)s 个工作进程在运行", count=count))


def failed_jobs(_at: datetime) -> Finding:
    """Return whether jobs wait for a person."""
    title, dead = _l("没有做成的任务"), outbox.dead_count()
    if dead == 0:
        return good("failed_jobs", title, _l("没有"))
    return Finding(
        name="failed_jobs",
        level=Level.WARN,
        title=title,
        found=_l("%(count)s 个没有做成", count=dead),
        todo=_l("在“后台任务”里看原因，再试一次或放弃。"),
    )


def record(_at: datetime) -> Finding:
    """Return how far the record of what happened reaches."""
    seq, head = evidence.head()
    words = _l("共 %(count)s 条，末端 %(head)s", count=seq, head=head[:12])
    return good("record", _l("操作记录"), words)


def backups(at: datetime) -> Finding:
    """Return when the last backup was taken, and whether a lost disk would take it along."""
    title, folder = _l("备份"), settings().backups_dir
    found = backups_in(folder) if folder.is_dir() else []
    todo = _l("flask --app wsgi backup；每晚一次见 docs/backup.md")
    if not found:
        words = _l("%(folder)s 里没有备份", folder=folder)
        return Finding(name="backups", level=Level.WARN, title=title, found=words, todo=todo)
    age = at - datetime.fromtimestamp(found[-1].stat().st_mtime, tz=UTC)
    hours = max(0, int(age.total_seconds() // 3600))
    if age > STALE_BACKUP:
        words = _l("最近一次是 %(hours)s 小时前", hours=hours)
        return Finding(name="backups", level=Level.WARN, title=title, found=words, todo=todo)
    if _same_disk(folder):
        return Finding(
            name="backups",
            level=Level.WARN,
            title=title,
            found=_l("%(hours)s 小时前，但和数据在同一块盘上", hours=hours),
            todo=_l("用 TONGTU_BACKUP_DIR 指向另一块盘，或把备份再拷到别处。"),
        )
    return good(
        "backups", title, _l("%(hours)s 小时前：%(name)s", hours=hours, name=found[-1].name)
    )


def _same_disk(folder: Path) -> bool:
    return folder.stat().st_dev == settings().data_dir.stat().st_dev
