"""Builds as the operator's page shows them: every value a final text."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal import i18n
from portal.i18n import gettext as _
from portal.outbox import presenting as job_presenting
from portal.reporting import rules
from portal.reporting.queries import BuildRow, Missing, SiteStanding
from portal.reporting.rules import BuildState
from portal.sales.queries import FactsStanding


@dataclass(frozen=True, slots=True)
class ShownBuild:
    """One build."""

    state: str
    tone: str
    summary: str
    when: str
    failed: Sequence[tuple[str, str]]
    pdf_missing_reason: str


def build(of: BuildRow) -> ShownBuild:
    """Return one build of the list."""
    names = {
        BuildState.RUNNING: (_("正在生成"), "info"),
        BuildState.DONE: (_("已完成"), "good"),
        BuildState.FAILED: (_("没有完成"), "bad"),
    }
    state, tone = names[of.state]
    if of.state is BuildState.DONE and of.failed:
        state, tone = _("部分完成"), "warn"
    who = of.started_by or _("命令行")
    return ShownBuild(
        state=str(state),
        tone=tone,
        summary=_summary(of),
        when=f"{who} · {i18n.moment(of.created_at)}",
        failed=of.failed,
        pdf_missing_reason=of.pdf_missing_reason or "",
    )


def _summary(of: BuildRow) -> str:
    if of.state is BuildState.RUNNING:
        return job_presenting.progress(of.job).text if of.job else ""
    if of.state is BuildState.FAILED:
        reasons = {
            rules.NO_FACTS: _("还没有订单数据，先导入订单。"),
            rules.FACTS_DAMAGED: _("订单数据读不出来，请从备份恢复。"),
            rules.GIVEN_UP: _("试了几次都没有完成，原有的报告没有变。可以再生成一次。"),
        }
        return str(reasons.get(of.reason or "", ""))
    return str(
        _(
            "共 %(dealers)s 家：新生成 %(built)s 家，没有变化 %(unchanged)s 家，"
            "失败 %(failed)s 家，用时 %(seconds)s 秒。",
            dealers=f"{of.dealers:,}",
            built=f"{of.built:,}",
            unchanged=f"{of.unchanged:,}",
            failed=f"{len(of.failed):,}",
            seconds=f"{(of.duration_ms or 0) / 1000:.1f}",
        )
    )


def site_line(site: SiteStanding | None, facts: FactsStanding) -> str:
    """Return which reports are served now and whether they are up to date, in one sentence."""
    if site is None:
        return str(_("还没有生成过报告。"))
    values = {
        "dealers": f"{site.dealers:,}",
        "when": i18n.moment(site.built_at),
        "until": i18n.day(site.facts_until),
    }
    if facts.version == site.facts_version:
        return str(
            _("现有 %(dealers)s 家的报告，%(when)s 生成，数据到 %(until)s，已是最新。", **values)
        )
    return str(
        _(
            "现有 %(dealers)s 家的报告，%(when)s 生成，数据只到 %(until)s。之后订单数据又有更新。",
            **values,
        )
    )


def missing(of: Missing) -> tuple[str, str]:
    """Return why a dealer has no report: a headline, and what happens next."""
    texts = {
        Missing.NO_SHOP_REF: (
            _("还没有对上你的店"),
            _(
                "订单文件里哪一家是你的店，还没有登记。请联系平台运营，登记之后下一次生成就会有报告。"
            ),
        ),
        Missing.NO_BUILD: (
            _("还没有报告"),
            _("联盟导入订单之后会生成报告，生成好会通知你。"),
        ),
        Missing.NO_ORDERS: (
            _("还没有你店里的订单"),
            _("到目前为止导入的订单里没有你的店。有了第一笔成交，下一次生成就会有报告。"),
        ),
        Missing.FAILED: (
            _("这次没有生成出来"),
            _("生成你的报告时出了问题，平台运营已经看到，修好后会重新生成并通知你。"),
        ),
    }
    headline, advice = texts[of]
    return str(headline), str(advice)
