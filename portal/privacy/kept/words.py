"""Words that many columns share."""

from portal.i18n import lazy_gettext as _l
from portal.privacy.rules import Deletion, Field

WHO = _l("谁做的")
SHOPS = _l("属于店铺和联盟的业务记录，人已经认不出来")
PROOF = _l("操作记录要能查对，只留编号")


def pointer() -> Field:
    """Return a column that says who acted: it stays, and leads to a person without a name."""
    return Field(WHO, Deletion.KEEP, why_kept=SHOPS)


def gone(what: object) -> Field:
    """Return a column that goes with its row."""
    return Field(what, Deletion.ERASE)
