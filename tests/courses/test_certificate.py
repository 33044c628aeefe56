"""Numbers that survive being read out and typed, and names that strangers may see."""

import random

import pytest

from courses.certificate import ALPHABET, LENGTH, NotANumber, masked, new_number, number, written
from courses.open_badge import LIST_BITS, bits


def drawn(seed: int) -> str:
    return new_number(random.Random(seed).randrange)


def is_number(text: str) -> bool:
    try:
        number(text)
    except NotANumber:
        return False
    return True


def test_a_number_is_read_whatever_its_case_spaces_and_dashes():
    plain = drawn(1)

    assert len(plain) == LENGTH
    assert number(f"  {written(plain).lower()} ") == plain
    assert number(" ".join(plain)) == plain
    assert written(plain).count("-") == 2


def test_letters_that_look_like_others_are_read_as_those():
    one = next(each for each in map(drawn, range(200)) if "1" in each and "V" in each)

    assert number(one.replace("1", "l").replace("V", "u")) == one


@pytest.mark.parametrize("seed", range(20))
def test_every_mistyped_character_and_every_two_that_changed_places_are_noticed(seed):
    plain = drawn(seed)
    wrong = {
        plain[:at] + other + plain[at + 1 :]
        for at in range(LENGTH)
        for other in ALPHABET
        if other != plain[at]
    }
    wrong |= {
        plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :]
        for at in range(LENGTH - 2)
        if plain[at] != plain[at + 1]
    }

    assert [each for each in wrong if is_number(each)] == []


@pytest.mark.parametrize("text", ["", "7K3M", "0" * 12, "7K3M-9XQ2-PV40", "x" * 400, "=1+1"])
def test_what_is_no_number_is_refused(text):
    assert not is_number(text)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("林小鹿", "林**"),
        ("王一", "王*"),
        ("林", "林*"),
        ("欧阳小鹿", "欧**"),
        ("Wen Jing", "W. J."),
        ("madonna", "M."),
        ("", "—"),
        ("   ", "—"),
    ],
)
def test_a_masked_name_tells_little(name, shown):
    assert masked(name) == shown


def test_equal_lists_are_packed_alike_and_hold_every_bit():
    assert bits([]) == bits([])
    assert bits([0, LIST_BITS - 1]) != bits([0])
    with pytest.raises(IndexError):
        bits([LIST_BITS])
