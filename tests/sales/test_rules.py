"""How an import may move, and how its file's name is shown."""

import pytest

from portal.sales import rules
from portal.sales.rules import IllegalMove, State


@pytest.mark.parametrize("current", State)
@pytest.mark.parametrize("target", State)
def test_an_import_moves_only_as_the_table_says(current, target):
    if target in rules.MOVES[current]:
        assert rules.move(current=current, target=target) is target
    else:
        with pytest.raises(IllegalMove, match=f"{current} -> {target}"):
            rules.move(current=current, target=target)


def test_nothing_leads_out_of_what_is_over():
    assert [state for state in State if not rules.MOVES[state]] == [
        State.REFUSED,
        State.IMPORTED,
        State.DISCARDED,
    ]


def test_an_import_comes_into_the_facts_only_by_confirmation():
    assert rules.sources_of(State.IMPORTED) == {State.CONFIRMED}
    assert rules.sources_of(State.CONFIRMED) == {State.CHECKED, State.FAILED}


@pytest.mark.asvs("V5.4.1")
@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("orders.csv", "orders.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\shop\\十月.csv", "十月.csv"),
        ("a\u202egpj.csv", "agpj.csv"),
        ("a\x00b\r\nc.csv", "abc.csv"),
        ("  many   spaces.csv ", "many spaces.csv"),
        ("", ""),
        (None, ""),
        ("folder/", ""),
    ],
)
def test_a_file_name_is_one_plain_line_without_folders(raw, shown):
    assert rules.shown_name(raw) == shown


def test_a_long_file_name_keeps_its_ending():
    name = rules.shown_name("订单" * 200 + ".csv.gz")

    assert len(name) <= rules.MAX_NAME_CHARS
    assert name.endswith(".csv.gz")
    assert "…" in name


@pytest.mark.asvs("V5.2.2")
@pytest.mark.parametrize(
    ("name", "packed", "wrong"),
    [
        ("orders.csv", False, None),
        ("ORDERS.TXT", False, None),
        ("订单.tsv.gz", True, None),
        ("orders.csv.gz", False, rules.Ending.SAYS_PACKED),
        ("orders.csv", True, rules.Ending.SAYS_PLAIN),
        ("orders.exe", False, rules.Ending.UNEXPECTED),
        ("orders.gz", True, rules.Ending.UNEXPECTED),
        ("orders", False, rules.Ending.UNEXPECTED),
        ("csv", False, rules.Ending.UNEXPECTED),
    ],
)
def test_the_ending_of_a_name_says_what_the_content_is(name, packed, wrong):
    assert rules.wrong_ending(name, packed=packed) == wrong
