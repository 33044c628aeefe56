"""What is wrong in a course file: where, what, and how to put it right, in two languages.

The words of each code are in remarks.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from courses.remark import Severity
from courses.remarks import REMARKS


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One remark; `line` and `column` count from 1 in `file`, '' while a text has no file."""

    code: str
    line: int
    column: int
    file: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """Whether this keeps the course from being published."""
        return REMARKS[self.code].severity

    @property
    def is_error(self) -> bool:
        """Whether this keeps the course from being published."""
        return self.severity is Severity.ERROR

    def message(self, language: str = "zh-CN") -> str:
        """What is wrong, in Chinese or English."""
        remark = REMARKS[self.code]
        return (remark.zh if language.startswith("zh") else remark.en).format_map(self.values)

    def fix(self, language: str = "zh-CN") -> str:
        """What to do about it, in Chinese or English."""
        remark = REMARKS[self.code]
        return (remark.fix_zh if language.startswith("zh") else remark.fix_en).format_map(
            self.values
        )

    def moved(self, *, file: str, lines: int) -> "Finding":
        """Return the same remark for the file that its text stands in, `lines` further down."""
        return replace(self, file=file, line=self.line + lines)


def finding(code: str, *, line: int, column: int = 1, file: str = "", **values: object) -> Finding:
    """Make a remark of the kind `code`; `values` fill its message. KeyError for unknown codes."""
    texts = {name: str(value) for name, value in values.items()}
    if code not in REMARKS:
        raise KeyError(code)
    return Finding(code=code, line=line, column=column, file=file, values=texts)


def in_order(findings: tuple[Finding, ...] | list[Finding]) -> tuple[Finding, ...]:
    """Return the remarks by file and place."""
    return tuple(sorted(findings, key=lambda f: (f.file, f.line, f.column, f.code)))
