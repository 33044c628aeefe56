"""The dry run: every row is exactly one thing, and the sums agree with a plain recomputation."""

import gzip
import tempfile
from collections import Counter
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.facts import engine
from reports.facts.classify import RowClass
from reports.facts.ingest import check
from reports.facts.mapping import parse_mapping
from reports.facts.reasons import LANGUAGES, ROW_NAMES, ROW_REASONS, FileRefused


def lines_of(checked_file):
    with engine.connect() as db:
        found = db.execute(
            f"SELECT kind, order_no, line_no, occurred_at, quantity, amount_minor, buyer_key, "
            f"product_ref FROM {engine.parquet(checked_file.staged)} ORDER BY row_no"
        )
        return found.fetchall()


def classes(checked_file):
    return {kind.value: rows for kind, rows in checked_file.counts.items() if rows}


@pytest.mark.parametrize(
    ("changes", "kind", "amount"),
    [
        ({}, "sale", 2100),
        ({"no": "C1", "n": "-2"}, "refund", -2100),
        ({"state": "back", "n": "-1"}, "refund", -1050),
        ({"sku": "POST"}, "not_goods", 2100),
        ({"sku": "FEE-9", "price": "-3"}, "not_goods", -600),
        ({"sku": "POST", "price": "0"}, "not_goods", 0),
        ({"no": "C2", "sku": "POST", "n": "-1"}, "not_goods", -1050),
        ({"price": "0.001"}, "sale", 0),
    ],
)
def test_an_accepted_row_is_sale_refund_or_no_goods_with_its_sign(
    shop, make_row, write_shop, checked, changes, kind, amount
):
    result = checked(write_shop(make_row(**changes)), mapping=shop)

    assert classes(result) == {kind: 1}
    assert lines_of(result)[0][5] == amount
    assert [(total.month, total.kind, total.amount_minor) for total in result.totals] == [
        ("2026-07", kind, amount)
    ]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"state": "lost"}, "bad_status", "state"),
        ({"dealer": " "}, "missing_dealer", "dealer"),
        ({"no": ""}, "missing_value", "no"),
        ({"title": ""}, "missing_value", "title"),
        ({"title": "x" * 501}, "too_long", "title"),
        ({"paid": "soon"}, "bad_time", "paid"),
        ({"paid": ""}, "missing_value", "paid"),
        ({"paid": "1066-10-14 09:00:00"}, "implausible_time", "paid"),
        ({"n": "two"}, "bad_number", "n"),
        ({"n": "1.5"}, "not_whole", "n"),
        ({"n": "99999999999"}, "number_too_large", "n"),
        ({"price": "9999999999999999"}, "number_too_large", "price"),
        ({"price": "0.0"}, "zero_price", "price"),
        ({"n": "0"}, "zero_quantity", "n"),
        ({"n": "-2"}, "negative_sale", "n"),
        ({"price": "-2"}, "negative_sale", "price"),
        ({"no": "C1"}, "positive_refund", "n"),
        ({"line": "first"}, "bad_number", "line"),
    ],
)
def test_a_wrong_row_is_rejected_with_reason_column_and_value(
    shop, make_row, write_shop, checked, changes, code, field
):
    result = checked(write_shop(make_row(no="7"), make_row(**changes)), mapping=shop)

    assert classes(result) == {"sale": 1, "rejected": 1}
    [rejection] = result.rejections()
    assert (rejection.row, rejection.code, rejection.field) == (3, code, field)
    for language in LANGUAGES:
        assert rejection.text(language)
        assert ROW_NAMES[code][language]


def test_a_refund_list_counts_every_row_as_refund_of_its_first_order(tmp_path, checked):
    path = tmp_path / "refunds.csv"
    path.write_text(
        "退款单号,订单号,分站,商品名称,数量,退款金额,退款时间,退款原因\n"
        "R1,2026A,xiaowang,月卡,1,19.90,2026-11-02 08:00:00,充错号 13800000000\n"
        "R2,2026B,xiaowang,月卡,1,-19.90,2026-11-02 08:00:00,\n",
        encoding="utf-8-sig",
    )

    result = checked(path)

    assert result.mapping.source == "alliance-refunds"
    assert classes(result) == {"refund": 1, "rejected": 1}
    assert lines_of(result)[0][4:6] == (-1, -1990)
    [rejection] = result.rejections()
    assert rejection.code == "negative_refund"
    assert "退款原因" not in rejection.excerpt


