"""GIFT is read as Moodle reads it, and mistakes are named with line, column and remedy."""

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.gift.model import (
    Choices,
    FreeText,
    Item,
    Matches,
    Numbers,
    Truth,
    Words,
)
from courses.gift.parse import parse
from courses.gift_remarks import GIFT_REMARKS


def only(text: str) -> Item:
    """The single question of a text without remarks."""
    parsed = parse(text)
    assert parsed.findings == ()
    (item,) = parsed.items
    return item


def test_a_single_choice_keeps_options_feedback_and_explanation() -> None:
    item = only("::k1:: 先做什么？{\n=先分层#对。\n~群发#会打扰人。\n####先看人，再说话。\n}")

    assert item.key == "k1"
    assert item.stem.text == "先做什么？"
    assert isinstance(item.body, Choices)
    assert not item.body.several
    assert [(c.text.text, c.right) for c in item.body.choices] == [
        ("先分层", True),
        ("群发", False),
    ]
    assert item.body.choices[1].feedback is not None
    assert item.body.choices[1].feedback.text == "会打扰人。"
    assert item.general is not None
    assert item.general.text == "先看人，再说话。"


def test_percentages_without_a_right_answer_make_several_choosable() -> None:
    item = only("洲？{~%50%亚洲 ~%50%非洲 ~%-100%中国}")

    assert isinstance(item.body, Choices)
    assert item.body.several
    assert [c.percent for c in item.body.choices] == [Decimal(50), Decimal(50), Decimal(-100)]


def test_the_first_feedback_of_a_statement_is_for_the_wrong_reply() -> None:
    item = only("太阳从东边升起。{TRUE#再想想#对####常识}")

    assert isinstance(item.body, Truth)
    assert item.body.holds
    assert item.body.feedback_wrong is not None
    assert item.body.feedback_wrong.text == "再想想"
    assert item.body.feedback_right is not None
    assert item.body.feedback_right.text == "对"


@pytest.mark.parametrize(
    ("answer", "low", "high"),
    [("3", "3", "3"), ("3:0.1", "2.9", "3.1"), ("1..5", "1", "5"), ("-5..-2.5", "-5", "-2.5")],
)
def test_a_number_may_be_exact_with_tolerance_or_a_range(answer: str, low: str, high: str) -> None:
    item = only(f"多少？{{#{answer}}}")

    assert isinstance(item.body, Numbers)
    (found,) = item.body.answers
    assert (found.low, found.high) == (Decimal(low), Decimal(high))


def test_several_weighted_numbers_and_a_catch_all_are_read() -> None:
    item = only("哪年？{#\n=1822:0#对\n=%50%1822:2#差一点\n~#差得远\n}")

    assert isinstance(item.body, Numbers)
    assert [a.percent for a in item.body.answers] == [None, Decimal(50), None]
    assert item.body.answers[2].low is None
    assert not item.body.answers[2].right


def test_only_right_answers_with_arrows_are_pairs_to_match() -> None:
    item = only("首都？{=加拿大 -> 渥太华 =日本->东京}")

    assert isinstance(item.body, Matches)
    assert [(p.left.text, p.right) for p in item.body.pairs] == [
        ("加拿大", "渥太华"),
        ("日本", "东京"),
    ]


def test_only_right_answers_without_arrows_are_words_to_type() -> None:
    item = only("谁？{=无人 =没有人}")

    assert isinstance(item.body, Words)
    assert [a.text.text for a in item.body.answers] == ["无人", "没有人"]


def test_a_gap_keeps_the_text_after_it() -> None:
    item = only("店里应{=先核对 ~先退款}再处理。")

    assert item.stem.text == "店里应"
    assert item.tail == "再处理。"


def test_empty_braces_are_an_essay_and_none_a_description() -> None:
    essay, description = parse("写一写。{}\n\n只是说明。").items

    assert isinstance(essay.body, FreeText)
    assert description.body is None


def test_escapes_formats_and_line_breaks_mean_what_the_author_meant() -> None:
    item = only("::a\\:b:: [markdown]第一行\\n- 项 {\n=毛利 \\= 售价 - 进价\n~[html]<b>x</b>\n}")

    assert item.key == "a:b"
    assert item.stem.format == "markdown"
    assert item.stem.text == "第一行\n- 项"
    assert isinstance(item.body, Choices)
    assert item.body.choices[0].text.text == "毛利 = 售价 - 进价"
    assert item.body.choices[1].text.format == "html"


def test_comments_disappear_but_ids_and_tags_in_them_stay() -> None:
    item = only("// [id:7] [tag:a] [tag:b-c]\n题{\n// 这里的 } 不算\n=甲\n~乙\n}")

    assert (item.id, item.tags) == ("7", ("a", "b-c"))
    assert isinstance(item.body, Choices)
    assert len(item.body.choices) == 2


