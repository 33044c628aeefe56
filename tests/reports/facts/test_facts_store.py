"""The store: the same file changes nothing, a newer order replaces, a version never changes."""

import csv
import os
import shutil
from dataclasses import replace
from datetime import date

import pytest

from reports.facts import store, versions
from reports.facts.classify import RowClass
from reports.facts.engine import LINE_COLUMNS
from reports.facts.reasons import LANGUAGES
from reports.facts.versions import FactsDamaged, NoFacts


def lines(facts_root):
    with store.open_current(facts_root).connect() as db:
        return db.execute(
            "SELECT order_no, line_no, kind, amount_minor FROM lines ORDER BY order_no, line_no"
        ).fetchall()


@pytest.fixture
def take(facts, shop, write_shop, checked):
    """Import rows as one file."""

    def run(*rows, name="orders.csv", mapping=shop, **options):
        return store.apply(facts, checked(write_shop(*rows, name=name), mapping=mapping), **options)

    return run


def test_the_table_has_exactly_the_agreed_columns_and_types(facts, take, make_row):
    take(make_row(), make_row(no="C1", n="-1", paid="2026-08-01 00:00:00"))

    with store.open_current(facts).connect() as db:
        described = db.execute("DESCRIBE lines").fetchall()
        row = dict(zip(LINE_COLUMNS, db.execute("SELECT * FROM lines").fetchone(), strict=True))

    assert [(name, kind) for name, kind, *_ in described] == [
        ("source", "VARCHAR"),
        ("dealer_ref", "VARCHAR"),
        ("order_no", "VARCHAR"),
        ("line_no", "INTEGER"),
        ("kind", "VARCHAR"),
        ("occurred_on", "DATE"),
        ("occurred_at", "TIMESTAMP"),
        ("month", "VARCHAR"),
        ("product_ref", "VARCHAR"),
        ("product_name", "VARCHAR"),
        ("category", "VARCHAR"),
        ("region", "VARCHAR"),
        ("quantity", "INTEGER"),
        ("amount_minor", "BIGINT"),
        ("currency", "VARCHAR"),
        ("buyer_key", "VARCHAR"),
        ("original_order_no", "VARCHAR"),
        ("file_id", "VARCHAR"),
    ]
    assert (row["source"], row["kind"], row["currency"]) == ("my-shop", "sale", "CNY")
    assert (row["occurred_on"], row["month"]) == (date(2026, 7, 1), "2026-07")
    assert row["category"] is None
    assert len(row["file_id"]) == 16


def test_a_snapshot_tells_what_the_facts_hold(facts, take, make_row):
    applied = take(make_row(), make_row(no="C1", n="-1", paid="2026-08-03 09:00:00"))

    snapshot = store.open_current(facts)

    assert snapshot.version == applied.version
    assert snapshot.months == ("2026-07", "2026-08")
    assert snapshot.facts_until == date(2026, 8, 3)
    assert snapshot.counts == {"refund": 1, "sale": 1}
    assert snapshot.currency_of == {"d1": "CNY"}
    assert snapshot.names_refunds
    assert [path.name for path in snapshot.paths] == [
        "lines-2026-07.parquet",
        "lines-2026-08.parquet",
    ]


def test_the_same_file_twice_changes_nothing(facts, take, make_row):
    first = take(make_row(), make_row(no="1002"))
    pointer = (facts / "CURRENT").stat().st_mtime_ns

    second = take(make_row(), make_row(no="1002"))

    assert (first.changed, first.orders_new) == (True, 2)
    assert (second.changed, second.orders_new, second.orders_unchanged) == (False, 0, 2)
    assert second.version == first.version
    assert second.months_written == ()
    assert (facts / "CURRENT").stat().st_mtime_ns == pointer
    assert len(list((facts / "versions").iterdir())) == 1


def test_the_same_files_in_another_store_give_the_same_version(
    facts, take, make_row, shop, write_shop, checked, tmp_path
):
    version = take(make_row()).version

    other = store.apply(tmp_path / "other", checked(write_shop(make_row()), mapping=shop))

    assert other.version == version


def test_an_order_found_again_replaces_the_earlier_one_as_a_whole(facts, take, make_row):
    take(make_row(), make_row(line="2"), make_row(no="1002"))

    applied = take(make_row(price="7"), make_row(no="1002"), name="later.csv")

    assert (applied.orders_replaced, applied.orders_unchanged) == (1, 1)
    assert lines(facts) == [("1001", 1, "sale", 1400), ("1002", 1, "sale", 2100)]


