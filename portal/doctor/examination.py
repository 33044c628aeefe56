"""Everything that is looked at, in the order in which it is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from portal.db import db
from portal.doctor import certificates, machine, running, setup
from portal.doctor.findings import Finding, Level, crashed
from portal.i18n import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; `title` stands in for its own when it cannot be looked at."""

    name: str
    title: Any
    run: Callable[[datetime], Finding]
    slow: bool = False  # takes seconds, or asks another machine


CHECKS: Sequence[Check] = (
    Check("database", _l("数据库"), running.database),
    Check("migrations", _l("数据库结构"), running.migrations),
    Check("durability", _l("断电保护"), running.durability),
    Check("tenants", _l("行级隔离"), running.tenants),
    Check("clock", _l("时钟"), running.clock_skew),
    Check("worker", _l("后台进程"), running.worker),
    Check("failed_jobs", _l("没有做成的任务"), running.failed_jobs),
    Check("backups", _l("备份"), running.backups),
    Check("record", _l("操作记录"), running.record),
    Check("data_folder", _l("数据目录"), machine.data_folder),
    Check("room", _l("磁盘空间"), machine.room),
    Check("secrets", _l("密钥"), setup.secrets),
    Check("address", _l("网址与 HTTPS"), setup.address),
    Check("certificates", _l("证书密钥"), certificates.signing),
    Check("rate_limits", _l("限流"), setup.rate_limits),
    Check("mail", _l("邮件"), setup.mail, slow=True),
    Check("pdf", _l("PDF 与中文字体"), machine.pdf, slow=True),
    Check("contact", _l("联系方式"), setup.contact),
    Check("holidays", _l("节假日"), setup.holidays),
    Check("time_zones", _l("时区数据"), machine.time_zones),
    Check("python", "Python", machine.python),
)


def examine(*, at: datetime, thorough: bool) -> list[Finding]:
    """Look at everything, at the slow things too when `thorough`."""
    return [_look(check, at) for check in CHECKS if thorough or not check.slow]


def _look(check: Check, at: datetime) -> Finding:
    try:
        return check.run(at)
    except (SQLAlchemyError, OSError) as error:
        db.session.rollback()  # or the next question to the database would fail with this one
        return crashed(check.name, check.title, error)


def is_well(findings: Sequence[Finding]) -> bool:
    """Return whether nothing is bad."""
    return all(each.level is not Level.BAD for each in findings)
