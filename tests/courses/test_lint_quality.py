"""The linter also names what a course uses badly or gives away; the same without it is silent."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from courses.captions import CaptionsInvalid, read_captions
from courses.lint import check, check_content, check_course
from courses.load import Reading
from courses.quality_remarks import QUALITY_REMARKS
from courses.use_remarks import USE_REMARKS

Read = Callable[..., Reading]
Changes = dict[str, tuple[str, str] | str | None]
ZH = "010-first.zh-CN.md"
EN = "010-first.en.md"
SECOND = "020-second.zh-CN.md"
TODAY = date(2026, 11, 22)
VTT = "WEBVTT\n\n00:01.000 --> 00:04.000\n老客先分层\n"
FILM = "video: {src: assets/a.mp4, seconds: 240, captions: {zh-CN: assets/a.vtt, en: assets/a.vtt}}"


def body(text: str) -> Changes:
    return {SECOND: ("第二节正文。", text)}


def film(vtt: str = VTT, line: str = FILM, **more: str) -> Changes:
    return {
        ZH: ("minutes: 5\n", f"minutes: 5\n{line}\n"),
        "assets/a.mp4": "film",
        "assets/a.vtt": vtt,
        **more,
    }


def checked(check: str, days: int = 7) -> Changes:
    return {ZH: ("within_days: 7}", f"within_days: {days}, check: {check}}}")}


def quiz(*questions: str) -> Changes:
    numbered = (f"::x-{at}:: {text}" for at, text in enumerate(questions))
    block = "\n\n".join(numbered)
    rule = "required: false\npass: {rule: m_of_n, m: 1, n: 1}"
    front = f"---\nid: shop-101/z\ntitle: 三\nminutes: 4\nkpi: []\n{rule}\n---\n"
    return {"030-z.zh-CN.md": f"{front}文\n\n```gift\n{block}\n```\n"}


LONG = "题{=先按买过的次数分层再联系#对 ~群发#错 ~不管#错 ####看}"
SHORT = "题{=先分层再联系#对 ~给所有人群发#错 ####看}"

# The small course has one single choice of its own, whose options are equally long.
# Code, the course with the slip, where it is, and the course without it.
CASES: list[tuple[str, Changes, tuple[str, int, int], Changes]] = [
    ("dead-link", body("[看](/courses/gone-101)"), (SECOND, 8, 5), body("[看](/courses/shop-101)")),
    ("dead-link", body("[看](third)"), (SECOND, 8, 5), body("[看](first)")),
    ("dead-link", body("[看](../gone-101/first)"), (SECOND, 8, 5), body("[看](../shop-101/first)")),
    ("dead-link", body("[看](/about/gone)"), (SECOND, 8, 5), body("[看](/about/help)")),
    ("dead-link", body("[看][a]\n\n[a]: third"), (SECOND, 10, 6), body("[看][a]\n\n[a]: first")),
    (
        "dead-link",
        body("![图](assets/../course.yaml)"),
        (SECOND, 8, 6),
        {**body("![图](assets/a.svg)"), "assets/a.svg": "x"},
    ),
    (
        "dead-anchor",
        body("## 怎么退\n\n[看](#s-怎样退)"),
        (SECOND, 10, 5),
        body("## 怎么退\n\n[看](#s-怎么退)"),
    ),
    ("dead-anchor", body("[看](first#s-x)\n\n## 有"), (SECOND, 8, 5), body("[看](first)\n\n## 有")),
    ("link-to-file", body(f"[看]({ZH})"), (SECOND, 8, 5), body("[看](first)")),
    ("link-insecure", body("[站](http://a.cn)"), (SECOND, 8, 5), body("[站](https://a.cn)")),
    ("link-says-nothing", body("[点击这里](first)"), (SECOND, 8, 2), body("[第一课](first)")),
    ("list-joined", body("先看：\n- 甲\n- 乙"), (SECOND, 9, 1), body("先看：\n\n- 甲\n  续\n- 乙")),
    (
        "list-joined",
        body("先看：\n1. 甲"),
        (SECOND, 9, 1),
        body("先看：\n\n1. 甲\n\n    续\n2. 乙"),
    ),
    ("list-indent", body("1. 甲\n   - 乙"), (SECOND, 9, 1), body("1. 甲\n    - 乙\n\n段\n\n- 丙")),
    ("heading-level", body("# 一"), (SECOND, 8, 1), body("## 一")),
    ("heading-level", body("## 一\n\n#### 二"), (SECOND, 10, 1), body("## 一\n\n### 二\n\n## 三")),
    ("en-fullwidth", {EN: ("Body", "Body，")}, (EN, 6, 5), {EN: ("Body", "Body “复购率，” ")}),
    ("film-longer", film(line=FILM.replace("240", "301")), (ZH, 5, 1), film()),
    (
        "captions-language",
        film(line=FILM.replace(", en: assets/a.vtt", "")),
        (ZH, 5, 1),
        film(),
    ),
    ("captions-invalid", film("00:01.000 --> 00:04.000\n好\n"), ("a.vtt", 1, 1), film()),
    ("captions-invalid", film(VTT + "\n00:5 --> 00:09\n好\n"), ("a.vtt", 6, 1), film()),
    ("captions-invalid", film("WEBVTT\n"), ("a.vtt", 2, 1), film()),
    ("captions-beyond", film(VTT.replace("00:04", "04:03")), ("a.vtt", 3, 1), film()),
    ("asset-unused", film(**{"assets/b.svg": "x"}), ("b.svg", 1, 1), film()),
    ("asset-heavy", film(VTT + "\n" * 200_001), ("a.vtt", 1, 1), film()),
    (
        "check-plenty",
        checked("{measure: new_products, at_least: 31}"),
        (ZH, 6, 66),
        checked("{measure: new_products, at_least: 30}"),
    ),
    (
        "check-plenty",
        checked("{measure: refund_rate, at_most: 9}"),
        (ZH, 6, 66),
        checked("{measure: refund_rate, at_most: 10}"),
    ),
    (
        "check-window",
        checked("{measure: average_order, at_least: 500}", days=6),
        (ZH, 6, 66),
        checked("{measure: average_order, at_least: 500}"),
    ),
    ("course-without-check", {}, ("course.yaml", 1, 1), checked("{measure: orders, at_least: 5}")),
    (
        "lesson-without-quiz",
        {SECOND: ("required: false", "required: true")},
        (SECOND, 1, 1),
        {SECOND: ("required: false", "required: false")},
    ),
    (
        "right-is-longest",
        quiz(*[LONG] * 4, SHORT),
        ("030-z.zh-CN.md", 12, 1),
        quiz(*[LONG] * 3, SHORT, SHORT),
    ),
    ("right-is-longest", quiz(*[LONG] * 3), ("030-z.zh-CN.md", 12, 1), quiz(*[LONG] * 2)),
    (
        "truth-always-same",
        quiz(*["题{T#错#对####看}"] * 5),
        ("030-z.zh-CN.md", 12, 1),
        quiz(*["题{T#错#对####看}"] * 4, "题{F#错#对####看}"),
    ),
    (
        "option-all-of-them",
        quiz("题{=甲#对 ~以上都对#错 ####看}"),
        ("030-z.zh-CN.md", 12, 17),
        quiz("题{=甲#对 ~乙#错 ####看}"),
    ),
]


@pytest.fixture
def found(read: Read, tmp_path: Path) -> Callable[[Changes], set[tuple[str, str, int, int]]]:
    """Check the course within a library that has a page called help."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "help.zh-CN.md").write_text("帮助", encoding="utf-8")

    def finder(changes: Changes) -> set[tuple[str, str, int, int]]:
        library = tmp_path / "courses"
        folder = read(changes).source.folder
        library.mkdir(exist_ok=True)
        folder.rename(library / folder.name)
        findings = check(library, today=TODAY)
        (library / folder.name).rename(folder)
        return {(f.code, Path(f.file).name, f.line, f.column) for f in findings}

    return finder


