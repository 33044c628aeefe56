"""Questions come in from GIFT and go out again the same; a course becomes a SCORM package."""

import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from courses.__main__ import main
from courses.course import Course
from courses.exchange.gift_out import exported_gift
from courses.exchange.markdown_in import import_markdown
from courses.exchange.scorm import package_files, write_package
from courses.gift.parse import parse
from courses.lint import check
from courses.load import Reading, load_course, load_library, read_library
from courses.quiz import question_hash

Read = Callable[..., Reading]
TODAY = date(2026, 11, 22)
CONTENT = Path(__file__).parents[2] / "content" / "courses"
HANDBOOKS = Path(__file__).parents[3] / "shared" / "data" / "courses-md"
ZH = "010-first.zh-CN.md"
SECOND = "020-second.zh-CN.md"
FOREIGN = """\
// [id:7] [tag:退款]
::退款 第一题:: 先做什么？{
=核对#对
~退款#错
####先看
}

::shop-01:: 对吗？{T#错#对####看}

写一写。{}
"""
CP = "{http://www.imsproject.org/xsd/imscp_rootv1p1p2}"
ADL = "{http://www.adlnet.org/xsd/adlcp_rootv1p2}"


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    path = tmp_path / "After Sales.gift"
    path.write_text(FOREIGN, encoding="utf-8")
    return path


