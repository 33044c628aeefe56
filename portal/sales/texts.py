"""The words of an import's states and of why a file was not imported."""

from collections.abc import Mapping

from portal import i18n
from portal.i18n import gettext as _
from portal.sales.rules import State
from reports.facts.reasons import FILE_REASONS, ROW_NAMES, file_reason, row_reason

BUYER_KEY_CHANGED = "buyer_key_changed"
WEAK_BUYER_KEY = "weak_buyer_key"
FACTS_DAMAGED = "facts_damaged"
FILE_GONE = "file_gone"
NO_FILE = "no_file"
TOO_LARGE_UPLOAD = "too_large_upload"


def reason(code: str, params: Mapping[str, str]) -> str:
    """Return why a file was refused or an import failed, in the request's language."""
    if code in FILE_REASONS:
        return file_reason(code, params, language=i18n.language_tag())
    own = {
        BUYER_KEY_CHANGED: _(
            "买家密钥与已有数据用的不是同一把，同一个买家会被算成两个人。请恢复原来的密钥再导入"
        ),
        WEAK_BUYER_KEY: _("买家密钥太短，至少要 16 个字节"),
        FACTS_DAMAGED: _("已有的订单数据读不出来，请从备份恢复后再导入"),
        FILE_GONE: _("上传的文件已经不在服务器上，请重新上传"),
        TOO_LARGE_UPLOAD: _("文件超过 %(limit)s MB", limit=params.get("limit", "")),
    }
    return str(own[code])


def row_problem(code: str, params: Mapping[str, str]) -> str:
    """Return why a row was not taken, as a sentence in the request's language."""
    return row_reason(code, params, language=i18n.language_tag())


def row_problem_name(code: str) -> str:
    """Return what a reason is called in a list of counts."""
    return ROW_NAMES[code][i18n.language_tag()]


def state(of: State) -> tuple[str, str]:
    """Return a state's name and tone ("" | good | warn | bad | info)."""
    words = {
        State.CHECKED: (_("等待确认"), "warn"),
        State.REFUSED: (_("未采用"), "bad"),
        State.CONFIRMED: (_("正在导入"), "info"),
        State.IMPORTED: (_("已入库"), "good"),
        State.DISCARDED: (_("已放弃"), ""),
        State.FAILED: (_("导入失败"), "bad"),
    }
    name, tone = words[of]
    return str(name), tone
