"""The findings as the page shows them: what is broken first."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.doctor.findings import Finding, Level
from portal.i18n import gettext as _

_ORDER = (Level.BAD, Level.WARN, Level.INFO, Level.GOOD)
_TONES = {Level.BAD: "bad", Level.WARN: "warn", Level.INFO: "", Level.GOOD: "good"}


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """One line of the page."""

    title: str
    found: str
    todo: str
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class SystemPage:
    """The whole page; `summary` says in a sentence how things stand."""

    summary: str
    tone: str
    rows: Sequence[ShownFinding]
    thorough: bool


def page_of(findings: Sequence[Finding], *, thorough: bool) -> SystemPage:
    """Return the page; equal levels keep their order."""
    rows = [_shown(each) for level in _ORDER for each in findings if each.level is level]
    bad = sum(each.level is Level.BAD for each in findings)
    warn = sum(each.level is Level.WARN for each in findings)
    return SystemPage(
        summary=_summary(bad, warn), tone=_tone(bad, warn), rows=rows, thorough=thorough
    )


def _summary(bad: int, warn: int) -> str:
    if bad:
        return str(_("%(count)s 项有问题，先处理它们。", count=bad))
    if warn:
        return str(_("能正常运行，%(count)s 项值得留意。", count=warn))
    return str(_("全部正常。"))


def _tone(bad: int, warn: int) -> str:
    if bad:
        return "bad"
    return "warn" if warn else "good"


def _shown(finding: Finding) -> ShownFinding:
    states = {
        Level.BAD: _("有问题"),
        Level.WARN: _("要留意"),
        Level.INFO: _("未设置"),
        Level.GOOD: _("正常"),
    }
    has_todo = finding.todo is not None and finding.level is not Level.GOOD
    return ShownFinding(
        title=str(finding.title),
        found=str(finding.found),
        todo=str(finding.todo) if has_todo else "",
        state=states[finding.level],
        tone=_TONES[finding.level],
    )