def test_a_gift_file_becomes_a_lesson_with_keys_of_its_own(
    read: Read, foreign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = read().source.folder

    assert main(["import", str(foreign), "--into", str(folder), "--title", "售后"]) == 0

    lesson = load_course(folder).lesson("shop-101/after-sales")
    assert lesson is not None
    assert lesson.quiz is not None
    assert (lesson.order, lesson.title["zh-CN"], lesson.quiz.rule.m) == (30, "售后", 2)
    assert [q.key for q in lesson.quiz.questions] == [f"after-sales-0{n}" for n in (1, 2, 3)]
    told = capsys.readouterr().err
    assert "::after-sales-01:: <- 退款 第一题" in told
    assert "::after-sales-02:: <- shop-01" in told
    assert "[id:7] [tag:退款]" in (folder / "030-after-sales.zh-CN.md").read_text("utf-8")


def test_questions_are_added_to_a_lesson_that_is_there(read: Read, foreign: Path) -> None:
    folder = read().source.folder
    text = (folder / SECOND).read_text("utf-8")
    passing = text.replace("minutes: 4", "minutes: 4\npass: {rule: m_of_n, m: 1, n: 1}")
    (folder / SECOND).write_text(passing, encoding="utf-8")

    assert main(["import", str(foreign), "--into", str(folder / SECOND)]) == 0

    lesson = load_course(folder).lesson("shop-101/second")
    assert lesson is not None
    assert lesson.quiz is not None
    assert len(lesson.quiz.questions) == 3


def test_a_file_with_a_mistake_is_refused_whole_with_its_place(
    read: Read, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = read().source.folder
    before = sorted(path.name for path in folder.iterdir())
    bad = tmp_path / "bad.gift"
    bad.write_text("好{T}\n\n坏｛＝甲｝", encoding="utf-8")

    assert main(["import", str(bad), "--into", str(folder)]) == 1

    assert f"{bad}:3:2 error gift-fullwidth-brace" in capsys.readouterr().out
    assert sorted(path.name for path in folder.iterdir()) == before


def test_what_cannot_be_imported_is_said(
    read: Read, foreign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = read().source.folder
    essays = tmp_path / "essays.gift"
    essays.write_text("写。{}", encoding="utf-8")

    assert main(["import", str(essays), "--into", str(folder)]) == 1
    assert main(["import", str(foreign), "--into", str(tmp_path)]) == 1
    assert main(["import", str(foreign), "--into", str(folder / "010-first.en.md")]) == 1
    assert main(["import", str(tmp_path / "none.gift")]) == 2
    assert capsys.readouterr().err.count("/ ") >= 3
    assert main(["import", str(foreign)]) == 0
    assert "::after-sales-01::" in capsys.readouterr().out


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_what_is_exported_reads_back_as_the_same_questions(language: str) -> None:
    for reading in read_library(CONTENT):
        files = [f.by_language.get(language) for f in reading.source.lessons]
        written = [item for file in files if file for item in file.items]

        back = parse(exported_gift(reading, language=language))

        assert not back.findings
        assert [replace(item, category=None) for item in back.items] == written
        assert [question_hash(i) for i in back.items] == [question_hash(i) for i in written]


def test_an_export_of_a_whole_course_goes_into_another_course(
    read: Read, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = read().source.folder
    gift = tmp_path / "repurchase.gift"
    assert main(["export", "--gift", str(CONTENT / "repurchase-101"), "--output", str(gift)]) == 0

    assert main(["import", str(gift), "--into", str(folder)]) == 0

    course, original = load_course(folder), load_course(CONTENT / "repurchase-101")
    copied = {q.key: q.hash for _, q in course.asked() if not q.key.startswith("shop")}
    assert copied == {q.key: q.hash for _, q in original.asked()}
    assert main(["export", "--gift", str(folder), "--moodle"]) == 0
    assert "::shop-01:: [markdown]先做什么？" in capsys.readouterr().out
    assert main(["export", "--gift", str(tmp_path / "none")]) == 2


@pytest.fixture
def filmed(read: Read) -> Reading:
    """The small course with a picture, a film, and links that only the portal has."""
    film = "video: {src: assets/a.mp4, seconds: 9, captions: {zh-CN: assets/a.vtt}}"
    body = "第二节正文。![图](assets/a.svg) [下](first) [报告](/reports) [站](https://a.cn)"
    return read(
        {
            ZH: ("minutes: 5", f"minutes: 5\n{film}"),
            SECOND: ("第二节正文。", body),
            "assets/a.svg": "<svg/>",
            "assets/a.mp4": "film",
            "assets/a.vtt": "WEBVTT\n",
        }
    )


def test_the_manifest_names_every_file_once_and_every_file_is_there(filmed: Reading) -> None:
    assert filmed.course is not None
    files = package_files(filmed.course, filmed.source, language="zh-CN")
    root = ET.fromstring(files["imsmanifest.xml"])  # noqa: S314 – our own file

    hrefs = [file.get("href") for file in root.iter(f"{CP}file")]
    resources = {r.get("identifier"): r for r in root.iter(f"{CP}resource")}
    items = list(root.iter(f"{CP}item"))

    assert sorted(set(hrefs) | {"imsmanifest.xml"}) == sorted(files)
    assert [child.tag for child in root] == [
        f"{CP}{name}" for name in ("metadata", "organizations", "resources")
    ]
    assert root.findtext(f"{CP}metadata/{CP}schema") == "ADL SCORM"
    assert root.findtext(f"{CP}metadata/{CP}schemaversion") == "1.2"
    assert root.find(f"{CP}organizations").get("default") == "course"  # type: ignore[union-attr]
    assert [item.findtext(f"{CP}title") for item in items] == ["先看人", "再开口"]
    assert [item.findtext(f"{ADL}masteryscore") for item in items] == ["100", None]
    for item in items:
        resource = resources[item.get("identifierref")]
        assert resource.get(f"{ADL}scormtype") == "sco"
        assert resource.get("href") in files
        assert resource.find(f"{CP}dependency").get("identifierref") in resources  # type: ignore[union-attr]
    identifiers = [e.get("identifier") for e in root.iter() if e.get("identifier")]
    assert len(identifiers) == len(set(identifiers))
    assert all(re.fullmatch(r"[A-Za-z_][\w.\-]*", name or "") for name in identifiers)


def test_a_page_refers_only_to_files_of_the_package(filmed: Reading) -> None:
    assert filmed.course is not None
    files = package_files(filmed.course, filmed.source, language="zh-CN")
    for name in ("first.html", "second.html"):
        html = files[name].decode()
        addresses = re.findall(r'(?:href|src)="([^"]*)"', html)
        assert addresses
        assert [a for a in addresses if a not in files and a != "https://a.cn"] == []
    second = files["second.html"].decode()
    assert "下 报告 " in second
    assert "<script>" not in second


def test_a_page_cannot_be_broken_out_of_by_a_question(read: Read) -> None:
    reading = read(
        {ZH: ("会打扰人。", "</script><script>alert(1)</script>"), "010-first.en.md": None}
    )
    assert reading.course is not None

    html = package_files(reading.course, reading.source, language="zh-CN")["first.html"].decode()

    data = re.search(r'id="lesson-data">(.*?)</script>', html, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])["needed"] == 2
    assert html.count("<script") == 2


def test_the_same_course_gives_the_same_package(filmed: Reading, tmp_path: Path) -> None:
    assert filmed.course is not None
    for name in ("a.zip", "b.zip"):
        write_package(filmed.course, filmed.source, tmp_path / name, language="en")

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert "First steps" in archive.read("imsmanifest.xml").decode()


def test_every_course_of_ours_becomes_a_package(tmp_path: Path) -> None:
    for course in load_library(CONTENT).courses:
        target = tmp_path / f"{course.id}.zip"
        folder = str(CONTENT / course.id)
        assert main(["export", "--scorm12", folder, "--output", str(target)]) == 0
        with zipfile.ZipFile(target) as archive:
            root = ET.fromstring(archive.read("imsmanifest.xml"))  # noqa: S314 – our own
            assert {f.get("href") for f in root.iter(f"{CP}file")} <= set(archive.namelist())
            assert len(list(root.iter(f"{CP}item"))) == len(course.lessons)


HANDBOOK = """\
# 手册

先看 [第二章](#二) 和 [站](https://a.cn)。

## 一

![](pictures/a.png) ![无](gone.png) [![有](pictures/a.png)](https://a.cn)

# 又一个大标题

```
# 不是标题 [x](y)
```

## 二

```gift
题{T}
```

[一](book.md) 和 [没有](gone.md)。
"""


def test_a_handbook_is_cut_at_its_chapters_and_put_right(tmp_path: Path) -> None:
    book = tmp_path / "book.md"
    book.write_text(HANDBOOK, encoding="utf-8")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(b"png")
    out = tmp_path / "out"

    made = import_markdown(book, course_id="book-101", into=out)

    course = load_course(out / "book-101")
    assert [lesson.title["zh-CN"] for lesson in course.lessons] == ["手册", "一", "二"]
    first = (out / "book-101" / made.lessons[1]).read_text("utf-8")
    assert "![a](assets/a.png) （图：无） [![有](assets/a.png)](https://a.cn)" in first
    assert "## 又一个大标题" in first
    assert "# 不是标题 [x](y)" in first
    assert not [f for f in check(out, today=TODAY) if f.is_error]
    assert any("gone.png" in line for line in made.changed)
    assert main(["import-markdown", str(book), "--id", "book-101", "--into", str(out)]) == 1
    assert main(["import-markdown", str(book), "--id", "Book", "--into", str(out)]) == 1
    assert main(["import-markdown", str(tmp_path / "no.md"), "--id", "b", "--into", str(out)]) == 2


@pytest.mark.real
@pytest.mark.parametrize(
    ("path", "lessons"),
    [("advanced-java", 93), ("chinese-copywriting-guidelines/README.zh-Hans.md", 10)],
)
def test_a_handbook_of_others_loads_as_a_course_without_an_error(
    tmp_path: Path, path: str, lessons: int
) -> None:
    source = HANDBOOKS / path
    if not source.exists():
        pytest.skip(f"{source} is absent: the handbooks are not part of the project")

    import_markdown(source, course_id="handbook", into=tmp_path)

    course: Course = load_course(tmp_path / "handbook")
    assert len(course.lessons) == lessons
    assert not [f for f in check(tmp_path, today=TODAY) if f.is_error]