@pytest.mark.parametrize(("code", "changes", "place", "better"), CASES)
def test_a_slip_is_named_at_its_place_and_the_better_text_is_not(
    found: Callable[[Changes], set[tuple[str, str, int, int]]],
    code: str,
    changes: Changes,
    place: tuple[str, int, int],
    better: Changes,
) -> None:
    wrong = found(changes)
    assert (code, *place) in wrong, wrong

    right = found({**dict.fromkeys(changes), **better, **kept(changes, better)})

    assert code not in {remark[0] for remark in right}, right


def kept(changes: Changes, better: Changes) -> Changes:
    """The original files that `better` does not mention and that must not be deleted."""
    return {name: ("", "") for name in changes if name in {ZH, EN, SECOND} and name not in better}


def test_every_remark_of_these_has_a_case() -> None:
    cases = {case[0] for case in CASES}

    assert set(QUALITY_REMARKS) <= cases
    assert len(USE_REMARKS) == 11  # these are shown in test_uses.py


def test_a_single_course_may_be_checked_without_its_library(read: Read) -> None:
    reading = read(body("[看](/courses/other-101) 和 [看](first)"))

    assert [f.code for f in check_course(reading, today=TODAY)].count("dead-link") == 1


def test_a_content_folder_is_checked_with_its_paths(read: Read, tmp_path: Path) -> None:
    folder = read().source.folder
    (tmp_path / "content" / "courses").mkdir(parents=True)
    (tmp_path / "content" / "paths").mkdir()
    folder.rename(tmp_path / "content" / "courses" / folder.name)
    path = tmp_path / "content" / "paths" / "p.yaml"
    text = "id: p\ntitle: {zh-CN: 一}\nsummary: {zh-CN: 二}\ncourses: [shop-101, gone]\n"
    path.write_text(text, encoding="utf-8")

    codes = {f.code for f in check_content(tmp_path / "content", today=TODAY)}
    path.write_text(text.replace(", gone", ""), encoding="utf-8")
    better = {f.code for f in check_content(tmp_path / "content", today=TODAY)}

    assert "path-course-unknown" in codes
    assert "path-course-unknown" not in better


def test_captions_are_read_with_hours_and_settings() -> None:
    cues = read_captions("\ufeffWEBVTT - 标题\n\n1\n01:00:01.500 --> 01:00:02.000 line:0\n甲\n乙\n")

    assert [(cue.line, cue.start, cue.end, cue.text) for cue in cues] == [
        (4, 3601.5, 3602.0, "甲\n乙")
    ]
    with pytest.raises(CaptionsInvalid):
        read_captions("WEBVTT\n\n00:04.000 --> 00:01.000\n甲\n")
