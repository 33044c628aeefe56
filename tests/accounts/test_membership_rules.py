"""Who may do what, when a link opens, and which shops are so alike that somebody should look."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.accounts.membership import rules
from portal.accounts.membership.rules import Act, Identity, LinkState, Standing

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def test_a_member_sees_and_leaves_and_decides_nothing():
    assert rules.MAY[Standing.MEMBER] == {Act.SEE_MEMBERS, Act.LEAVE}


def test_an_operator_has_nothing_to_hand_over_and_nowhere_to_leave():
    assert {Act.LEAVE, Act.HAND_OVER}.isdisjoint(rules.MAY[Standing.OPERATOR])
    assert Act.APPROVE not in rules.MAY[Standing.OWNER]


def test_the_last_owner_cannot_go_but_one_of_two_can():
    rules.check_owner_remains(owner_ids=[1, 2], leaving_id=1)
    rules.check_owner_remains(owner_ids=[1], leaving_id=7)
    with pytest.raises(rules.LastOwner):
        rules.check_owner_remains(owner_ids=[1], leaving_id=1)


@pytest.mark.parametrize(
    ("used", "withdrawn", "left", "state"),
    [
        (None, None, timedelta(seconds=1), LinkState.OPEN),
        (None, None, timedelta(0), LinkState.EXPIRED),
        (NOW, None, timedelta(days=1), LinkState.USED),
        (None, NOW, timedelta(days=1), LinkState.WITHDRAWN),
        (NOW, None, timedelta(days=-1), LinkState.USED),
    ],
)
def test_a_link_says_why_it_does_not_open(used, withdrawn, left, state):
    found = rules.link_state(used_at=used, withdrawn_at=withdrawn, expires_at=NOW + left, at=NOW)

    assert found is state


@pytest.mark.asvs("V6.4.1", "V11.5.1")
def test_a_token_has_256_bits_and_only_its_hash_is_kept():
    tokens = {rules.new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert {len(each) for each in tokens} == {43}  # 32 bytes in base64 without padding
    assert all(rules.token_hash(each) != each for each in tokens)


@pytest.mark.parametrize("typed", ["13800138000", "138 0013 8000", "+86 138-0013-8000"])
def test_one_number_is_one_identity_however_it_is_typed(typed):
    assert rules.identity(typed) == Identity(phone="+8613800138000")


def test_a_mail_address_is_an_identity_and_nonsense_is_none():
    assert rules.identity(" Lin@Example.COM ") == Identity(mail="lin@example.com")
    assert rules.identity("小鹿") is None


def test_an_identity_is_masked_so_that_only_its_owner_knows_it():
    assert rules.masked("+8613800138000") == "138****8000"
    assert rules.masked("linxiaolu@example.com") == "li***@example.com"
    assert rules.readable("+8613800138000") == "138 0013 8000"


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ("小鹿点卡铺", "小鹿点卡", True),
        ("小鹿 点卡 旗舰店", "小鹿点卡铺", True),
        ("小鹿点卡铺", "阿成游戏屋", False),
        ("小店", "网店", False),
    ],
)
def test_shops_whose_names_differ_by_common_words_are_alike(first, second, alike):
    assert rules.are_similar(first, second) is alike


def test_numbers_one_slip_apart_are_found():
    assert rules.differ_in_one_digit("+8613800138000", "+8613800138001")
    assert not rules.differ_in_one_digit("+8613800138000", "+8613800138000")
    assert not rules.differ_in_one_digit("+8613800138000", "+8613800138011")
