"""A lesson may have a film, a measured action and a product; a course may wait for another."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from courses.course import Check, Course, Video
from courses.lint import check
from courses.load import Reading, load_library, read_library
from courses.measure import MEASURES
from courses.path import read_paths

Read = Callable[..., Reading]
ZH = "010-first.zh-CN.md"
EN = "010-first.en.md"
YAML = "course.yaml"
ACTION = "within_days: 7}"
FILM = "video: {src: assets/a.mp4, seconds: 340, captions: {zh-CN: assets/a.zh-CN.vtt}}\n"
FILES = {"assets/a.mp4": "film", "assets/a.zh-CN.vtt": "WEBVTT\n"}


def filmed(film: str = FILM) -> dict[str, object]:
    return {**FILES, ZH: ("minutes: 5\n", f"minutes: 5\n{film}")}


def checked(text: str) -> dict[str, object]:
    return {ZH: (ACTION, f"within_days: 7, check: {text}}}")}


def test_a_lesson_carries_its_film_and_its_captions(read: Read) -> None:
    course = read(filmed()).course

    assert course is not None
    assert course.lessons[0].video == Video(
        src="assets/a.mp4", seconds=340, captions={"zh-CN": "assets/a.zh-CN.vtt"}
    )
    assert course.lessons[1].video is None


@pytest.mark.parametrize("file", sorted(FILES))
def test_another_film_or_other_captions_make_another_version(read: Read, file: str) -> None:
    before = read(filmed()).course
    after = read({**filmed(), file: "WEBVTT changed"}).course
    again = read(filmed()).course

    assert before is not None
    assert after is not None
    assert after.version != before.version
    assert again == before


def test_an_action_carries_its_check_and_a_lesson_its_product(read: Read) -> None:
    changes = checked("{measure: refund_rate, at_most: 250}")
    course = read({**changes, "020-second.zh-CN.md": ("minutes: 4", "product: TV-30\nminutes: 4")})

    assert course.course is not None
    first, second = course.course.lessons
    assert first.action is not None
    assert first.action.check == Check(measure="refund_rate", at_least=None, at_most=250)
    assert (first.product, second.product) == (None, "TV-30")


MISTAKES = [
    ("asset-missing", {**filmed(), "assets/a.mp4": None}, 5),
    ("field-invalid", filmed(FILM.replace("assets/a.mp4", "assets/../a.mp3")), 5),
    ("asset-missing", filmed(FILM.replace("assets/a.mp4", "assets/../../a.mp4")), 5),
    ("field-invalid", filmed(FILM.replace("340", "0")), 5),
    ("captions-missing", filmed("video: {src: assets/a.mp4, seconds: 9}\n"), 5),
    ("captions-missing", filmed(FILM.replace("zh-CN: ", "en: ")), 5),
    ("field-invalid", filmed(FILM.replace(".vtt", ".srt")), 5),
    ("field-invalid", filmed("video: assets/a.mp4\n"), 5),
    ("field-unknown", filmed(FILM.replace("seconds", "loop: true, seconds")), 5),
    ("check-measure-unknown", checked("{measure: gmv, at_least: 3}"), 6),
    ("check-bound", checked("{measure: orders, at_most: 3}"), 6),
    ("check-bound", checked("{measure: orders}"), 6),
    ("check-bound", checked("{measure: refund_rate, at_most: 3, at_least: 1}"), 6),
    ("field-invalid", checked("{measure: orders, at_least: 0}"), 6),
    ("field-invalid", checked("{measure: refund_rate, at_most: 20000}"), 6),
    ("field-invalid", checked("three"), 6),
    ("field-invalid", {ZH: ("minutes: 5", "minutes: 5\nproduct: [1]")}, 5),
    ("field-invalid", {YAML: ("level: 1", "level: 1\nafter: shop-100")}, 5),
    ("field-invalid", {YAML: ("level: 1", "level: 1\nafter: [a-1, a-1]")}, 5),
    ("field-not-translated", {EN: ("{text: Tag", "{check: {measure: orders}, text: Tag")}, 4),
]


@pytest.mark.parametrize(("code", "changes", "line"), MISTAKES)
def test_a_mistake_in_what_a_lesson_uses_is_named_at_its_line(
    read: Read, code: str, changes: dict[str, object], line: int
) -> None:
    assert code not in {found.code for found in read(filmed()).findings}

    found = {(f.code, f.line): f for f in read(changes).findings}

    assert (code, line) in found, found
    for language in ("zh-CN", "en"):
        assert "{" not in found[code, line].message(language)
        assert found[code, line].fix(language)


def test_every_measure_has_a_name_in_both_languages_and_a_range() -> None:
    assert sorted(MEASURES) == [
        *("average_order", "buyers", "categories", "new_products", "orders"),
        *("refund_rate", "returning_buyers"),
    ]
    for measure in MEASURES.values():
        assert measure.name["zh-CN"]
        assert measure.name["en"]
        assert measure.low <= measure.plenty <= measure.high


def add_course(root: Path, name: str, after: str) -> None:
    text = (root / "shop-101" / YAML).read_text(encoding="utf-8")
    lesson = (root / "shop-101" / "020-second.zh-CN.md").read_text(encoding="utf-8")
    folder = root / name
    folder.mkdir(exist_ok=True)
    changed = text.replace("shop-101", name).replace("order: 10", f"order: {len(name)}")
    (folder / YAML).write_text(f"{changed}after: {after}\n", encoding="utf-8")
    required = lesson.replace("shop-101", name).replace("required: false", "required: true")
    (folder / "010-a.zh-CN.md").write_text(required, encoding="utf-8")


def remarked(root: Path) -> set[tuple[str, str]]:
    findings = load_library(root).findings
    assert {f.code for f in findings if f.is_error} <= {
        f.code for f in check(root, today=date(2026, 11, 22))
    }
    return {(f.code, Path(f.file).parent.name) for f in findings if f.code.startswith("after")}


def test_a_course_may_wait_for_others_that_exist(read: Read, tmp_path: Path) -> None:
    read()
    add_course(tmp_path, "shop-2010", "[shop-101]")
    add_course(tmp_path, "shop-30100", "[shop-2010, shop-101]")

    assert remarked(tmp_path) == set()
    assert load_library(tmp_path).courses[-1].after == ("shop-2010", "shop-101")


def test_a_prerequisite_that_is_unknown_or_waits_for_itself_is_an_error(
    read: Read, tmp_path: Path
) -> None:
    read()
    add_course(tmp_path, "shop-2010", "[shop-30100]")
    add_course(tmp_path, "shop-30100", "[shop-2010, gone-101]")

    assert remarked(tmp_path) == {
        *(("after-cycle", "shop-2010"), ("after-cycle", "shop-30100")),
        ("after-unknown", "shop-30100"),
    }


PATH = """\
id: opening
title: {zh-CN: 开店, en: Opening}
summary: {zh-CN: 先开店。, en: Open first.}
courses: [shop-101, shop-2010]
ordered: true
"""
PATH_MISTAKES = [
    ("path-file-name", "Opening.yaml", ("", "")),
    ("path-id-file", "other.yaml", ("", "")),
    ("path-course-unknown", "opening.yaml", ("shop-2010", "gone-101")),
    ("path-course-twice", "opening.yaml", ("shop-2010", "shop-101")),
    ("path-order", "opening.yaml", ("shop-101, shop-2010", "shop-2010, shop-101")),
    ("field-invalid", "opening.yaml", ("[shop-101, shop-2010]", "[]")),
    ("field-invalid", "opening.yaml", ("[shop-101, shop-2010]", "shop-101")),
    ("field-missing", "opening.yaml", ("courses: [shop-101, shop-2010]\n", "")),
    ("yaml-invalid", "opening.yaml", ("[shop-101, shop-2010]", "[")),
]


@pytest.fixture
def courses(read: Read, tmp_path: Path) -> tuple[Course, ...]:
    read()
    add_course(tmp_path, "shop-2010", "[shop-101]")
    return tuple(reading.course for reading in read_library(tmp_path) if reading.course)


def test_a_path_names_courses_in_its_order(tmp_path: Path, courses: tuple[Course, ...]) -> None:
    folder = tmp_path / "paths"
    folder.mkdir()
    (folder / "opening.yaml").write_text(PATH, encoding="utf-8")

    found = read_paths(folder, courses=courses)

    assert found.findings == ()
    assert [(p.id, p.courses, p.ordered) for p in found.paths] == [
        ("opening", ("shop-101", "shop-2010"), True)
    ]
    assert read_paths(tmp_path / "none", courses=courses).paths == ()


@pytest.mark.parametrize(("code", "file", "change"), PATH_MISTAKES)
def test_a_mistake_in_a_path_is_named(
    tmp_path: Path, courses: tuple[Course, ...], code: str, file: str, change: tuple[str, str]
) -> None:
    folder = tmp_path / "paths"
    folder.mkdir()
    (folder / file).write_text(PATH.replace(*change), encoding="utf-8")

    found = read_paths(folder, courses=courses)

    assert [f.code for f in found.findings] == [code]
    assert bool(found.paths) is (code == "path-order")
