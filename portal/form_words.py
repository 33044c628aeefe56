"""WTForms' own messages, in both languages of the portal.

Most messages of our forms are ours. What WTForms says by itself (an unknown choice, a number that
is none) comes out when somebody sends what no page offers, and must not come out in English on a
Chinese page. The English ones are the library's.
"""

from collections.abc import Mapping

from portal import i18n

# By the library's English text; a test walks its catalogue.
CHINESE: Mapping[str, str] = {
    "Invalid field name '%s'.": "没有名为“%s”的栏目。",
    "Field must be equal to %(other_name)s.": "要和“%(other_name)s”一致。",
    "Field must be at least %(min)d character long.": "至少要 %(min)d 个字。",
    "Field must be at least %(min)d characters long.": "至少要 %(min)d 个字。",
    "Field cannot be longer than %(max)d character.": "最多 %(max)d 个字。",
    "Field cannot be longer than %(max)d characters.": "最多 %(max)d 个字。",
    "Field must be exactly %(max)d character long.": "要正好 %(max)d 个字。",
    "Field must be exactly %(max)d characters long.": "要正好 %(max)d 个字。",
    "Field must be between %(min)d and %(max)d characters long.": "要 %(min)d 到 %(max)d 个字。",
    "Number must be at least %(min)s.": "不能小于 %(min)s。",
    "Number must be at most %(max)s.": "不能大于 %(max)s。",
    "Number must be between %(min)s and %(max)s.": "要在 %(min)s 到 %(max)s 之间。",
    "This field is required.": "这一项要填。",
    "Invalid input.": "格式不对。",
    "Invalid email address.": "邮箱地址不对。",
    "Invalid IP address.": "IP 地址不对。",
    "Invalid Mac address.": "MAC 地址不对。",
    "Invalid URL.": "网址不对。",
    "Invalid UUID.": "UUID 不对。",
    "Invalid value, must be one of: %(values)s.": "只能是：%(values)s。",
    "Invalid value, can't be any of: %(values)s.": "不能是：%(values)s。",
    "This field cannot be edited.": "这一项不能改。",
    "This field is disabled and cannot have a value.": "这一项不能填。",
    "Invalid CSRF Token.": "页面已经失效，请刷新后再提交。",
    "CSRF token missing.": "页面已经失效，请刷新后再提交。",
    "CSRF failed.": "页面已经失效，请刷新后再提交。",
    "CSRF token expired.": "页面放得太久，请刷新后再提交。",
    "Invalid Choice: could not coerce.": "没有这个选项。",
    "Choices cannot be None.": "没有可选的选项。",
    "Not a valid choice.": "没有这个选项。",
    "Invalid choice(s): one or more data inputs could not be coerced.": "有的选项不存在。",
    "'%(value)s' is not a valid choice for this field.": "没有“%(value)s”这个选项。",
    "'%(value)s' are not valid choices for this field.": "没有“%(value)s”这些选项。",
    "Not a valid datetime value.": "日期和时间不对，例如 2026-11-22 14:30。",
    "Not a valid date value.": "日期不对，例如 2026-11-22。",
    "Not a valid time value.": "时间不对，例如 14:30。",
    "Not a valid week value.": "周不对，例如 2026-W47。",
    "Not a valid integer value.": "要填整数。",
    "Not a valid decimal value.": "要填数字。",
    "Not a valid float value.": "要填数字。",
}


class Words:
    """WTForms' messages in the request's language."""

    def gettext(self, string: str) -> str:
        """Return one message."""
        return CHINESE.get(string, string) if i18n.language() == i18n.SOURCE else string

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return a message that depends on a number."""
        return self.gettext(singular if n == 1 else plural)


WORDS = Words()