def test_an_acg_faka_export_is_recognised_and_keeps_no_contact(
    write_acg, make_acg_row, checked, tmp_path
):
    path = write_acg(
        make_acg_row(),
        make_acg_row(订单号="2", 联系方式="13912345678", 数量="x"),
        make_acg_row(订单号="3", 订单状态="未支付", 支付时间="", 分站=""),
        make_acg_row(订单号="4", 订单状态="未知", 支付时间=""),
        make_acg_row(订单号="5", 客户="wang"),
        make_acg_row(订单号="6", 分站=""),
    )

    result = checked(path, work_dir=tmp_path)

    assert (result.mapping.source, result.encoding) == ("acg-faka", "utf-8")
    assert classes(result) == {"sale": 2, "unpaid": 2, "rejected": 2}
    assert result.rejected == {"bad_number": 1, "missing_dealer": 1}
    kept = b"".join(file.read_bytes() for file in result.folder.iterdir())
    text = "".join(str(line) for line in lines_of(result)) + kept.decode("utf-8", "replace")
    assert "13912345678" not in text
    assert "203.0.113.7" not in text
    buyers = [line[6] for line in lines_of(result) if line[0] == "sale"]
    assert None not in buyers
    assert len(set(buyers)) == 2


def test_a_gbk_export_reads_like_one_in_utf_8(write_acg, make_acg_row, checked):
    plain = checked(write_acg(make_acg_row()))
    gbk = checked(write_acg(make_acg_row(), encoding="gbk", name="gbk.csv"))

    assert gbk.encoding == "gb18030"
    assert lines_of(gbk) == lines_of(plain)


def test_a_row_of_another_width_shows_none_of_its_cells(shop, make_row, write_shop, checked):
    # One cell more moves the phone number under another column's name.
    path = write_shop(make_row())
    with path.open("a", encoding="utf-8") as file:
        file.write("1002,1,d1,A1,月卡,2,10.50,2026-07-01 10:00:00,ok,extra,13800000000,s\n1003\n")

    result = checked(path, mapping=shop)

    assert result.rejected == {"wrong_column_count": 2}
    assert [rejection.excerpt for rejection in result.rejections()] == [{}, {}]
    assert "13800000000" not in (result.folder / "rejected.jsonl").read_text(encoding="utf-8")


def test_an_order_line_that_comes_twice_counts_once(shop, make_row, write_shop, checked):
    result = checked(write_shop(make_row(), make_row(line="2"), make_row(price="99")), mapping=shop)

    assert classes(result) == {"sale": 2, "rejected": 1}
    [rejection] = result.rejections()
    assert (rejection.row, rejection.code, rejection.value) == (4, "duplicate_line", "1001")
    assert result.gmv_minor == 4200


def test_without_line_numbers_equal_lines_are_all_kept_and_numbered(
    shop, make_row, write_shop, checked
):
    columns = {field: name for field, name in shop.columns.items() if field != "line_no"}

    result = checked(write_shop(make_row(), make_row()), mapping=replace(shop, columns=columns))

    assert classes(result) == {"sale": 2}
    assert [line[2] for line in lines_of(result)] == [1, 2]


def test_an_order_first_unpaid_then_paid_in_one_file_is_no_double(write_acg, make_acg_row, checked):
    result = checked(write_acg(make_acg_row(订单状态="未支付"), make_acg_row(), make_acg_row()))

    assert classes(result) == {"sale": 1, "unpaid": 1, "rejected": 1}


def test_formulas_are_kept_as_they_are_and_counted(shop, make_row, write_shop, checked):
    attack = "=cmd|' /C calc'!A0"

    result = checked(write_shop(make_row(sku=attack, title=attack)), mapping=shop)

    assert result.formula_cells == 2
    assert lines_of(result)[0][7] == attack


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("no,line,dealer,sku,title,n,price,paid,state,phone\n", "header_only", ""),
        ("no,line,dealer,sku,title,n,price,paid,phone\n1\n", "missing_column", "state"),
        ("no,line,dealer,sku,title,n,n,price,paid,state,phone\n1\n", "doubled_column", "n"),
        ("no,line,dealer,sku,title,n,price,paid,state\n1\n", "missing_column", "phone"),
    ],
)
def test_a_file_without_the_columns_is_refused_by_their_name(
    shop, tmp_path, checked, text, code, named
):
    path = tmp_path / "orders.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(FileRefused) as refused:
        checked(path, mapping=shop, work_dir=tmp_path)

    assert refused.value.code == code
    assert refused.value.params.get("column", "") == named
    assert list(tmp_path.iterdir()) == [path], "temporary files stayed behind"


