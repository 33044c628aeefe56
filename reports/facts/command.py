"""`python -m reports ingest`: check an order file, say what is in it, take it into the facts."""

import argparse
import os
import sys
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from tqdm import tqdm

from reports.facts.buyers import WeakBuyerKey, resolve_key
from reports.facts.classify import RowClass
from reports.facts.ingest import CheckedFile, check
from reports.facts.mapping import FileMapping, MappingError, find_mapping
from reports.facts.reasons import LANGUAGES, ROW_NAMES, FileRefused
from reports.facts.store import Applied, BuyerKeyChanged, FactsDamaged, apply

TEXTS: Mapping[str, Mapping[str, str]] = {
    "zh-CN": {
        "file": "文件：{name}（{mapping}，编码 {encoding}）",
        "rows": "读入 {rows:,} 行",
        "class": "  {name}：{rows:,}",
        "reason": "    {name}：{rows:,}",
        "sum": "合计 {parts} = 读入 {rows}",
        "months": "月份：{first} 至 {last}，共 {count} 个月",
        "no_months": "没有可以入库的订单行",
        "dealers": "渠道商 {dealers:,} 家，订单 {orders:,} 笔",
        "money": "成交额（GMV）{gmv}，净成交额 {net}",
        "no_refunds": "注意：这种导出不含退款，净成交额等于成交额",
        "formulas": "注意：{cells:,} 个单元格像是公式，已按普通文字保存",
        "dry_run": "只检查，未入库",
        "orders": "订单：新增 {new:,}，替换 {replaced:,}，未变 {unchanged:,}，移除 {removed:,}",
        "applied": "已入库，版本 {version}",
        "same": "内容没有变化，版本仍是 {version}",
        "rejected_file": "未采用的行及原因：{path}",
        "refused": "未导入：{reason}",
        "mapping": "映射文件有误：{reason}",
        "weak_key": "买家密钥太短，至少要 {bytes} 个字节",
        "other_key": "买家密钥与库中的不同，同一买家会被算成两人。请使用原来的密钥",
        "damaged": "订单数据目录已损坏：{reason}",
        "system": "无法读写：{reason}",
    },
    "en": {
        "file": "File: {name} ({mapping}, encoding {encoding})",
        "rows": "Rows read: {rows:,}",
        "class": "  {name}: {rows:,}",
        "reason": "    {name}: {rows:,}",
        "sum": "Sum {parts} = {rows} read",
        "months": "Months: {first} to {last}, {count} in all",
        "no_months": "No order lines to take in",
        "dealers": "Dealers: {dealers:,}; orders: {orders:,}",
        "money": "GMV {gmv}, net GMV {net}",
        "no_refunds": "Note: this export names no refunds, so net GMV equals GMV",
        "formulas": "Note: {cells:,} cells look like formulas and were kept as plain text",
        "dry_run": "Checked only, nothing stored",
        "orders": "Orders: {new:,} new, {replaced:,} replaced, {unchanged:,} unchanged, "
        "{removed:,} removed",
        "applied": "Stored, version {version}",
        "same": "Nothing changed, the version is still {version}",
        "rejected_file": "Rows not taken, with reasons: {path}",
        "refused": "Not imported: {reason}",
        "mapping": "The mapping is wrong: {reason}",
        "weak_key": "The buyer key is too short, it needs at least {bytes} bytes",
        "other_key": "The buyer key is not the store's: the same buyer would count twice. "
        "Use the first key",
        "damaged": "The facts folder is damaged: {reason}",
        "system": "Cannot read or write: {reason}",
    },
}
CLASS_NAMES: Mapping[str, Mapping[RowClass, str]] = {
    "zh-CN": {
        RowClass.SALE: "成交",
        RowClass.REFUND: "退款",
        RowClass.NOT_GOODS: "非商品（运费、调整等）",
        RowClass.UNPAID: "未支付（不计入）",
        RowClass.REJECTED: "未采用",
    },
    "en": {
        RowClass.SALE: "sales",
        RowClass.REFUND: "refunds",
        RowClass.NOT_GOODS: "not goods (postage, adjustments …)",
        RowClass.UNPAID: "unpaid (not counted)",
        RowClass.REJECTED: "rejected",
    },
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the `ingest` command to a command line."""
    parser = subparsers.add_parser(
        "ingest", help="导入订单文件 / take an order file into the facts"
    )
    parser.add_argument("file", type=Path, help="CSV，可用 gzip 压缩 / CSV, may be gzipped")
    parser.add_argument("--mapping", help="映射名或 TOML 文件 / mapping's name or TOML file")
    parser.add_argument("--facts", type=Path, required=True, help="订单数据目录 / facts folder")
    parser.add_argument("--dry-run", action="store_true", help="只检查 / check only")
    parser.add_argument("--buyer-key-file", type=Path, help="买家密钥文件 / key for buyers' hashes")
    parser.add_argument(
        "--covers-until",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="数据完整到哪一天 / last day that the export covers in full",
    )
    parser.add_argument("--lang", choices=LANGUAGES, help="输出语言 / language of the messages")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry out `ingest`; return 0, or 1 when nothing was imported, with the reason on stderr."""
    # The command line as a whole may have a language; this command's own goes first.
    language: str = args.lang or getattr(args, "ui_lang", None) or LANGUAGES[0]
    texts = TEXTS[language]
    try:
        _ingest(args, language=language)
    except FileRefused as refused:
        problem = texts["refused"].format(reason=refused.text(language))
    except MappingError as wrong:
        problem = texts["mapping"].format(reason=wrong.text(language))
    except WeakBuyerKey as weak:
        problem = texts["weak_key"].format(bytes=weak.needed_bytes)
    except BuyerKeyChanged:
        problem = texts["other_key"]
    except FactsDamaged as damaged:
        problem = texts["damaged"].format(reason=damaged)
    except OSError as error:
        problem = texts["system"].format(reason=error)
    else:
        return 0
    sys.stderr.write(problem + "\n")
    return 1


def _ingest(args: argparse.Namespace, *, language: str) -> None:
    texts = TEXTS[language]
    mapping = None if args.mapping is None else find_mapping(args.mapping)
    key = resolve_key(
        facts_root=args.facts,
        key_file=args.buyer_key_file,
        environ=os.environ,
        create=not args.dry_run,
    )
    with _checked(args.file, mapping, key) as checked:
        if args.dry_run:
            _print(*_described(checked, checked, language=language), texts["dry_run"])
            return
        applied = apply(args.facts, checked, covers_until=args.covers_until, language=language)
        _print(
            *_described(checked, applied, language=language), *_outcome(applied, language=language)
        )


def _checked(path: Path, mapping: FileMapping | None, key: bytes) -> CheckedFile:
    """Check the file, with a bar of rows when somebody watches."""
    with tqdm(unit=" rows", leave=False, disable=not sys.stderr.isatty()) as bar:
        return check(
            path,
            mapping=mapping,
            buyer_key=key,
            progress=lambda rows: bar.update(rows - int(bar.n)),
        )


def _described(checked: CheckedFile, outcome: CheckedFile | Applied, *, language: str) -> list[str]:
    """Return the lines about the file; `outcome` is what its rows were counted as in the end."""
    texts, names = TEXTS[language], CLASS_NAMES[language]
    counts = outcome.counts
    lines = [
        texts["file"].format(
            name=checked.file_name,
            mapping=checked.mapping.name[language],
            encoding=checked.encoding.upper(),
        ),
        texts["rows"].format(rows=checked.rows_read),
        *(texts["class"].format(name=names[kind], rows=counts[kind]) for kind in RowClass),
    ]
    lines += [
        texts["reason"].format(name=ROW_NAMES[code][language], rows=rows)
        for code, rows in outcome.rejected.items()
    ]
    parts = " + ".join(f"{counts[kind]:,}" for kind in RowClass)
    lines.append(texts["sum"].format(parts=parts, rows=f"{sum(counts.values()):,}"))
    return lines + _money(checked, texts)


def _money(checked: CheckedFile, texts: Mapping[str, str]) -> list[str]:
    months = sorted({total.month for total in checked.totals})
    if not months:
        return [texts["no_months"]]
    mapping = checked.mapping
    lines = [
        texts["months"].format(first=months[0], last=months[-1], count=len(months)),
        texts["dealers"].format(dealers=checked.dealers, orders=checked.orders),
        texts["money"].format(
            gmv=_amount(checked.gmv_minor, mapping), net=_amount(checked.net_gmv_minor, mapping)
        ),
    ]
    if not mapping.names_refunds:
        lines.append(texts["no_refunds"])
    if checked.formula_cells:
        lines.append(texts["formulas"].format(cells=checked.formula_cells))
    return lines


def _amount(minor: int, mapping: FileMapping) -> str:
    value = Decimal(minor).scaleb(-mapping.exponent)
    return f"{mapping.currency} {value:,.{mapping.exponent}f}"


def _outcome(applied: Applied, *, language: str) -> list[str]:
    texts = TEXTS[language]
    lines = [
        texts["orders"].format(
            new=applied.orders_new,
            replaced=applied.orders_replaced,
            unchanged=applied.orders_unchanged,
            removed=applied.orders_removed,
        ),
        texts["applied" if applied.changed else "same"].format(version=applied.version),
    ]
    if applied.rejected_file is not None:
        lines.append(texts["rejected_file"].format(path=applied.rejected_file))
    return lines


def _print(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
