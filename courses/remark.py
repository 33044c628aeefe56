"""The form of a remark about a course file; remarks.py has the words."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error keeps a course from being published, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Remark:
    """Severity, message and remedy of one code; `{name}` is filled by the finding."""

    severity: Severity
    zh: str
    en: str
    fix_zh: str
    fix_en: str
