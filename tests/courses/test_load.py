"""A folder becomes a course, or remarks that say what to change and where."""

from collections.abc import Callable
from pathlib import Path

import pytest

from courses.course import Course, MultipleChoice, Numeric, SingleChoice, pick
from courses.load import CourseInvalidError, Reading, load_course, load_library

Read = Callable[..., Reading]
ZH = "010-first.zh-CN.md"
EN = "010-first.en.md"
YAML = "course.yaml"
SECOND = "020-second.zh-CN.md"


def test_a_course_has_its_fields_lessons_and_languages(course: Course) -> None:
    assert (course.id, course.level, course.order, course.certificate) == ("shop-101", 1, 10, True)
    assert course.title == {"zh-CN": "开店第一课", "en": "First steps"}
    assert [(lesson.id, lesson.order, lesson.required) for lesson in course.lessons] == [
        ("shop-101/first", 10, True),
        ("shop-101/second", 20, False),
    ]
    assert course.lessons[0].languages == ("zh-CN", "en")
    assert course.lessons[1].quiz is None
    assert course.minutes == 9
    assert len(course.version) == 64


def test_a_lesson_shows_its_body_without_the_quiz(course: Course) -> None:
    lesson = course.lessons[0]

    assert lesson.html["zh-CN"] == "<p>正文 <strong>第一段</strong>。</p>"
    assert lesson.html["en"] == "<p>Body <strong>one</strong>.</p>"
    assert lesson.action is not None
    assert (lesson.action.code, lesson.action.within_days) == ("tag_customers", 7)
    assert lesson.action.text["en"] == "Tag 20 customers"


def test_questions_carry_both_languages_and_weights(course: Course) -> None:
    quiz = course.lessons[0].quiz
    assert quiz is not None
    single, number, several = quiz.questions
    assert (quiz.rule.m, quiz.rule.n) == (2, 3)
    assert isinstance(single, SingleChoice)
    assert single.html == {"zh-CN": "<p>先做什么？</p>", "en": "<p>What first?</p>"}
    assert single.explanation["zh-CN"] == "<p>先看人。</p>"
    assert [(o.html["en"], o.weight_bps) for o in single.options] == [
        ("Layers", 10_000),
        ("Everyone", 0),
    ]
    assert isinstance(number, Numeric)
    assert isinstance(several, MultipleChoice)
    assert [option.weight_bps for option in several.options] == [5_000, 5_000, -10_000]


def test_a_missing_translation_falls_back_to_the_source(course: Course) -> None:
    assert pick(course.lessons[1].html, "en") == "<p>第二节正文。</p>"


def test_an_english_title_alone_does_not_change_the_questions_hash(read: Read) -> None:
    before = read().course
    after = read({EN: ("What first?", "What comes first?")}).course

    assert before is not None
    assert after is not None
    assert [q.hash for _, q in before.asked()] == [q.hash for _, q in after.asked()]
    assert before.version != after.version


def test_examples_of_gift_inside_another_fence_stay_in_the_body(read: Read) -> None:
    reading = read({SECOND: ("第二节正文。", "````text\n```gift\n题{T}\n```\n````")})

    assert reading.course is not None
    assert reading.course.lessons[1].quiz is None
    assert "```gift" in reading.course.lessons[1].html["zh-CN"]


def test_a_changed_picture_changes_the_version(read: Read) -> None:
    body = ("第二节正文。", "![图](assets/a.svg)")
    first = read({SECOND: body, "assets/a.svg": "<svg/>"}).course
    second = read({SECOND: body, "assets/a.svg": "<svg></svg>"}).course

    assert first is not None
    assert second is not None
    assert first.version != second.version


