"""The life cycle of feedback, and what is hidden before anything is stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.feedback import rules
from portal.feedback.rules import MOVES, IllegalMove, Secret, State


@pytest.mark.parametrize("current", State)
@pytest.mark.parametrize("target", State)
def test_a_step_is_allowed_exactly_when_the_table_lists_it(current, target):
    if target in MOVES[current]:
        assert rules.move(current=current, target=target) is target
    else:
        with pytest.raises(IllegalMove):
            rules.move(current=current, target=target)


def test_every_state_but_the_first_can_be_reached():
    reached = {target for targets in MOVES.values() for target in targets}

    assert reached == set(State) - {State.NEW}


def test_what_shipped_or_was_declined_stays_so():
    assert not MOVES[State.SHIPPED]
    assert not MOVES[State.DECLINED]


@pytest.mark.parametrize(
    ("current", "after"),
    [(State.NEW, State.ANSWERED), (State.LINKED, State.LINKED), (State.SHIPPED, State.SHIPPED)],
)
def test_an_answer_settles_only_what_is_new(current, after):
    assert rules.after_answer(current) is after


def test_the_chips_of_a_dealer_together_hold_every_state_once():
    single = [chip for chip in rules.Chip if chip is not rules.Chip.ALL]
    states = [state for chip in single for state in rules.CHIP_STATES[chip]]

    assert sorted(states) == sorted(State)


def test_a_headline_is_one_short_line():
    assert rules.headline("到账太慢了\n客人一直催") == "到账太慢了 客人一直催"
    assert rules.headline("一" * 30) == "一" * rules.HEADLINE_CHARS + "…"


@pytest.mark.parametrize(
    "number",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+8613800138000",
        "+86 13800138000",
        "".join(chr(ord(digit) + 0xFEE0) for digit in "13800138000"),  # full width
    ],
)
def test_a_mobile_number_is_hidden_however_it_is_written(number):
    assert rules.mask(f"客人{number}没收到").text == f"客人{Secret.PHONE}没收到"


@pytest.mark.parametrize("card", ["33010619900307123X", "330106199003071234"])
def test_an_id_card_number_is_hidden(card):
    assert rules.mask(f"身份证 {card}，帮查").text == f"身份证 {Secret.ID_CARD}，帮查"


@pytest.mark.parametrize(
    "secret",
    [
        "a1b2c3d4e5f6",
        "GIFT2026XMASCODE",
        "ABCD-1234-EFGH",
        "1234-5678-9012-3456",
        "AB12 CD34 EF56",
        "6222 0212 3456 7890",
    ],
)
def test_a_card_secret_is_hidden(secret):
    assert rules.mask(f"码是：{secret}，用不了").text == f"码是：{Secret.CARD}，用不了"


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("卡密：998877665544", f"卡密：{Secret.CARD}"),
        ("卡号 10086123", f"卡号 {Secret.CARD}"),
        ("CDKEY=X7Y8Z9", f"CDKEY={Secret.CARD}"),
        ("兑换码是 445566", f"兑换码是 {Secret.CARD}"),
    ],
)
def test_what_is_called_a_secret_is_hidden_even_when_it_is_short(said, stored):
    assert rules.mask(said).text == stored


def test_a_mail_address_is_hidden():
    assert rules.mask("发到a.b+c@mail.example.com了").text == f"发到{Secret.MAIL}了"


def test_the_shops_own_name_is_hidden():
    masked = rules.mask("小鹿点卡铺的客人都在问", shop_name="小鹿点卡铺")

    assert masked.text == f"{Secret.SHOP}的客人都在问"
    assert masked.hidden == (Secret.SHOP,)


@pytest.mark.parametrize(
    "harmless",
    [
        "兑换码提示已被使用，这个月第 3 个了",
        "2026-11-22 14:30 充的，等了 40 分钟",
        "订单号 202611221234567899 查不到",  # digits only, and no date of birth inside
        "充 648 和 1980 都慢，退了 12345 元",
        "VD-CW-YEAR 年卡",
        "STEAM CARD 2026 有货吗",
        "客服 10086 打不通，400-820-8820 也占线",
        "iPhone15 上打不开",
    ],
)
def test_ordinary_words_and_figures_stay(harmless):
    assert rules.mask(harmless) == rules.Masked(text=harmless, hidden=())


def test_what_was_hidden_is_counted_place_by_place():
    masked = rules.mask("13800138000 和 13900139000，a@b.cn")

    assert masked.hidden == (Secret.MAIL, Secret.PHONE, Secret.PHONE)


@given(st.text(alphabet="aB1-2 @.x卡密码：", max_size=60))
def test_masking_twice_changes_nothing(text):
    once = rules.mask(text).text

    assert rules.mask(once).text == once


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"), st.text(alphabet="客人说 ，。", max_size=8))
def test_no_mobile_number_survives_among_chinese_words(number, around):
    assert number not in rules.mask(f"{around}{number}{around}").text
