"""The words of states and events, and how a dealer is called in front of a supplier."""

from collections.abc import Sequence

from portal.accounts.queries import OrganisationRow
from portal.feedback.rules import Chip, EventKind, Secret, State
from portal.i18n import gettext as _

TONES = {
    State.NEW: "warn",
    State.LINKED: "info",
    State.ACCEPTED: "info",
    State.ANSWERED: "",
    State.DECLINED: "",
    State.SHIPPED: "good",
}


def state_for_dealer(state: State) -> str:
    """Return where the feedback stands, in the dealer's words."""
    words = {
        State.NEW: _("已送达"),
        State.LINKED: _("处理中"),
        State.ACCEPTED: _("已采纳"),
        State.ANSWERED: _("已回复"),
        State.DECLINED: _("暂不改"),
        State.SHIPPED: _("已改好"),
    }
    return str(words[state])


def state_for_supplier(state: State) -> str:
    """Return where the feedback stands, in the supplier's words."""
    words = {
        State.NEW: _("待处理"),
        State.LINKED: _("已进工单"),
        State.ACCEPTED: _("已采纳"),
        State.ANSWERED: _("已回复"),
        State.DECLINED: _("不做"),
        State.SHIPPED: _("已上线"),
    }
    return str(words[state])


def next_for_dealer(state: State, *, has_product: bool) -> str:
    """Return what the dealer may expect next, as a sentence."""
    if not has_product:
        return str(_("联盟运营会先确认是哪个商品，再转给供应商。"))
    words = {
        State.NEW: _("供应商还没处理。有进展会在通知里告诉你。"),
        State.LINKED: _("供应商正在评估怎么改，定下来会告诉你。"),
        State.ACCEPTED: _("供应商已经答应改，上线那天会告诉你。"),
        State.ANSWERED: _("供应商已经回复。问题还在的话，可以再提一条。"),
        State.DECLINED: _("供应商暂时不改，原因写在下面。"),
        State.SHIPPED: _("已经改好上线，可以在店里用起来了。"),
    }
    return str(words[state])


def event(kind: EventKind, *, supplier: str) -> str:
    """Return what happened as a sentence; `supplier` is its name, empty while unknown."""
    who = supplier or _("供应商")
    words = {
        EventKind.SUBMITTED: _("提交了反馈"),
        EventKind.ASSIGNED: _("联盟运营确认了商品，转给%(who)s", who=who),
        EventKind.LINKED: _("%(who)s把它放进了改进工单", who=who),
        EventKind.ACCEPTED: _("%(who)s采纳了，准备改", who=who),
        EventKind.ANSWERED: _("%(who)s回复了", who=who),
        EventKind.DECLINED: _("%(who)s说明了暂时不改的原因", who=who),
        EventKind.SHIPPED: _("%(who)s改好上线了", who=who),
    }
    return str(words[kind])


def chip(value: Chip) -> str:
    """Return the label of one of the dealer's filters."""
    words = {
        Chip.ALL: _("全部"),
        Chip.WAITING: _("等结果"),
        Chip.ANSWERED: _("有答复"),
        Chip.SHIPPED: _("已改好"),
    }
    return str(words[value])


def unsure_product() -> str:
    """Return what stands for the product while nobody knows which one is meant."""
    return str(_("还没确定商品"))


def dealer(organisation: OrganisationRow) -> str:
    """Return how a supplier may call a dealer: by name only with the dealer's consent."""
    if organisation.shares_name:
        return organisation.name
    level = _("%(level)s 级渠道商", level=organisation.level) if organisation.level else _("渠道商")
    return f"{level} · {organisation.region}" if organisation.region else str(level)


def hidden(secrets: Sequence[Secret]) -> str:
    """Return what was hidden on entry as a sentence; empty when nothing was."""
    if not secrets:
        return ""
    names = {
        Secret.MAIL: _("邮箱"),
        Secret.ID_CARD: _("身份证号"),
        Secret.PHONE: _("手机号"),
        Secret.CARD: _("卡密"),
        Secret.SHOP: _("店名"),
    }
    what = _("、").join(str(names[each]) for each in dict.fromkeys(secrets))
    return str(
        _(
            "为了保护你和客人，%(count)s 处内容（%(what)s）在保存前隐藏了，没有留底。",
            count=len(secrets),
            what=what,
        )
    )
