"""What was set up: secrets, addresses, mail, and what the portal does without."""

import stat
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app
from limits.storage import MemoryStorage

from portal.backup import folder as kept
from portal.booking.queries.holidays import missing_year
from portal.doctor.findings import Finding, Level, good
from portal.doctor.machine import settings
from portal.i18n import lazy_gettext as _l
from portal.notices.mail import smtp
from portal.notices.outcomes import Verdict
from portal.settings import Settings

FEWEST_CHARACTERS = 12  # different ones in a random secret of 32
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_EXAMPLE = "support@tongtu.example"


def secrets(_at: datetime) -> Finding:
    """Return whether the secrets look random, differ, and lie closed to others."""
    title, values = _l("密钥"), settings()
    both = (values.secret_key, values.password_salt)
    if both[0] == both[1] or any(len(set(each)) < FEWEST_CHARACTERS for each in both):
        return Finding(
            name="secrets",
            level=Level.BAD,
            title=title,
            found=_l("TONGTU_SECRET_KEY 和 TONGTU_PASSWORD_SALT 相同，或者容易猜到"),
            todo=_l('各用一个随机值：python -c "import secrets; print(secrets.token_urlsafe(48))"'),
        )
    files = (kept.secrets_file(values), kept.buyer_key_file(values))
    open_ones = [path for path in files if _is_open(path)]
    if open_ones:
        return Finding(
            name="secrets",
            level=Level.BAD,
            title=title,
            found=_l("%(path)s 对其他用户可读", path=open_ones[0]),
            todo=_l("chmod 600 %(path)s", path=open_ones[0]),
        )
    return good("secrets", title, _l("够长、随机，文件只有自己能读"))


def _is_open(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def address(_at: datetime) -> Finding:
    """Return whether the settings of HTTPS, proxies and the public address fit each other."""
    title, values = _l("网址与 HTTPS"), settings()
    problem = _address_problem(values)
    if problem is None:
        return good("address", title, values.base_url)
    level, found, todo = problem
    return Finding(name="address", level=level, title=title, found=found, todo=todo)


def _address_problem(values: Settings) -> tuple[Level, object, object] | None:
    url = urlsplit(values.base_url)
    if not values.https:
        if url.hostname in _HERE:
            return None if url.scheme == "http" else (Level.WARN, values.base_url, _TURN_ON)
        return Level.BAD, _l("%(url)s 没有走 HTTPS，密码会明文传输", url=values.base_url), _TURN_ON
    if url.scheme != "https" or url.hostname in _HERE:
        return (
            Level.BAD,
            _l("TONGTU_BASE_URL 还是 %(url)s，邮件里的链接打不开", url=values.base_url),
            _l("改成成员打开门户的网址，例如 https://tongtu.example.com"),
        )
    if values.trusted_proxies == 0:
        return (
            Level.WARN,
            _l("前面的代理没有登记，每个访客看起来都来自代理"),
            _l("设置 TONGTU_TRUSTED_PROXIES=1（前面有几层代理就写几）。"),
        )
    return None


_TURN_ON = _l("用 nginx 或 Caddy 提供 TLS，并设置 TONGTU_HTTPS=1，见 docs/operate.md。")


def mail(_at: datetime) -> Finding:
    """Return whether the mail server takes us; it is greeted, nothing is sent."""
    title, values = _l("邮件"), settings()
    if not values.smtp_host:
        return Finding(
            name="mail",
            level=Level.INFO,
            title=title,
            found=_l("没有设置，通知只在门户里"),
            todo=_l("要发邮件就设置 TONGTU_SMTP_HOST 和 TONGTU_MAIL_FROM。"),
        )
    outcome = smtp.try_out()
    where = f"{values.smtp_host}:{values.smtp_port}"
    if outcome.verdict is Verdict.SENT:
        return good("mail", title, _l("%(where)s 可以登录", where=where))
    return Finding(
        name="mail",
        level=Level.BAD,
        title=title,
        found=f"{where}: {outcome.answer}",
        todo=_l("检查 TONGTU_SMTP_* 各项设置和防火墙。"),
    )


def contact(_at: datetime) -> Finding:
    """Return whether members are told of somebody who exists."""
    title, values = _l("联系方式"), settings()
    if values.contact != _EXAMPLE:
        return good("contact", title, values.contact)
    return Finding(
        name="contact",
        level=Level.WARN,
        title=title,
        found=_l("还是示例地址 %(contact)s", contact=values.contact),
        todo=_l("用 TONGTU_CONTACT 写上成员能找到的人。"),
    )


def rate_limits(_at: datetime) -> Finding:
    """Return where the limits are counted: in one process's memory they bind nobody."""
    title = _l("限流")
    limiters = current_app.extensions.get("limiter", ())
    kinds = sorted({type(each.storage).__name__ for each in limiters})
    if not kinds:
        return Finding(name="rate_limits", level=Level.INFO, title=title, found=_l("没有设置"))
    if MemoryStorage.__name__ not in kinds:
        return good("rate_limits", title, _l("所有进程一起计数"))
    return Finding(
        name="rate_limits",
        level=Level.WARN,
        title=title,
        found=_l("计数在各进程的内存里，几个进程就放宽几倍"),
        todo=_l("换成所有进程共用的存储。"),
    )


def holidays(at: datetime) -> Finding:
    """Return whether the public holidays and make-up days that should be known are."""
    title, year = _l("节假日"), missing_year(today=at.date())
    if year is None:
        return good("holidays", title, _l("该填的年份都填了"))
    return Finding(
        name="holidays",
        level=Level.WARN,
        title=title,
        found=_l("%(year)s 年的节假日没有填全，放假的日子也会被约", year=year),
        todo=_l("在“系统 → 节假日和调休”里填入；公告还没出来就等公布，一般在 11 月。"),
    )
