"""Categories for exports that name none: from the mapping file, or from whoever calls."""

import tomllib
from pathlib import Path

import pytest

from reports.facts import mapping, store
from reports.facts.ingest import check

HEADER = (
    "订单号,金额,商品名称,数量,支付方式,下单时间,下单IP,下单设备,支付时间,订单状态,联系方式,发货状态,"
    "优惠券,客户,推广人,分站,分站手续费,接口手续费,推广分成,返利"
)
KEY = b"k" * 32


def order(number: int, product: str) -> str:
    return (
        f"{number},10.00,{product},1,支付宝,2026-10-01 10:00:00,192.0.2.1,PC,2026-10-01 10:00:09,"
        "已支付,qq,已发货,,kefu,,xiaolu,0,0,0,0"
    )


@pytest.fixture
def orders(tmp_path):
    path = tmp_path / "orders.csv"
    rows = [HEADER, order(1, "点券 648"), order(2, "视频年卡"), order(3, "没见过的")]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8-sig")
    return path


def stored(tmp_path, orders, **more) -> dict[str, str | None]:
    with check(orders, mapping=None, buyer_key=KEY, **more) as checked:
        store.apply(tmp_path / "facts", checked)
    connection = store.open_current(tmp_path / "facts").connect()
    rows = connection.execute("SELECT product_name, category FROM lines").fetchall()
    connection.close()
    return dict(rows)


def test_a_callers_categories_are_kept_with_each_line(tmp_path, orders):
    categories = {"点券 648": "游戏充值", "视频年卡": "影音会员"}

    found = stored(tmp_path, orders, categories=categories)

    assert found == {"点券 648": "游戏充值", "视频年卡": "影音会员", "没见过的": None}


def test_without_them_a_line_has_no_category(tmp_path, orders):
    assert set(stored(tmp_path, orders).values()) == {None}


def test_the_same_file_with_better_categories_mends_what_it_brought(tmp_path, orders):
    stored(tmp_path, orders)

    found = stored(tmp_path, orders, categories={"视频年卡": "影音会员"})

    assert found["视频年卡"] == "影音会员"
    assert len(found) == 3


def test_a_mapping_file_may_name_categories():
    document = dict(_document(), categories={"点券 648": "游戏充值"})

    assert mapping.parse_mapping(document).categories == {"点券 648": "游戏充值"}


@pytest.mark.parametrize("wrong", [{"点券 648": 5}, {"点券 648": " "}])
def test_a_category_that_is_no_text_is_named(wrong):
    with pytest.raises(mapping.MappingError) as error:
        mapping.parse_mapping(dict(_document(), categories=wrong))

    assert error.value.key == "categories.点券 648"


def _document() -> dict[str, object]:
    profile = Path(mapping.__file__).parent / "profiles" / "acg-faka.toml"
    return tomllib.loads(profile.read_text(encoding="utf-8"))
