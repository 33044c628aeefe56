"""An import as its page shows it: every value a final text in the request's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal import i18n, money
from portal.i18n import gettext as _
from portal.sales import texts
from portal.sales.queries import (
    FactsStanding,
    ImportDetail,
    ImportRow,
    MonthRow,
    RejectedLine,
)
from portal.sales.rules import State
from reports.facts.mapping import shipped


@dataclass(frozen=True, slots=True)
class ShownImport:
    """One line of the list."""

    public_id: str
    filename: str
    state: str
    tone: str
    facts: str  # what is known of it, in one line
    who_and_when: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A class of rows or a reason, and how many rows it has."""

    name: str
    rows: str


@dataclass(frozen=True, slots=True)
class ShownMonth:
    """One month of the file."""

    month: str
    sale_rows: str
    gmv: str
    refund_rows: str
    refund: str
    net_gmv: str
    not_goods_rows: str


@dataclass(frozen=True, slots=True)
class ShownProblem:
    """A row that was not taken."""

    row: str
    problem: str
    excerpt: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ShownDetail:
    """Everything the page of one import says; `reason` is "" unless it was refused or failed."""

    public_id: str
    filename: str
    state: State
    state_name: str
    tone: str
    about: str
    reason: str
    rows_read: str
    classes: Sequence[Counted]
    orders: Sequence[Counted]
    span: str
    months: Sequence[ShownMonth]
    reasons: Sequence[Counted]
    rejected: int
    warnings: Sequence[str]
    outcome: str


def filename(name: str) -> str:
    """Return a file's name, or the words for a missing one."""
    return name or str(_("（没有文件名）"))


def mapping_name(source: str | None) -> str:
    """Return which system a file came from; "" when that is not known."""
    names = {each.source: each.name for each in shipped()}
    return i18n.pick(dict(names[source])) if source in names else (source or "")


def row(of: ImportRow) -> ShownImport:
    """Return one line of the list."""
    state, tone = texts.state(of.state)
    return ShownImport(
        public_id=of.public_id,
        filename=filename(of.filename),
        state=state,
        tone=tone,
        facts=_facts(of),
        who_and_when=f"{of.uploaded_by} · {i18n.moment(of.uploaded_at)}",
    )


def _facts(of: ImportRow) -> str:
    if of.reason:
        return texts.reason(of.reason, of.reason_params)
    if of.rejected:
        return str(
            _(
                "共 %(rows)s 行，%(rejected)s 行未采用",
                rows=f"{of.rows_read:,}",
                rejected=f"{of.rejected:,}",
            )
        )
    return str(_("共 %(rows)s 行，全部采用", rows=f"{of.rows_read:,}"))


def facts_line(facts: FactsStanding) -> str:
    """Return which facts are in force, in one sentence."""
    if facts.damaged:
        return str(_("订单数据读不出来，请从备份恢复。"))
    if facts.version is None or facts.until is None or facts.first_on is None:
        return str(_("还没有订单数据。"))
    return str(
        _(
            "现有数据从 %(first)s 到 %(until)s，共 %(lines)s 行，"
            "来自 %(files)s 个文件，版本 %(version)s。",
            first=i18n.day(facts.first_on),
            until=i18n.day(facts.until),
            lines=f"{facts.lines:,}",
            files=f"{facts.files:,}",
            version=facts.version,
        )
    )


def size(size_bytes: int) -> str:
    """Return a file's size, e.g. 820 B, 12.3 KB or 4.0 MB."""
    if size_bytes < 1024:
        return f"{size_bytes} B"
    if size_bytes < 1024**2:
        return f"{size_bytes / 1024:.1f} KB"
    return f"{size_bytes / 1024**2:.1f} MB"


def detail(of: ImportDetail) -> ShownDetail:
    """Return everything the page of one import says."""
    state, tone = texts.state(of.row.state)
    about = (
        mapping_name(of.row.mapping),
        (of.encoding or "").upper(),
        size(of.size_bytes),
        of.row.uploaded_by,
        i18n.moment(of.row.uploaded_at),
    )
    return ShownDetail(
        public_id=of.row.public_id,
        filename=filename(of.row.filename),
        state=of.row.state,
        state_name=state,
        tone=tone,
        about=" · ".join(part for part in about if part),
        reason=texts.reason(of.row.reason, of.row.reason_params) if of.row.reason else "",
        rows_read=f"{of.row.rows_read:,}",
        classes=_classes(of),
        orders=_orders(of),
        span=_span(of),
        months=[_month(each, of.currency) for each in of.months],
        reasons=[Counted(texts.row_problem_name(c), f"{n:,}") for c, n in of.reasons.items()],
        rejected=of.row.rejected,
        warnings=_warnings(of),
        outcome=_outcome(of),
    )