def test_an_order_that_moves_to_another_month_leaves_the_first(facts, take, make_row):
    take(make_row())

    applied = take(make_row(paid="2026-09-01 00:00:00"), name="later.csv")

    assert applied.months_written == ("2026-07", "2026-09")
    assert store.open_current(facts).months == ("2026-09",)
    assert len(lines(facts)) == 1


def test_an_order_found_unpaid_now_goes(facts, take, make_row):
    take(make_row(), make_row(no="1002"))

    applied = take(make_row(state="waiting"), name="later.csv")

    assert applied.orders_removed == 1
    assert [line[0] for line in lines(facts)] == ["1002"]


def test_orders_of_two_sources_with_the_same_number_stand_side_by_side(facts, take, make_row, shop):
    take(make_row())
    take(make_row(), mapping=replace(shop, source="other-shop"), name="other.csv")

    assert len(lines(facts)) == 2


def test_a_refund_list_does_not_replace_the_orders_of_its_own_source(facts, take, make_row, shop):
    refunds = replace(shop, refunds=replace(shop.refunds, every_row=True, signed=False))
    take(make_row())

    take(make_row(price="3"), mapping=refunds, name="refunds.csv")
    again = take(make_row(price="1"), mapping=refunds, name="refunds-2.csv")

    assert again.orders_replaced == 1
    assert sorted(lines(facts)) == [("1001", 1, "refund", -200), ("1001", 1, "sale", 2100)]


def test_a_mended_mapping_replaces_all_that_the_same_file_brought(facts, take, make_row, shop):
    """Order number and dealer were mixed up, and every row was taken for a refund."""
    wrong = replace(
        shop,
        columns={**shop.columns, "order_no": "dealer", "dealer_ref": "no"},
        refunds=replace(shop.refunds, every_row=True, signed=False),
    )
    take(make_row(no="7", price="1"), name="another.csv")
    take(make_row(), make_row(no="1002", dealer="d2"), mapping=wrong)

    applied = take(make_row(), make_row(no="1002", dealer="d2"))

    assert (applied.orders_new, applied.orders_removed) == (2, 2)
    assert lines(facts) == [
        ("1001", 1, "sale", 2100),
        ("1002", 1, "sale", 2100),
        ("7", 1, "sale", 200),
    ]


def test_only_changed_months_are_written_and_the_others_shared(facts, take, make_row):
    take(make_row(), make_row(no="1002", paid="2026-08-01 10:00:00"))
    july = versions.month_path(store.open_current(facts).paths[0].parent, "2026-07")

    applied = take(make_row(no="1003", paid="2026-08-02 10:00:00"), name="later.csv")

    after = store.open_current(facts).paths[0]
    assert applied.months_written == ("2026-08",)
    assert after != july
    assert after.stat().st_ino == july.stat().st_ino
    assert len(lines(facts)) == 3


def test_a_file_system_without_links_gets_copies(facts, take, make_row, monkeypatch):
    def no_links(*_):
        raise OSError("not supported")

    monkeypatch.setattr(os, "link", no_links)
    take(make_row())

    take(make_row(no="1002", paid="2026-08-01 10:00:00"), name="later.csv")

    assert len(lines(facts)) == 2


def test_lines_are_kept_sorted_by_dealer_and_time(facts, take, make_row):
    take(
        make_row(no="3", dealer="b"),
        make_row(no="2", dealer="a", paid="2026-07-02 10:00:00"),
        make_row(no="1", dealer="a"),
    )

    with store.open_current(facts).connect() as db:
        assert [row[0] for row in db.execute("SELECT order_no FROM lines").fetchall()] == [
            "1",
            "2",
            "3",
        ]


def test_a_dealers_second_currency_is_refused_line_by_line(facts, take, make_row, shop):
    take(make_row())
    pounds = replace(shop, currency="GBP", source="other-shop")

    applied = take(
        make_row(no="5"), make_row(no="6", dealer="d2"), mapping=pounds, name="pounds.csv"
    )

    assert applied.rejected == {"currency_mismatch": 1}
    assert sum(applied.counts.values()) == applied.rows_read == 2
    assert applied.counts[RowClass.REJECTED] == 1
    assert store.open_current(facts).currency_of == {"d1": "CNY", "d2": "GBP"}
    assert "CNY" in applied.rejected_file.read_text(encoding="utf-8")


