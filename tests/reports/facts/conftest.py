"""Order files and mappings that the tests of the facts share."""

import csv
import io
import shutil
from pathlib import Path

import pytest

from reports.facts.ingest import check
from reports.facts.mapping import parse_mapping

KEY = b"a key that is only for the tests"
SHOP_HEADER = [
    "no",
    "line",
    "dealer",
    "sku",
    "title",
    "n",
    "price",
    "paid",
    "state",
    "phone",
    "secret",
]
ACG_HEADER = [
    *(
        "订单号",
        "金额",
        "商品名称",
        "数量",
        "支付方式",
        "下单时间",
        "下单IP",
        "下单设备",
        "支付时间",
    ),
    *("订单状态", "联系方式", "发货状态", "优惠券", "客户", "推广人", "分站", "分站手续费"),
    *("接口手续费", "推广分成", "返利"),
]


def shop_document() -> dict:
    """A mapping with every feature, as a TOML document."""
    return {
        "source": "my-shop",
        "name": {"zh-CN": "我的店", "en": "My shop"},
        "money": {"currency": "CNY", "exponent": 2},
        "time": {"zone": "Europe/London", "formats": ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M"]},
        "columns": {
            "order_no": "no",
            "line_no": "line",
            "dealer_ref": "dealer",
            "product_ref": "sku",
            "product_name": "title",
            "quantity": "n",
            "unit_price": "price",
            "occurred_at": "paid",
            "status": "state",
            "buyer": ["phone"],
        },
        "status": {"paid": ["ok"], "unpaid": ["waiting"], "refund": ["back"]},
        "refund": {"order_prefix": "C", "signed": True},
        "not_goods": {"codes": ["POST"], "pattern": "FEE-.*"},
        "drop": ["secret"],
    }


def shop_row(**changes: str) -> dict[str, str]:
    row = {
        "no": "1001",
        "line": "1",
        "dealer": "d1",
        "sku": "A1",
        "title": "月卡",
        "n": "2",
        "price": "10.50",
        "paid": "2026-07-01 10:00:00",
        "state": "ok",
        "phone": "13800000000",
        "secret": "TOP-SECRET",
    }
    return row | changes


def acg_row(**changes: str) -> dict[str, str]:
    row = dict.fromkeys(ACG_HEADER, "")
    row |= {
        "订单号": "202611010001",
        "金额": "19.90",
        "商品名称": "视频会员 月卡",
        "数量": "1",
        "下单IP": "203.0.113.7",
        "支付时间": "2026-11-01 12:00:00",
        "订单状态": "已支付",
        "联系方式": "13912345678",
        "客户": "",
        "分站": "xiaowang",
    }
    return row | changes


def csv_bytes(header, rows, *, encoding="utf-8") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


@pytest.fixture(name="shop_document")
def _shop_document():
    return shop_document()


@pytest.fixture
def shop():
    return parse_mapping(shop_document())


@pytest.fixture
def make_row():
    return shop_row


@pytest.fixture
def make_acg_row():
    return acg_row


@pytest.fixture
def write_shop(tmp_path):
    """Write rows as a shop's file and return its path."""

    def write(*rows: dict[str, str], name: str = "orders.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(csv_bytes(SHOP_HEADER, rows))
        return path

    return write


@pytest.fixture
def write_acg(tmp_path):
    def write(*rows: dict[str, str], encoding: str = "utf-8-sig", name: str = "acg.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(csv_bytes(ACG_HEADER, rows, encoding=encoding))
        return path

    return write


@pytest.fixture
def checked():
    """Check a file and close what was checked when the test ends."""
    opened = []

    def run(path, *, mapping=None, key=KEY, **options):
        result = check(path, mapping=mapping, buyer_key=key, **options)
        opened.append(result)
        return result

    yield run
    for one in opened:
        one.close()


@pytest.fixture
def facts(tmp_path):
    root = tmp_path / "facts"
    yield root
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def real_data():
    """The folder of public data sets beside the project, or a skip that says so."""
    folder = Path(__file__).resolve().parents[4] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("../shared/data is not there: the public data sets are not shipped")
    return folder