def _classes(of: ImportDetail) -> list[Counted]:
    return [
        Counted(str(name), f"{rows:,}")
        for name, rows in (
            (_("成交"), of.sales),
            (_("退款"), of.refunds),
            (_("非商品（运费、调整等）"), of.not_goods),
            (_("未支付（不计入）"), of.unpaid),
            (_("未采用"), of.row.rejected),
        )
    ]


def _orders(of: ImportDetail) -> list[Counted]:
    removed = [(_("移除（现在显示未支付）"), of.orders_removed)] if of.orders_removed else []
    return [
        Counted(str(name), f"{orders:,}")
        for name, orders in (
            (_("新增"), of.orders_new),
            (_("替换"), of.orders_replaced),
            (_("内容未变"), of.orders_unchanged),
            *removed,
        )
    ]


def _span(of: ImportDetail) -> str:
    if of.first_on is None or of.last_on is None:
        return ""
    return str(
        _(
            "%(first)s 至 %(last)s，%(dealers)s 家渠道商",
            first=i18n.day(of.first_on),
            last=i18n.day(of.last_on),
            dealers=f"{of.dealers:,}",
        )
    )


def _month(of: MonthRow, currency: str) -> ShownMonth:
    return ShownMonth(
        month=i18n.month(of.month),
        sale_rows=f"{of.sale_rows:,}",
        gmv=money.money(of.gmv_minor, currency),
        refund_rows=f"{of.refund_rows:,}",
        refund=money.money(of.refund_minor, currency),
        net_gmv=money.money(of.net_gmv_minor, currency),
        not_goods_rows=f"{of.not_goods_rows:,}",
    )


def _warnings(of: ImportDetail) -> list[str]:
    """Return what the operator should know before deciding."""
    found = [_twin(each.filename, each.state, i18n.moment(each.uploaded_at)) for each in of.twins]
    if of.orders_replaced:
        found.append(
            _(
                "有 %(count)s 笔订单已经在库里，内容不同，会换成这个文件里的。",
                count=f"{of.orders_replaced:,}",
            )
        )
    if of.orders_removed:
        found.append(
            _(
                "有 %(count)s 笔已入库的订单在这个文件里是未支付，会移除。",
                count=f"{of.orders_removed:,}",
            )
        )
    if of.formula_cells:
        found.append(
            _(
                "有 %(count)s 个单元格像是表格公式，已按普通文字保存，不会执行。",
                count=f"{of.formula_cells:,}",
            )
        )
    if "currency_mismatch" in of.reasons:
        found.append(_("有的渠道商换了币种，这些行不会入库，但下面按月的金额包含它们。"))
    if not of.names_refunds:
        found.append(_("这种导出不含退款，退款要另外导入退款单，否则净成交额会等于成交额。"))
    return [str(each) for each in found]


def _twin(name: str, state: State, when: str) -> str:
    if state is State.IMPORTED:
        text = _(
            "同一个文件在 %(when)s 上传过（%(name)s），已经入库；再导入一次不会重复计算。",
            when=when,
            name=filename(name),
        )
    else:
        text = _(
            "同一个文件在 %(when)s 上传过（%(name)s），还没有处理完。",
            when=when,
            name=filename(name),
        )
    return str(text)


def _outcome(of: ImportDetail) -> str:
    if of.row.state is not State.IMPORTED or of.facts_version is None:
        return ""
    if of.facts_version == of.facts_before:
        return str(
            _("内容与已有数据完全相同，数据版本仍是 %(version)s。", version=of.facts_version)
        )
    return str(_("已写入订单数据，新版本 %(version)s。", version=of.facts_version))


def problem(of: RejectedLine, columns: Sequence[str]) -> ShownProblem:
    """Return a row that was not taken, with those of its cells that may be shown."""
    cells = [(column, of.excerpt[column]) for column in columns if of.excerpt.get(column)]
    return ShownProblem(
        row=f"{of.row_number:,}", problem=texts.row_problem(of.code, of.params), excerpt=cells
    )