def test_an_unknown_header_names_the_columns_found(tmp_path, checked):
    path = tmp_path / "orders.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")

    with pytest.raises(FileRefused) as refused:
        checked(path)

    assert refused.value.code == "unknown_header"
    assert "a、b" in refused.value.text("zh-CN")
    assert "a, b" in refused.value.text("en")


def test_a_packed_file_is_read_like_the_plain_one(shop, make_row, write_shop, checked, tmp_path):
    plain = write_shop(make_row())
    packed = tmp_path / "orders.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert lines_of(checked(packed, mapping=shop)) == lines_of(checked(plain, mapping=shop))


def test_progress_is_told_in_rows(shop, make_row, write_shop, checked, monkeypatch):
    monkeypatch.setattr("reports.facts.ingest._PROGRESS_EVERY", 2)
    told = []

    checked(write_shop(*[make_row()] * 5), mapping=shop, progress=told.append)

    assert told == [2, 4]


def test_every_row_reason_has_a_name_and_a_text_in_both_languages():
    assert set(ROW_NAMES) == set(ROW_REASONS)
    for texts in (*ROW_REASONS.values(), *ROW_NAMES.values()):
        assert set(texts) == set(LANGUAGES)


PRICES = st.one_of(
    st.decimals("-50", "5000", places=3).map(str),
    st.sampled_from(["0", "", "free", "1e3", "0.005"]),
)
ROWS = st.fixed_dictionaries(
    {
        "no": st.sampled_from(["1", "2", "C3", "C4", "", "=1+1"]),
        "dealer": st.sampled_from(["d1", "d2", ""]),
        "sku": st.sampled_from(["A", "POST", 'quo"te', "comma,", "换\n行"]),
        "n": st.sampled_from(["1", "3", "-2", "0", "1.5", "many", "-1"]),
        "price": PRICES,
        "paid": st.sampled_from(
            ["2026-03-29 01:30:00", "2026-04-01 00:00:00", "2026/5/1 9:05", "?"]
        ),
        "state": st.sampled_from(["ok", "ok", "ok", "waiting", "back", "?"]),
    }
)


def naive(rows):
    """The classes and sums of rows by the rules as a person would state them."""
    counts, sums = Counter(), Counter()
    for row in rows:
        kind, month, minor = naive_row(row)
        counts[kind] += 1
        if month:
            sums[month, kind] += minor
    return counts, sums


def naive_row(row):
    if row["state"] == "waiting":
        return "unpaid", None, 0
    wrong = (
        row["state"] == "?"
        or not row["no"]
        or not row["dealer"]
        or row["n"] in ("1.5", "many")
        or row["price"] in ("", "free", "1e3")
        or row["paid"] == "?"
    )
    if wrong:
        return "rejected", None, 0
    quantity, price = int(row["n"]), Decimal(row["price"])
    minor = int((quantity * price * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    month = row["paid"][:7].replace("/5/", "-05").replace("/", "-")
    if row["sku"] == "POST":
        return "not_goods", month, minor
    refund = row["no"].startswith("C") or row["state"] == "back"
    right = quantity < 0 < price if refund else quantity > 0 and price > 0
    return (("refund" if refund else "sale"), month, minor) if right else ("rejected", None, 0)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(ROWS, min_size=1, max_size=30))
def test_rows_always_add_up_and_sums_equal_a_plain_recomputation(
    shop_document, make_row, write_shop, rows
):
    shop_document["columns"].pop("line_no", None)
    path = write_shop(*(make_row(**row) for row in rows))

    with check(path, mapping=parse_mapping(shop_document), buyer_key=b"k" * 32) as result:
        counts, sums = naive(rows)
        assert result.rows_read == len(rows) == sum(result.counts.values())
        assert {kind.value: n for kind, n in result.counts.items() if n} == counts
        assert {(t.month, t.kind): t.amount_minor for t in result.totals} == dict(sums)
        assert sum(1 for _ in result.rejections()) == result.counts[RowClass.REJECTED]
    assert not result.folder.exists()


def test_what_was_checked_goes_when_nobody_holds_it(shop, make_row, write_shop):
    result = check(write_shop(make_row()), mapping=shop, buyer_key=b"k" * 32)
    folder = result.folder
    assert folder.parent == Path(tempfile.gettempdir())

    del result

    assert not folder.exists()
