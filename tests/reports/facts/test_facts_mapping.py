"""A mapping file is a feature for users: a wrong key is named, a right one is read."""

import tomllib
from pathlib import Path

import pytest

from reports.facts.mapping import (
    _TABLES,
    MappingError,
    find_mapping,
    parse_mapping,
    recognise,
    shipped,
)
from reports.facts.reasons import LANGUAGES, MAPPING_REASONS

# Where two keys disagree the error names the one that can be mended without the other.
NAMED_INSTEAD = {
    ("columns.unit_price", "amount_or_price"): "columns.amount",
    ("columns.status", "no_status_column"): "status.paid",
    ("file.header", "not_in_header"): "columns.product_name",
}


def with_key(document: dict, dotted: str, value: object) -> dict:
    *tables, last = dotted.split(".")
    place = document
    for name in tables:
        place = place.setdefault(name, {})
    if value is None:
        place.pop(last)
    else:
        place[last] = value
    return document


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("source", None, "not_a_text"),
        ("source", "My Shop", "bad_source"),
        ("colour", "red", "unknown_key"),
        ("time.zome", "UTC", "unknown_key"),
        ("name.en", None, "not_a_text"),
        ("name", "a shop", "not_a_table"),
        ("money.currency", "yuan", "bad_currency"),
        ("money.exponent", True, "bad_exponent"),
        ("money.exponent", 9, "bad_exponent"),
        ("time.zone", "Asia/Peking", "bad_zone"),
        ("time.zone", "../../etc/passwd", "bad_zone"),
        ("time.formats", [], "no_time_format"),
        ("time.formats", ["%H:%M"], "bad_time_format"),
        ("file.encodings", ["utf-9"], "bad_encoding"),
        ("file.encodings", ["rot13"], "bad_encoding"),
        ("file.delimiter", "::", "not_a_choice"),
        ("file.quoting", "perl", "not_a_choice"),
        ("columns.order_no", None, "not_a_text"),
        ("columns.amount", "price", "amount_or_price"),
        ("columns.unit_price", None, "amount_or_price"),
        ("columns.region", "secret", "column_dropped"),
        ("columns.region", "phone", "column_dropped"),
        ("file.header", ["no", "dealer"], "not_in_header"),
        ("status.paid", None, "no_paid_status"),
        ("status.unpaid", ["ok"], "doubled_status"),
        ("columns.status", None, "no_status_column"),
        ("refund.signed", "yes", "not_a_flag"),
        ("not_goods.codes", "POST", "not_a_list"),
        ("not_goods.pattern", "(", "bad_pattern"),
    ],
)
def test_a_wrong_mapping_is_refused_by_the_name_of_its_key(shop_document, key, value, code):
    document = with_key(shop_document, key, value)

    with pytest.raises(MappingError) as error:
        parse_mapping(document)

    assert error.value.code == code
    assert error.value.key == NAMED_INSTEAD.get((key, code), key)
    assert error.value.key in error.value.text("zh-CN")


def test_the_mapping_of_the_tests_is_right_until_a_key_is_spoilt(shop_document):
    assert parse_mapping(shop_document).source == "my-shop"


def test_every_shipped_mapping_is_recognised_by_its_header_in_any_order():
    for mapping in shipped():
        assert recognise(tuple(reversed(mapping.header))).source == mapping.source


def test_a_header_with_a_column_more_is_not_recognised():
    for mapping in shipped():
        assert recognise((*mapping.header, "卡密")) is None


def test_a_mapping_is_found_by_name_or_by_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        (
            'source = "mine"\n[name]\nzh-CN = "我的"\nen = "mine"\n[money]\ncurrency = "JPY"\n'
            'exponent = 0\n[time]\nzone = "Asia/Tokyo"\nformats = ["%Y-%m-%d"]\n[columns]\n'
            'order_no = "a"\ndealer_ref = "b"\nproduct_name = "c"\nquantity = "d"\namount = "e"\n'
            'occurred_at = "f"\n'
        ),
        encoding="utf-8",
    )

    assert find_mapping("acg-faka").currency == "CNY"
    assert find_mapping(str(path)).exponent == 0
    with pytest.raises(MappingError, match="acg-faka"):
        find_mapping("no-such-shop")


def test_a_broken_mapping_file_is_named(tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text("source = ", encoding="utf-8")

    with pytest.raises(MappingError, match=r"broken\.toml"):
        find_mapping(str(path))


def test_every_mapping_problem_has_a_text_in_both_languages():
    for code, texts in MAPPING_REASONS.items():
        assert set(texts) == set(LANGUAGES), code


@pytest.fixture
def guide():
    return (Path(__file__).resolve().parents[3] / "docs" / "mapping-files.md").read_text("utf-8")


def test_the_example_in_the_guide_is_a_right_mapping(guide):
    example = guide.split("```toml\n")[1].split("```")[0]

    mapping = parse_mapping(tomllib.loads(example))

    assert mapping.source == "my-shop"
    assert mapping.buyer_columns == ("邮箱",)


def test_the_guide_explains_every_key_and_every_shipped_mapping(guide):
    chinese, english = guide.split("\n---\n")
    for part in (chinese, english):
        for mapping in shipped():
            assert mapping.source in part
        for table, keys in _TABLES.items():
            for key in keys:
                assert f"{table}.{key}" in part or f"`.{key}`" in part, f"{table}.{key}"
