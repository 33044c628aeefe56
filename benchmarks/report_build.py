"""What a report costs: CPU per page and per PDF, and what a run over unchanged facts costs.

    python benchmarks/report_build.py [--dealers 40] [--workers 2]

Synthetic dealers with buyers and 24 months, from a fixed seed. CPU time is what to compare: wall
time depends on who else uses the machine. The last line is one JSON object.
"""

import argparse
import csv
import json
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from reports.facts.ingest import check
from reports.facts.mapping import find_mapping
from reports.facts.store import apply, open_current
from reports.metrics.dealer import DealerReport
from reports.metrics.report import reports_of
from reports.render.assets import write_assets
from reports.render.pages import render_dealer
from reports.render.pdf import PdfRenderer
from reports.site.build import build

_WARM_UP = 3
_MONTHS = 24
_ORDERS_A_MONTH = 12


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dealers", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        lines = _import(root, arguments.dealers)
        started = time.process_time()
        reports = list(reports_of(open_current(root / "facts")))
        figures_ms = (time.process_time() - started) * 1000 / len(reports)
        result = {
            "dealers": len(reports),
            "order_lines": lines,
            "figures_cpu_ms_per_dealer": round(figures_ms, 2),
            **_one_by_one(reports, root),
            **_whole_site(root, arguments.workers),
        }
    print(json.dumps(result))


def _import(root: Path, dealers: int) -> int:
    """Import synthetic orders into root/facts and return how many lines there are."""
    mapping = find_mapping("acg-faka")
    with (root / "orders.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, mapping.header, restval="")
        writer.writeheader()
        writer.writerows(_orders(dealers))
    with check(root / "orders.csv", mapping=mapping, buyer_key=b"k" * 32) as checked:
        apply(root / "facts", checked)
        return checked.rows_read


def _orders(dealers: int) -> Iterator[dict[str, object]]:
    """Yield orders as the shop system exports them."""
    dice = random.Random(20261122)  # noqa: S311 – a fixed seed, not a secret
    for dealer in range(dealers):
        for month in range(_MONTHS):
            for number in range(_ORDERS_A_MONTH):
                paid = f"{2024 + month // 12}-{month % 12 + 1:02}-{dice.randint(1, 28):02} 12:00:00"
                product = dice.randint(1, 15)
                yield {
                    "订单号": f"{dealer}-{month}-{number}",
                    "金额": f"{dice.randint(100, 90_000) / 100:.2f}",
                    "商品名称": f"商品 {product}",
                    "数量": dice.randint(1, 3),
                    "支付时间": paid,
                    "下单时间": paid,
                    "订单状态": "已支付",
                    "发货状态": "已发货",
                    "客户": f"buyer {dice.randint(1, 40)}",
                    "分站": f"shop{dealer:05}",
                }


def _one_by_one(reports: list[DealerReport], root: Path) -> dict[str, float]:
    """Return the median CPU milliseconds of one page and of one PDF in a warm process."""
    assets = write_assets(root / "assets")
    renderer = PdfRenderer()

    def page(report: DealerReport) -> object:
        return render_dealer(report, language="zh-CN", home_url=None, assets=assets)

    def pdf(report: DealerReport) -> object:
        return renderer.render(report, language="zh-CN")

    return {
        "page_cpu_ms": round(_median_ms(page, reports), 2),
        "pdf_cpu_ms": round(_median_ms(pdf, reports), 1),
    }


def _median_ms(render: Callable[[DealerReport], object], reports: list[DealerReport]) -> float:
    """Return the median CPU milliseconds of `render` after a warm-up."""
    spent = []
    for report in reports:
        started = time.process_time()
        render(report)
        spent.append((time.process_time() - started) * 1000)
    return statistics.median(spent[_WARM_UP:] or spent)


def _whole_site(root: Path, workers: int) -> dict[str, float]:
    """Return the cost of a first build and of a run in which nothing changed."""
    figures: dict[str, float] = {}
    for run in ("build", "rerun"):
        before = _cpu_seconds()
        summary = build(facts_root=root / "facts", out=root / "site", workers=workers)
        figures[f"{run}_cpu_seconds"] = round(_cpu_seconds() - before, 3)
        figures[f"{run}_seconds"] = round(summary.seconds, 3)
        figures[f"{run}_built"] = summary.built
    figures["rerun_cpu_ratio"] = round(
        figures["rerun_cpu_seconds"] / figures["build_cpu_seconds"], 5
    )
    return figures


def _cpu_seconds() -> float:
    """Return the CPU time of this process and of its ended children."""
    own, ended = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


if __name__ == "__main__":
    main()
