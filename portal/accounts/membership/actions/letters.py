"""Mails about invitations, applications, passwords and addresses, in their receiver's language."""

from datetime import datetime

from portal import i18n
from portal.accounts.membership.actions.links import Issued
from portal.accounts.models import Person
from portal.i18n import gettext as _
from portal.notices.mail import actions as mail
from portal.notices.mail.letters import Button, absolute


def link_url(token: str) -> str:
    """Return the whole address of a one-time link."""
    return absolute(f"/link/{token}")  # commands and jobs make links too, and have no request


def _post(
    person: Person, *, subject: str, text: str, button: Button | None, key: str, at: datetime
) -> bool:
    """Mail a person in the language that is spoken now; False without an address or a server."""
    if person.email is None:
        return False
    return mail.send(
        to=person.email,
        subject=subject,
        text=text,
        at=at,
        key=key,
        language=person.language,
        button=button,
    )


def invitation(
    *, to: str, language: str, inviter: str, organisation: str, issued: Issued, at: datetime
) -> bool:
    """Invite somebody; False when no mail server is set up."""
    with i18n.speaking(language):
        return mail.send(
            to=to,
            subject=str(
                _("%(who)s 邀请你加入“%(organisation)s”", who=inviter, organisation=organisation)
            ),
            text=str(
                _(
                    "%(who)s 邀请你在同途加入“%(organisation)s”。\n\n"
                    "点下面的按钮设置姓名和密码；已经有账号的，登录后加入。"
                    "链接到 %(until)s 为止有效，只能用一次。",
                    who=inviter,
                    organisation=organisation,
                    until=i18n.moment(issued.expires_at),
                )
            ),
            at=at,
            key=f"invite:{issued.link_id}",
            language=language,
            button=Button(str(_("接受邀请")), link_url(issued.token)),
        )


def reset(person: Person, *, issued: Issued, at: datetime) -> bool:
    """Send the link with which a person sets a new password; False without mail."""
    with i18n.speaking(person.language):
        return _post(
            person,
            subject=str(_("重新设置同途的密码")),
            text=str(
                _(
                    "有人要重新设置你在同途的密码。是你本人的话，点下面的按钮。"
                    "链接到 %(until)s 为止有效，只能用一次。\n\n"
                    "不是你操作的，不用理会这封邮件，密码没有变。",
                    until=i18n.moment(issued.expires_at),
                )
            ),
            button=Button(str(_("设置新密码")), link_url(issued.token)),
            key=f"reset:{issued.link_id}",
            at=at,
        )


def confirm(person: Person, *, to: str, issued: Issued, at: datetime) -> bool:
    """Send the link that shows that a mail address is the person's; False without a server."""
    with i18n.speaking(person.language):
        return mail.send(
            to=to,
            subject=str(_("确认你在同途的邮箱")),
            text=str(
                _(
                    "%(who)s，请点下面的按钮，确认这个邮箱是你的。"
                    "确认后可以用它登录、收通知、找回密码。\n\n"
                    "你没有用过同途的话，不用理会这封邮件。",
                    who=person.name,
                )
            ),
            at=at,
            key=f"confirm:{issued.link_id}",
            language=person.language,
            button=Button(str(_("确认邮箱")), link_url(issued.token)),
        )


def declined(
    person: Person, *, shop_name: str, reason: str, application_id: int, at: datetime
) -> bool:
    """Tell the applicant that the shop is not let in, and why; False without mail."""
    with i18n.speaking(person.language):
        return _post(
            person,
            subject=str(_("“%(shop)s”的入驻申请没有通过", shop=shop_name)),
            text=str(
                _(
                    "%(who)s，你好：\n\n“%(shop)s”这次没有通过入驻审核。原因：%(reason)s\n\n"
                    "情况变了可以再申请：登录后就能看到入口。",
                    who=person.name,
                    shop=shop_name,
                    reason=reason,
                )
            ),
            button=None,
            key=f"declined:{application_id}",
            at=at,
        )


def removed(person: Person, *, organisation_name: str, membership_id: int, at: datetime) -> bool:
    """Tell somebody that they no longer belong to an organisation; False without mail."""
    with i18n.speaking(person.language):
        return _post(
            person,
            subject=str(_("你已不在“%(organisation)s”", organisation=organisation_name)),
            text=str(
                _(
                    "“%(organisation)s”的负责人把你移出了成员名单，你不能再以它的身份使用同途。\n\n"
                    "你的账号还在。有疑问请直接问负责人。",
                    organisation=organisation_name,
                )
            ),
            button=None,
            key=f"removed:{membership_id}",
            at=at,
        )