MISTAKES = [
    ("file-missing", YAML, {YAML: None}, 1),
    ("file-name", "notes.md", {"notes.md": "x"}, 1),
    ("file-too-large", SECOND, {SECOND: "长" * 100_000}, 1),
    ("yaml-invalid", YAML, {YAML: ("level: 1", "level: [1")}, 5),
    ("yaml-invalid", YAML, {YAML: ("level: 1", "level: &a 1\nx: *a")}, 5),
    ("yaml-invalid", YAML, {YAML: ("level: 1", "level: !!python/object:os.system 1")}, 4),
    ("yaml-invalid", YAML, {YAML: "- 一\n"}, 1),
    ("yaml-invalid", YAML, {YAML: ""}, 1),
    ("folder-too-large", "shop-101", {f"{n}.md": "x" for n in range(400)}, 1),
    ("yaml-invalid", YAML, {YAML: "[" * 15_000}, 1),
    ("yaml-duplicate-key", YAML, {YAML: ("level: 1", "level: 1\nlevel: 2")}, 5),
    ("front-matter-missing", SECOND, {SECOND: "没有\n"}, 1),
    ("field-missing", YAML, {YAML: ("owner: 联盟运营部\n", "")}, 1),
    ("field-missing", YAML, {YAML: ("{zh-CN: 开店第一课, ", "{")}, 2),
    ("field-invalid", YAML, {YAML: ("level: 1", "level: 4")}, 4),
    ("field-invalid", YAML, {YAML: ("level: 1", "level: true")}, 4),
    ("field-invalid", YAML, {YAML: ("2027-06-30", "2027-06-30 10:00:00")}, 10),
    ("field-invalid", YAML, {YAML: ("all_required", "some")}, 7),
    ("field-invalid", YAML, {YAML: ("[zh-CN, en]", "[en]")}, 11),
    ("field-invalid", ZH, {ZH: ("minutes: 5", "minutes: 很短")}, 4),
    ("field-invalid", ZH, {ZH: ("[repurchase_rate]", "复购率")}, 5),
    ("field-unknown", YAML, {YAML: ("level: 1", "level: 1\nlevle: 1")}, 5),
    ("field-unknown", ZH, {ZH: ("minutes: 5", "minutes: 5\nminuets: 5")}, 5),
    ("field-not-translated", EN, {EN: ("title: People", "minutes: 9\ntitle: People")}, 3),
    ("course-id-folder", YAML, {YAML: ("id: shop-101", "id: shop-102")}, 1),
    ("course-without-lessons", YAML, {ZH: None, EN: None, SECOND: None}, 1),
    ("course-without-required", YAML, {ZH: ("minutes: 5", "minutes: 5\nrequired: false")}, 1),
    ("lesson-id-course", ZH, {ZH: ("id: shop-101/first", "id: other/first")}, 2),
    ("duplicate-id", SECOND, {SECOND: ("shop-101/second", "shop-101/first")}, 2),
    ("duplicate-id", ZH, {ZH: ("::shop-02::", "::shop-01::")}, 18),
    ("duplicate-order", "010-z.zh-CN.md", {"010-z.zh-CN.md": "---\nid: shop-101/z\n---\n"}, 2),
    ("source-language-missing", EN, {ZH: None}, 1),
    ("gift-fence-unclosed", ZH, {ZH: ("看趋势。\n}\n```", "看趋势。\n}\n")}, 11),
    ("question-without-key", ZH, {ZH: ("::shop-01:: ", "")}, 12),
    ("question-key-invalid", ZH, {ZH: ("::shop-01:: ", "::题 一:: ")}, 12),
    ("pass-rule-impossible", ZH, {ZH: ("m: 2, n: 3", "m: 2, n: 4")}, 7),
    ("pass-rule-impossible", ZH, {ZH: ("m: 2, n: 3", "m: 3, n: 2")}, 7),
    ("pass-rule-without-quiz", SECOND, {SECOND: ("minutes: 4", "pass: {}\nminutes: 4")}, 4),
    ("translation-id", EN, {EN: ("id: shop-101/first", "id: shop-101/one")}, 2),
    ("translation-quiz", EN, {EN: ("::shop-01::", "::shop-1::")}, 9),
    ("translation-quiz", EN, {EN: ("=Layers#Right.\n~E", "~Layers#Right.\n=E")}, 9),
    ("translation-quiz", EN, {EN: ("~Everyone#Annoying.", "~A\n~B")}, 9),
    ("translation-quiz", EN, {EN: ("=45:0.5", "=46:0.5")}, 15),
    ("language-missing", SECOND, {}, 1),
    ("gift-inner-sign", ZH, {ZH: ("=分层", "=分=层")}, 13),
]


@pytest.mark.parametrize(("code", "file", "changes", "line"), MISTAKES)
def test_a_mistake_in_a_course_is_named_at_its_place(
    read: Read, code: str, file: str, changes: dict[str, tuple[str, str] | None], line: int
) -> None:
    reading = read(changes)

    found = {(f.code, Path(f.file).name, f.line) for f in reading.findings}
    assert (code, file, line) in found, found
    for remark in reading.findings:
        assert remark.message("zh-CN")
        assert remark.message("en")
        assert remark.fix("zh-CN")
        assert remark.fix("en")


def test_a_course_with_an_error_is_not_made_but_a_warning_lets_it_pass(read: Read) -> None:
    assert read({YAML: ("level: 1", "level: 9")}).course is None
    assert read({YAML: ("level: 1", "level: 1\nextra: 1")}).course is not None


def test_a_missing_or_broken_file_is_one_remark_not_one_for_every_field(read: Read) -> None:
    missing = [f.code for f in read({YAML: None}).findings]
    broken = [f.code for f in read({YAML: "level: [1"}).findings]

    assert missing == ["file-missing"]
    assert broken == ["yaml-invalid"]


def test_a_file_in_another_encoding_is_named_with_its_line(read: Read, tmp_path: Path) -> None:
    read()
    bad = tmp_path / "shop-101" / SECOND
    bad.write_bytes("---\n题".encode("gb18030"))

    with pytest.raises(CourseInvalidError) as raised:
        load_course(tmp_path / "shop-101")

    assert ("file-not-utf8", 2) in {(f.code, f.line) for f in raised.value.findings}


def test_a_link_cannot_pull_files_from_outside_into_a_course(read: Read, tmp_path: Path) -> None:
    body = ("第二节正文。", "[x](../secret.txt)")
    (tmp_path / "secret.txt").write_text("one", encoding="utf-8")
    first = read({SECOND: body}).course
    (tmp_path / "secret.txt").write_text("two", encoding="utf-8")
    second = read({SECOND: body}).course

    assert first is not None
    assert first == second


def test_a_library_has_the_good_courses_and_all_remarks(read: Read, tmp_path: Path) -> None:
    read()
    (tmp_path / "broken").mkdir()

    library = load_library(tmp_path)

    assert [course.id for course in library.courses] == ["shop-101"]
    assert library.course("shop-101") is not None
    assert library.course("broken") is None
    assert "file-missing" in {f.code for f in library.findings}
