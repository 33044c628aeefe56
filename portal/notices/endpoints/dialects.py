"""Which dialect each kind of endpoint speaks."""

from collections.abc import Mapping

from portal.notices.endpoints.calls import Dialect
from portal.notices.endpoints.robots import DingTalk, Feishu, WeCom
from portal.notices.endpoints.webhook import Webhook
from portal.notices.rules import Channel

DIALECTS: Mapping[Channel, Dialect] = {
    Channel.WECOM: WeCom(),
    Channel.DINGTALK: DingTalk(),
    Channel.FEISHU: Feishu(),
    Channel.WEBHOOK: Webhook(),
}
# Who gives out the secret that calls are signed with: these robots do, WeCom has none, and for
# webhooks we do.
SECRET_FROM_THEM = frozenset({Channel.DINGTALK, Channel.FEISHU})
