"""The frame around every page: navigation by role, unread notices, hashed addresses of assets."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, request, url_for
from markupsafe import Markup

from portal import access, i18n, money, security
from portal.access import Role
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l
from portal.notices import queries as notices

STATIC = Path(__file__).resolve().parents[1] / "static"


@dataclass(frozen=True, slots=True)
class _Place:
    endpoint: str
    label: Any  # a lazy text
    icon: str


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One entry of the navigation, ready to show."""

    url: str
    label: str
    icon: str
    current: bool


_START = _Place("home.start", _l("首页"), "home")
_PLACES: Mapping[Role, Sequence[_Place]] = {
    Role.DEALER: (
        _START,
        _Place("learning.index", _l("课程"), "book-2"),
        _Place("booking.index", _l("预约"), "calendar"),
        _Place("feedback.mine", _l("反馈"), "message-2"),
        _Place("reporting.mine", _l("报告"), "chart-bar"),
    ),
    Role.CONSULTANT: (
        _Place("home.start", _l("今天"), "home"),
        _Place("coaching.sessions", _l("会谈"), "calendar-event"),
        _Place("booking.hours", _l("排班"), "clock"),
        _Place("learning.index", _l("课程"), "book-2"),
    ),
    Role.SUPPLIER: (
        _START,
        _Place("feedback.inbox", _l("收件箱"), "inbox"),
        _Place("tickets.index", _l("工单"), "ticket"),
        _Place("tickets.releases", _l("发布"), "rocket"),
    ),
    Role.OPERATOR: (
        _START,
        _Place("sales.index", _l("订单导入"), "database-import"),
        _Place("reporting.builds", _l("增长报告"), "chart-bar"),
        _Place("learning.index", _l("课程"), "book-2"),
        _Place("members.index", _l("成员"), "users"),
        _Place("admin.index", _l("系统"), "settings"),
    ),
    Role.AUTHOR: (
        _START,
        _Place("learning.index", _l("课程"), "book-2"),
        _Place("teaching.index", _l("教学情况"), "chart-bar"),
        _Place("teaching.draft", _l("草稿与发布"), "upload"),
    ),
}

# Rooms whose pages are reached from another room's.
_ROOMS_OF: Mapping[str, str] = {
    "answering": "teaching",
    "booking": "members",
    "calendars": "booking",
    "certificates": "learning",
    "cohorts": "learning",
    "evidence": "admin",
    "notes": "learning",
    "practice": "learning",
    "privacy": "admin",
    "questions": "learning",
    "review": "learning",
    "rounds": "booking",
    "teaching": "learning",
    "team": "learning",
}


def navigation(role: Role) -> Sequence[NavigationItem]:
    """Return the navigation of a role; the blueprint of the current page is marked."""
    return _navigation(
        role, request.endpoint or "", i18n.language(), request.environ.get("SCRIPT_NAME", "")
    )


@lru_cache(maxsize=1024)
def _navigation(
    role: Role, here: str, _language: str, _script_root: str
) -> Sequence[NavigationItem]:
    """Return the navigation; kept, since it depends on no more than this."""
    return tuple(
        NavigationItem(
            url=url_for(place.endpoint),
            label=str(place.label),
            icon=place.icon,
            current=_is_current(place.endpoint, here, role),
        )
        for place in _PLACES[role]
    )


def _is_current(endpoint: str, here: str, role: Role) -> bool:
    """Tell whether a place is where the visitor is: its own page, or its room's first place."""
    endpoints = [place.endpoint for place in _PLACES[role]]
    if here in endpoints:
        return endpoint == here
    own = here.partition(".")[0]
    has_own = any(each.partition(".")[0] == own for each in endpoints)
    room = own if has_own else _ROOMS_OF.get(own, own)
    first = next((each for each in endpoints if each.partition(".")[0] == room), None)
    return endpoint == first and room != "home"


def role_names() -> Mapping[Role, str]:
    """Return what each role is called in the request's language."""
    return _role_names(i18n.language())


@lru_cache(maxsize=8)
def _role_names(_language: str) -> Mapping[Role, str]:
    return {
        Role.DEALER: _("渠道商"),
        Role.CONSULTANT: _("运营顾问"),
        Role.SUPPLIER: _("供应商"),
        Role.OPERATOR: _("平台运营"),
        Role.AUTHOR: _("课程作者"),
    }


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """Return the address of a static file; it changes with the file, so browsers may keep it."""
    return _asset(request.environ.get("SCRIPT_NAME", ""), name)


@lru_cache(maxsize=512)
def _asset(_script_root: str, name: str) -> str:
    """Return the address; kept, since a page names some forty, most of them the icons."""
    return url_for("static", filename=name, v=_digest(STATIC / name))


def _icon(name: str, classes: str = "") -> Markup:
    """Return an icon of the sprite, which says nothing to who does not see it."""
    return _icon_at(request.environ.get("SCRIPT_NAME", ""), name, classes)


@lru_cache(maxsize=4096)
def _icon_at(script_root: str, name: str, classes: str) -> Markup:
    sprite = _asset(script_root, "vendor/icons.svg")
    return Markup(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>'
    ).format(classes, sprite, name)


def _is_short(value: Any) -> bool:
    # What is long may open something, e.g. an invitation: such addresses are not kept.
    return value is None or isinstance(value, int) or (isinstance(value, str) and len(value) <= 40)


def _url_for(endpoint: str, **values: Any) -> str:
    """Return what Flask's url_for does; addresses within the portal are built once a process."""
    if "_external" in values or not all(_is_short(each) for each in values.values()):
        return url_for(endpoint, **values)
    return _address(request.environ.get("SCRIPT_NAME", ""), endpoint, tuple(values.items()))


@lru_cache(maxsize=8192)
def _address(_script_root: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    return url_for(endpoint, **dict(values))


def _context() -> dict[str, Any]:
    member = access.member_or_none()
    return {
        "asset": asset,
        "member": member,
        # Who waits to be let in has nowhere to go yet.
        "navigation": navigation(member.role) if member and not member.is_pending else [],
        "role_names": role_names() if member else {},
        # Under this name the browser keeps what one may read offline; app.js drops another's.
        "person_mark": security.mark_of(member.person_id, member.organisation_id) if member else "",
        # The same for whichever organisation one asks.
        "writer_mark": security.mark_of(member.person_id, 0) if member else "",
        "unread_notices": notices.unread_count(member) if member else 0,
    }


def _money_short(amount_minor: int, currency: str = "CNY") -> str:
    return money.money_short(amount_minor, currency, chinese=i18n.language() == i18n.SOURCE)


def init_app(app: Flask) -> None:
    """Give every template of `app` its frame."""
    app.context_processor(_context)
    # Macros are imported, context processors are not.
    app.jinja_env.globals.update(asset=asset, icon_of_sprite=_icon, url_for=_url_for)
    app.jinja_env.filters.update(money=money.money, money_short=_money_short, percent=money.percent)