def test_a_file_that_brings_all_orders_again_may_correct_the_currency(facts, take, make_row, shop):
    take(make_row(), make_row(no="1002"))

    applied = take(make_row(), make_row(no="1002"), mapping=replace(shop, currency="JPY"))

    assert applied.orders_replaced == 2
    assert store.open_current(facts).currency_of == {"d1": "JPY"}


def test_rejected_rows_are_kept_with_reason_without_secrets_and_without_formulas(
    facts, take, make_row
):
    attack = "=cmd|' /C calc'!A0"

    applied = take(make_row(), make_row(no="2", title=attack, n="x"), language="en")

    with applied.rejected_file.open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file)
    assert applied.rejected_file.parent == facts / "rejected"
    assert (row["row"], row["reason_code"], row["column"], row["value"]) == (
        "3",
        "bad_number",
        "n",
        "x",
    )
    assert row["title"] == f"'{attack}"
    text = applied.rejected_file.read_text(encoding="utf-8")
    assert "TOP-SECRET" not in text
    assert "13800000000" not in text


def test_a_list_of_rejected_rows_goes_when_the_mapping_was_mended(facts, take, make_row, shop):
    before = take(make_row(state="fine"))
    assert before.rejected_file.exists()

    after = take(make_row(state="fine"), mapping=replace(shop, paid=frozenset({"fine"})))

    assert after.rejected_file is None
    assert list((facts / "rejected").iterdir()) == []


def test_both_languages_have_headings_for_rejected_rows(facts, take, make_row):
    for language in LANGUAGES:
        assert take(make_row(n="x"), language=language).rejected_file.read_bytes()


def test_a_declared_last_day_moves_the_end_of_the_facts(facts, take, make_row):
    take(make_row())

    declared = take(make_row(), covers_until=date(2026, 7, 31))
    again = take(make_row(), covers_until=date(2026, 7, 31))

    assert (declared.changed, again.changed) == (True, False)
    assert store.open_current(facts).facts_until == date(2026, 7, 31)


def test_another_buyer_key_is_refused_before_it_splits_buyers_in_two(
    facts, take, make_row, shop, write_shop, checked
):
    version = take(make_row()).version
    other = checked(write_shop(make_row(no="9")), mapping=shop, key=b"another key of enough bytes")

    with pytest.raises(store.BuyerKeyChanged):
        store.apply(facts, other)

    assert store.open_current(facts).version == version


def test_three_versions_are_kept_and_a_reader_of_an_earlier_one_is_served(facts, take, make_row):
    take(make_row())
    reader = store.open_current(facts)
    for number in range(2, 4):
        take(make_row(no=str(number)), name=f"{number}.csv")
    with reader.connect() as db:
        assert db.execute("SELECT count(*) FROM lines").fetchone() == (1,)

    take(make_row(no="5"), name="5.csv")

    assert len(list((facts / "versions").iterdir())) == versions.KEPT_VERSIONS
    assert len(lines(facts)) == 4


def test_going_back_to_earlier_content_gives_the_earlier_version(facts, take, make_row):
    first = take(make_row())
    take(make_row(price="5"), name="wrong.csv")

    back = take(make_row())

    assert (back.version, back.changed) == (first.version, True)
    assert lines(facts) == [("1001", 1, "sale", 2100)]


def test_a_file_of_unpaid_orders_only_is_no_facts(facts, take, make_row):
    applied = take(make_row(state="waiting"))

    assert applied.counts[RowClass.UNPAID] == 1
    with pytest.raises(NoFacts):
        store.open_current(facts)
    assert take(make_row()).orders_new == 1


def test_an_empty_folder_holds_no_facts(facts):
    with pytest.raises(NoFacts):
        store.open_current(facts)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 99}'])
def test_a_damaged_store_is_named_and_never_written_over(facts, take, make_row, content):
    take(make_row())
    manifest = store.open_current(facts).paths[0].parent / "manifest.json"
    manifest.write_text(content, encoding="utf-8")

    with pytest.raises(FactsDamaged, match=r"manifest\.json"):
        store.open_current(facts)
    with pytest.raises(FactsDamaged):
        take(make_row(no="2"), name="later.csv")

    shutil.rmtree(manifest.parent)
    with pytest.raises(FactsDamaged):
        store.open_current(facts)


def test_any_folder_name_will_do(take, make_row, shop, write_shop, checked, tmp_path):
    root = tmp_path / "it's [a] *strange* ? 目录"

    store.apply(root, checked(write_shop(make_row()), mapping=shop))
    store.apply(root, checked(write_shop(make_row(no="2"), name="b.csv"), mapping=shop))

    assert len(lines(root)) == 2
