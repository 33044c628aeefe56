"""180 real shops over two years: raw file = facts = pages = PDFs, to the penny.

The figures are recomputed here from the raw file with nothing but csv and Decimal.
"""

import csv
import gzip
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pypdf
import pytest

from reports.facts.ingest import check
from reports.facts.store import apply, open_current
from reports.site.build import BuildSummary, build
from reports.site.view import BuildView, current_build
from reports.verify import verify

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("real-orders"),  # one import and one build for all of them
]

RAW = (
    Path(__file__).resolve().parents[3].parent
    / "shared/data/orders/uci_online_retail_180_dealers.csv.gz"
)
NOT_GOODS = {
    *("POST", "C2", "DOT", "M", "D", "S", "B", "ADJUST", "ADJUST2", "BANK CHARGES"),
    *("CRUK", "AMAZONFEE", "TEST001", "TEST002"),
}
ROW = re.compile(r"^(\d{4})年(\d{1,2})月\*? (-?£[\d,]+\.\d\d) (-?£[\d,]+\.\d\d) (-?£[\d,]+\.\d\d) ")
DATA = re.compile(r'<script[^>]* id="report-data"[^>]*>(.*?)</script>', re.DOTALL)


@dataclass(frozen=True)
class RealSite:
    """The site of all real shops, and how it was built."""

    facts_root: Path
    out: Path
    summary: BuildSummary
    view: BuildView


@pytest.fixture(scope="session")
def real_site(tmp_path_factory) -> RealSite:
    """Import the raw file and build all reports once."""
    if not RAW.exists():
        pytest.skip("needs ../shared/data/orders, which only our own checkouts have")
    root = tmp_path_factory.mktemp("real")
    with check(RAW, mapping=None, buyer_key=b"k" * 32) as checked:
        apply(root / "facts", checked)
    summary = build(facts_root=root / "facts", out=root / "site", workers=2)
    return RealSite(root / "facts", root / "site", summary, current_build(root / "site"))


@pytest.fixture(scope="session")
def from_raw() -> dict[str, dict[str, tuple[int, int]]]:
    """Return dealer -> YYYY-MM -> (GMV, refunds) in pennies, straight from the raw file."""
    if not RAW.exists():
        pytest.skip("needs ../shared/data/orders, which only our own checkouts have")
    sums = defaultdict(lambda: defaultdict(lambda: (0, 0)))
    with gzip.open(RAW, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["sku"] in NOT_GOODS:
                continue
            exact = Decimal(row["qty"]) * Decimal(row["unit_price"])
            pennies = int((exact * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
            if not pennies:
                continue
            month = row["paid_at"][:7]
            gmv, refund = sums[row["dealer_id"]][month]
            if row["order_id"].startswith("C"):
                sums[row["dealer_id"]][month] = (gmv, refund - pennies)
            else:
                sums[row["dealer_id"]][month] = (gmv + pennies, refund)
    return {dealer: dict(months) for dealer, months in sums.items()}


@pytest.fixture(scope="session")
def expected(from_raw) -> dict[str, dict[str, tuple[int, int, int]]]:
    """Return dealer -> month -> (GMV, refunds, net GMV) for every month a report must show."""
    return {
        dealer: {
            month: (gmv, refund, gmv - refund)
            for month in _months_until_the_end(min(months))
            for gmv, refund in [months.get(month, (0, 0))]
        }
        for dealer, months in from_raw.items()
    }


def _months_until_the_end(first):
    day = date.fromisoformat(f"{first}-01")
    while day <= date(2011, 12, 31):
        yield f"{day:%Y-%m}"
        day = (day + timedelta(days=31)).replace(day=1)


def _three(months):
    return {
        row["month"]: (row["gmv_minor"], row["refund_minor"], row["net_gmv_minor"])
        for row in months
    }


def test_the_whole_is_what_the_file_holds(real_site, expected):
    assert real_site.summary.failed == ()
    assert real_site.summary.pdf_missing_reason is None
    assert real_site.summary.built == len(real_site.view.dealers()) == 180
    assert sum(sums[0] for months in expected.values() for sums in months.values()) == 212_189_364
    assert sum(sums[2] for months in expected.values() for sums in months.values()) == 206_167_847


def test_the_facts_hold_every_dealers_months_to_the_penny(real_site, from_raw):
    with open_current(real_site.facts_root).connect() as connection:
        rows = connection.execute(
            "SELECT dealer_ref, month,"
            " sum(CASE WHEN kind = 'sale' THEN amount_minor ELSE 0 END),"
            " -sum(CASE WHEN kind = 'refund' THEN amount_minor ELSE 0 END)"
            " FROM lines WHERE kind <> 'not_goods' GROUP BY 1, 2"
        ).fetchall()
    assert {(ref, month): (int(gmv), int(refund)) for ref, month, gmv, refund in rows} == {
        (ref, month): sums for ref, months in from_raw.items() for month, sums in months.items()
    }


def test_every_report_shows_every_dealers_months_to_the_penny(real_site, expected):
    entries = real_site.view.manifest.dealers.values()
    shown = {
        e.dealer_ref: _three(real_site.view.report_data(e.dealer_ref)["months"]) for e in entries
    }
    with_months = {ref: months for ref, months in shown.items() if months}
    assert with_months == expected
    assert len(shown) == 180


def test_every_page_carries_every_dealers_months_to_the_penny(real_site, expected):
    for ref, months in expected.items():
        page = real_site.view.file(ref, "report.zh-CN.html").read_text(encoding="utf-8")
        (data,) = DATA.findall(page)
        assert _three(json.loads(data)["months"]) == months
        for gmv, refund, net in months.values():
            assert {_pounds(gmv), _pounds(refund), _pounds(net)} <= set(
                re.findall(r"-?£[\d,]+\.\d\d", page)
            )


def test_every_pdf_prints_every_dealers_months_to_the_penny(real_site, expected):
    for ref, months in expected.items():
        reader = pypdf.PdfReader(real_site.view.file(ref, "report.zh-CN.pdf"))
        lines = "\n".join(page.extract_text() for page in reader.pages).splitlines()
        printed = {}
        for line in lines:
            if found := ROW.match(line):
                year, month, *money = found.groups()
                printed[f"{year}-{int(month):02}"] = tuple(money)
        assert printed == {
            month: tuple(_pounds(value) for value in sums) for month, sums in months.items()
        }, ref


def _pounds(pennies):
    sign = "-" if pennies < 0 else ""
    return f"{sign}£{Decimal(abs(pennies)) / 100:,.2f}"


def test_the_second_computation_agrees_with_every_figure(real_site):
    assert verify(real_site.out, real_site.facts_root) == ()


def test_an_unchanged_run_over_all_dealers_builds_none(real_site):
    again = build(facts_root=real_site.facts_root, out=real_site.out, workers=2)
    assert (again.built, again.unchanged) == (0, 180)
    assert again.build_id == real_site.summary.build_id
