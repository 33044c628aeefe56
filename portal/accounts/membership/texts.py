"""The words of roles, states and links."""

from portal.access import Role
from portal.accounts.membership.rules import LinkState
from portal.accounts.rules import OrganisationState
from portal.i18n import gettext as _


def role(value: Role) -> str:
    """Return what a role is called."""
    return str(
        {
            Role.DEALER: _("渠道商"),
            Role.CONSULTANT: _("运营顾问"),
            Role.SUPPLIER: _("供应商"),
            Role.OPERATOR: _("平台运营"),
            Role.AUTHOR: _("课程作者"),
        }[value]
    )


def kinds() -> dict[str, str]:
    """Return what each kind of organisation is called."""
    return {
        "dealer": str(_("渠道商")),
        "supplier": str(_("供应商")),
        "alliance": str(_("联盟")),
    }


def states() -> dict[OrganisationState, str]:
    """Return what each state of an organisation is called."""
    return {
        OrganisationState.PENDING: str(_("待审核")),
        OrganisationState.ACTIVE: str(_("使用中")),
        OrganisationState.CLOSED: str(_("已关闭")),
    }


def spent(state: LinkState | None) -> tuple[str, str]:
    """Return why a link opens nothing, and what to do; None for a link that nobody made."""
    return {
        LinkState.USED: (
            str(_("这个链接已经用过了")),
            str(_("链接只能用一次。是你用的，直接登录就行；不是你，请让对方重新发一个。")),
        ),
        LinkState.EXPIRED: (
            str(_("这个链接过期了")),
            str(_("请让发链接的人重新发一个；找回密码的，在登录页再点一次“忘记密码”。")),
        ),
        LinkState.WITHDRAWN: (
            str(_("这个链接已经作废")),
            str(_("可能已经换了新链接，请用最近收到的那个，或者问一下发链接的人。")),
        ),
    }.get(
        state,  # type: ignore[arg-type]  # None is no key, and is meant to find nothing
        (
            str(_("这个链接打不开")),
            str(_("可能没有复制完整。请回到消息或邮件里，重新点一次或完整复制一次。")),
        ),
    )
