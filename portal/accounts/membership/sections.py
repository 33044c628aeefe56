"""What the page "my account" leads to: each section registers here with one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from portal.access import Role
from portal.i18n import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class _Section:
    endpoint: str
    label: Any  # a lazy text
    hint: Any
    icon: str
    roles: frozenset[Role] = frozenset(Role)  # who gets there


@dataclass(frozen=True, slots=True)
class Section:
    """A way from the account page, ready to show."""

    url: str
    label: str
    hint: str
    icon: str


_SECTIONS = (
    _Section("organisation.show", _l("组织与成员"), _l("谁在一起工作，店名给不给看"), "users"),
    _Section("security.overview", _l("登录与安全"), _l("密码、两步验证、登录的设备"), "lock"),
    _Section("notices.choices", _l("通知"), _l("哪些事发邮件，什么时候免打扰"), "bell"),
    _Section(
        "calendars.index",
        _l("日历"),
        _l("把会谈放进自己的日历"),
        "calendar",
        roles=frozenset({Role.DEALER, Role.CONSULTANT}),
    ),
    _Section("privacy.index", _l("数据与隐私"), _l("导出数据，注销账号"), "download"),
)


def of_account(role: Role) -> Sequence[Section]:
    """Return the sections of somebody in this role, in the request's language."""
    return [
        Section(
            url=url_for(each.endpoint),
            label=str(each.label),
            hint=str(each.hint),
            icon=each.icon,
        )
        for each in _SECTIONS
        if role in each.roles
    ]
