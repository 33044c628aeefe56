"""The words of privacy pages: what stands in the way of a deletion, how large a copy is."""

from portal.i18n import gettext as _
from portal.privacy.rules import Obstacles


def obstacles(found: Obstacles) -> list[str]:
    """Return a sentence for everything that has to be settled first."""
    sentences = [
        _("“%(name)s”只有这一个负责人，要先移交给别人，或者停用这个组织。", name=name)
        for name in found.sole_owner_of
    ]
    if found.is_last_operator:
        sentences.append(_("联盟只有这一个平台运营，要先让别人接手。"))
    if found.sessions_ahead:
        sentences.append(
            _("还有 %(count)s 场没开的会谈，要先取消或请同事接手。", count=found.sessions_ahead)
        )
    return [str(each) for each in sentences]


def size(count: int) -> str:
    """Return a file's size, e.g. 36 KB or 1.4 MB."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} KB"
    return f"{count / 1_000_000:.1f} MB"
