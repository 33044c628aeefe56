"""What stands in a copy's README, in both languages whatever the reader's."""

from collections.abc import Mapping
from datetime import datetime

from portal import i18n
from portal.i18n import gettext as _
from portal.privacy.registry import TABLES
from portal.privacy.walking import Subject


def text(*, subject: Subject, rows: Mapping[str, int], made_at: datetime) -> str:
    """Return the README: what the files are, and how many rows each has."""
    parts = []
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            parts.append(_in_one_language(subject, rows, made_at))
    return "\n----\n\n".join(parts)


def _in_one_language(subject: Subject, rows: Mapping[str, int], made_at: datetime) -> str:
    whose = _("这是你在同途里的数据。") if subject.person_id else _("这是本组织在同途里的数据。")
    paragraphs = (
        str(whose),
        str(_("生成于 %(when)s。文件里的时间都是 UTC。", when=i18n.moment(made_at))),
        str(
            _(
                "csv 文件夹用表格软件打开；json 文件夹内容相同，给程序读。"
                "amount_minor 是最小货币单位的金额，人民币为分。"
            )
        ),
        str(_("密码、密钥、别人的联系方式和顾问自己的备注不在其中。")),
        str(_("这里有个人信息，请妥善保管。")),
    )
    lines = [f"- {name}: {_what(name)} ({count})" for name, count in rows.items()]
    return "\n".join(paragraphs) + "\n\n" + "\n".join(lines) + "\n"


def _what(name: str) -> str:
    if name in TABLES:
        return str(TABLES[name].what)
    extra = {
        "members": _("组织里的成员：编号和姓名"),
        "order_lines": _("订单行：增长报告由它们算出，不含买家信息"),
    }
    return str(extra[name])
