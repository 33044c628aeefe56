"""The linter names what authors slip on, with file, line and column, and nothing that is fine."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from courses.__main__ import main
from courses.lint import check, check_course
from courses.load import Reading
from courses.prose import count_han, slips
from courses.remarks import REMARKS

Read = Callable[..., Reading]
ZH = "010-first.zh-CN.md"
EN = "010-first.en.md"
SECOND = "020-second.zh-CN.md"
TODAY = date(2026, 11, 22)
LONG = "店" * 700


def remarks(reading: Reading, *, today: date = TODAY) -> set[tuple[str, str, int, int]]:
    found = check_course(reading, today=today)
    return {(f.code, Path(f.file).name, f.line, f.column) for f in found}


CASES = [
    ("minutes-range", {SECOND: ("minutes: 4", "minutes: 12")}, (SECOND, 4, 1)),
    ("text-length", {}, (SECOND, 1, 1)),
    ("image-without-alt", {SECOND: ("第二节正文", "看 ![](assets/a.svg)")}, (SECOND, 8, 3)),
    ("dead-link", {SECOND: ("第二节正文", "[看](assets/no.png)")}, (SECOND, 8, 5)),
    ("dead-link", {SECOND: ("第二节正文", "[看](../other/course.yaml)")}, (SECOND, 8, 5)),
    ("dead-link", {EN: ("Body", "[x](gone) Body")}, (EN, 6, 5)),
    ("question-without-explanation", {ZH: ("####先看人。\n", "")}, (ZH, 12, 1)),
    ("option-without-feedback", {ZH: ("~群发#会打扰人。", "~群发")}, (ZH, 12, 1)),
    ("option-without-feedback", {ZH: ("=45:0.5#对。", "=45:0.5")}, (ZH, 18, 1)),
    ("several-without-penalty", {ZH: ("~%-100%照抄", "~照抄")}, (ZH, 22, 1)),
    ("language-missing", {}, (SECOND, 1, 1)),
    ("zh-space", {SECOND: ("第二节正文", "第2节")}, (SECOND, 8, 1)),
    ("zh-space", {ZH: ("会打扰人", "打扰3人")}, (ZH, 14, 6)),
    ("zh-space", {SECOND: ("title: 再开口", "title: 第2课")}, (SECOND, 3, 1)),
    ("zh-space", {"course.yaml": ("两节短课", "2节短课")}, ("course.yaml", 3, 11)),
    ("zh-space", {ZH: ("给 20 位", "给20位")}, (ZH, 6, 31)),
    ("zh-punctuation", {SECOND: ("第二节正文。", "正文,还有")}, (SECOND, 8, 2)),
    ("zh-repeated", {SECOND: ("第二节正文。", "好！！")}, (SECOND, 8, 2)),
    ("zh-fullwidth", {SECOND: ("第二节正文。", "共 \uff11 节")}, (SECOND, 8, 3)),
    ("zh-punctuation-space", {SECOND: ("第二节正文。", "先看 ，再说")}, (SECOND, 8, 3)),
]


@pytest.mark.parametrize(("code", "changes", "place"), CASES)
def test_a_slip_is_named_at_its_place(
    read: Read, code: str, changes: dict[str, tuple[str, str]], place: tuple[str, int, int]
) -> None:
    assert (code, *place) in remarks(read(changes))


@pytest.mark.parametrize(("code", "changes", "place"), [c for c in CASES if c[1]])
def test_the_same_course_without_the_slip_has_no_such_remark(
    read: Read, code: str, changes: dict[str, tuple[str, str]], place: tuple[str, int, int]
) -> None:
    assert (code, *place) not in remarks(read())


def test_a_review_is_overdue_the_day_after(read: Read) -> None:
    assert "review-overdue" not in {r[0] for r in remarks(read(), today=date(2027, 6, 30))}
    assert "review-overdue" in {r[0] for r in remarks(read(), today=date(2027, 7, 1))}


def test_two_courses_with_one_order_are_named(read: Read, tmp_path: Path) -> None:
    reading = read()
    other = tmp_path / "shop-102"
    other.mkdir()
    text = (reading.source.folder / "course.yaml").read_text(encoding="utf-8")
    (other / "course.yaml").write_text(text.replace("shop-101", "shop-102"), encoding="utf-8")

    found = {(f.code, Path(f.file).parent.name) for f in check(tmp_path, today=TODAY)}

    assert ("duplicate-order", "shop-102") in found
    assert ("duplicate-order", "shop-101") not in found


@pytest.mark.parametrize(
    "text",
    [
        "2026年11月22日，复购率为 14%。",
        "3 月 8 日，活跃买家 80 人（含新客）。",
        "本店的月GMV 看报告。",
        "用 `SKU编码,数量` 填。",
        "```\n中文abc,\n```",
        '!!! tip "买家少的时候"\n    看人数。',
        "看 [报告](assets/a(1).md)，再 <https://example.com/a,b> 对照。",
        "| 甲 | 乙 |\n|---|---|\n| 好。 | 1 |",
        "他问：“还能退吗？”我说能！",
        "真的？！没想到……",
        "1. 先看人。\n2. 再说话。",
    ],
)
def test_good_chinese_has_no_remarks(text: str) -> None:
    assert list(slips(text)) == []


def test_the_signs_of_a_quiz_are_no_slips() -> None:
    quiz = "::rep-01:: 毛利 \\= 售价？{\n=%50%对#好。\n~错# 不对。\n####看 [报告](a)。\n}"

    assert list(slips(quiz, gift=True)) == []


def test_only_chinese_characters_of_prose_are_counted() -> None:
    assert count_han("老客 30 天，`代码` [看](图.png)\n```\n不算\n```") == 4


def test_every_remark_says_what_and_how_in_both_languages() -> None:
    for code, remark in REMARKS.items():
        for text in (remark.zh, remark.en, remark.fix_zh, remark.fix_en):
            assert text.strip(), code
        assert not list(slips(remark.zh.replace("{value}", "值"))), code


def test_the_command_prints_places_and_fails_on_errors_only(
    read: Read, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read()
    warned = main(["check", str(tmp_path), "--today", "2026-11-22", "--language", "en"])
    first = capsys.readouterr()
    read({ZH: ("minutes: 5", "minutes: 很短")})
    failed = main(["check", str(tmp_path), "--today", "2026-11-22"])
    second = capsys.readouterr()

    assert warned == 0
    assert f"{tmp_path / 'shop-101' / SECOND}:1:1 warning text-length" in first.out
    assert failed == 1
    assert (
        f"{tmp_path / 'shop-101' / ZH}:4:1 error field-invalid 字段 minutes 的值无效" in second.out
    )
    assert main(["check", str(tmp_path / "none")]) == 2


def test_a_strict_check_fails_on_advice_as_well(read: Read, tmp_path: Path) -> None:
    read()

    assert main(["check", str(tmp_path), "--today", "2026-11-22"]) == 0
    assert main(["check", str(tmp_path), "--today", "2026-11-22", "--strict"]) == 1


def test_our_own_courses_have_no_errors() -> None:
    content = Path(__file__).parents[2] / "content" / "courses"

    errors = [found for found in check(content, today=TODAY) if found.is_error]

    assert errors == []
