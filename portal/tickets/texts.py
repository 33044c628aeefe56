"""The words of a ticket's states, steps and events."""

from portal.i18n import gettext as _
from portal.tickets.rules import EventKind, State

TONES = {
    State.OPEN: "warn",
    State.ACCEPTED: "info",
    State.BUILDING: "info",
    State.RELEASED: "good",
    State.DECLINED: "",
}


def state(value: State) -> str:
    """Return where a ticket stands."""
    words = {
        State.OPEN: _("待评估"),
        State.ACCEPTED: _("已采纳"),
        State.BUILDING: _("开发中"),
        State.RELEASED: _("已发布"),
        State.DECLINED: _("不做"),
    }
    return str(words[value])


def step(value: State) -> str:
    """Return the label of the button that takes a ticket to a state."""
    words = {
        State.OPEN: _("重新评估"),
        State.ACCEPTED: _("采纳"),
        State.BUILDING: _("开始开发"),
        State.RELEASED: _("发布"),
        State.DECLINED: _("不做"),
    }
    return str(words[value])


def event(kind: EventKind, *, pieces: int) -> str:
    """Return what happened to a ticket; `pieces` is how much feedback came in with it."""
    words = {
        EventKind.OPENED: _("建立工单，收入 %(count)s 条反馈", count=pieces),
        EventKind.LINKED: _("又并入 %(count)s 条反馈", count=pieces),
        EventKind.ACCEPTED: _("采纳，并告诉了提反馈的渠道商"),
        EventKind.BUILDING: _("已开始开发"),
        EventKind.RELEASED: _("发布，并告诉了提反馈的渠道商"),
        EventKind.DECLINED: _("决定不做，并告诉了提反馈的渠道商"),
    }
    return str(words[kind])
