"""Formulas in cells: recognised, kept as text, defused on the way out."""

import pytest

from reports.facts.quality import is_formula, safe_cell


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "@SUM(1+9)*cmd|' /C calc'!A0",
        "+cmd",
        "-2+3+cmd|' /C calc'!A0",
        "  =1+1",
        "\t=1",
        "\r=1",
        "＝1+1",
        'DDE ("cmd";"/C calc";"!A0")A0',
    ],
)
def test_a_formula_gets_an_apostrophe(cell):
    assert is_formula(cell)
    assert safe_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "月卡", "-12.50", "+3", "a=b", "D1", "2026-11-22", "DDEX"])
def test_ordinary_cells_and_signed_numbers_stay_as_they_are(cell):
    assert safe_cell(cell) == cell


@pytest.mark.real
def test_every_known_attack_is_recognised(real_data):
    lines = (real_data / "attack" / "csv_injection.txt").read_text(encoding="utf-8").splitlines()

    assert lines
    assert [line for line in lines if not is_formula(line)] == []