def test_a_category_holds_for_the_questions_after_it() -> None:
    first, second = parse("$CATEGORY: 上/下\n\n题{T}\n\n题二{F}").items

    assert (first.category, second.category) == ("上/下", "上/下")


def test_a_question_knows_its_line_and_column() -> None:
    parsed = parse("说明\n\n// 注释\n  题{=甲 ~乙}")

    item = parsed.items[1]
    assert (item.line, item.column) == (4, 3)
    assert isinstance(item.body, Choices)
    assert (item.body.choices[1].line, item.body.choices[1].column) == (4, 9)


MISTAKES = [
    ("gift-unclosed-brace", "题{=甲 ~乙", 1, 2),
    ("gift-blank-line-in-answers", "题{\n=甲\n\n~乙\n}", 2, 3),
    ("gift-blank-line-in-answers", "题{\n=甲\n\n~乙\n\n~丙\n}", 4, 3),
    ("gift-missing-blank-line", "::a:: 题{T}\n::b:: 题{F}", 2, 1),
    ("gift-missing-blank-line", "题一{T}\n题二{F}", 2, 3),
    ("gift-stray-brace", "题}", 1, 2),
    ("gift-stray-brace", "题{T} 后}", 1, 7),
    ("gift-fullwidth-brace", "题｛＝甲 ～乙｝", 1, 2),
    ("gift-fullwidth-brace", "题{=甲 ~乙｝", 1, 8),
    ("gift-fullwidth-sign", "题{\n=甲\n～乙\n}", 3, 1),
    ("gift-fullwidth-sign", "题{=甲＃对 ~乙}", 1, 5),
    ("gift-fullwidth-sign", "：：a：：题{T}", 1, 1),
    ("gift-unknown-escape", "题 \\d{T}", 1, 3),
    ("gift-inner-sign", "题{=毛利=售价 ~乙}", 1, 6),
    ("gift-unclosed-title", "::a 题{T}", 1, 1),
    ("gift-empty-answer", "题{=甲 ~}", 1, 7),
    ("gift-text-outside-answers", "题{甲 =乙 ~丙}", 1, 3),
    ("gift-bad-weight", "题{~%abc%甲 ~%100%乙}", 1, 4),
    ("gift-bad-weight", "题{~%500%甲 ~%100%乙}", 1, 4),
    ("gift-bad-number", "题{#三}", 1, 4),
    ("gift-range-reversed", "题{#5..1}", 1, 4),
    ("gift-same-answer", "题{=甲 ~乙 ~ 乙}", 1, 11),
    ("gift-no-right-answer", "题{~甲 ~乙}", 1, 3),
    ("gift-no-right-answer", "题{~%50%甲 ~%20%乙}", 1, 3),
    ("gift-no-right-answer", "题{#~3}", 1, 4),
    ("gift-few-answers", "题{~%100%甲}", 1, 3),
    ("gift-half-matching", "题{=甲->乙 =丙}", 1, 5),
    ("gift-too-large", "题" * 200_001, 1, 1),
]


@pytest.mark.parametrize(("code", "text", "line", "column"), MISTAKES)
def test_a_mistake_is_named_at_its_place(code: str, text: str, line: int, column: int) -> None:
    found = [(f.code, f.line, f.column) for f in parse(text).findings]

    assert (code, line, column) in found


def test_every_remark_about_gift_has_an_example() -> None:
    assert {mistake[0] for mistake in MISTAKES} == set(GIFT_REMARKS)


def test_a_mistake_does_not_hide_the_questions_around_it() -> None:
    parsed = parse("好题{T}\n\n坏题{=甲 ~乙\n\n又一题{F}")

    assert [item.stem.text for item in parsed.items] == ["好题", "又一题"]
    assert parsed.has_errors


def test_fullwidth_braces_in_a_text_are_left_alone_when_the_answers_have_their_own() -> None:
    assert only("集合｛1｝有几个元素？{#1}").stem.text == "集合｛1｝有几个元素？"


def test_a_windows_file_with_a_byte_order_mark_reads_like_any_other() -> None:
    assert only("\ufeff题{\r\n=甲\r\n~乙\r\n}") == only("题{\n=甲\n~乙\n}")


@given(st.text(alphabet="甲a ~=#{}:%\\\n/[]<>-.1｛｝＝～＃：$", max_size=60))
def test_no_text_makes_the_parser_fail_and_every_place_is_in_the_text(text: str) -> None:
    parsed = parse(text)
    lines = text.split("\n")

    for found in parsed.findings:
        assert 1 <= found.line <= len(lines)
        assert 1 <= found.column <= len(lines[found.line - 1]) + 1


def test_a_huge_text_is_read_in_good_time() -> None:
    started = time.process_time()

    parse("题{" + "～＃" * 90_000 + "}")
    parse("题{" + "=" * 190_000 + "}")
    parse("题{\n\n" * 40_000)

    assert time.process_time() - started < 20
