"""docs/asvs.md is true: every requirement has its row, and what a row names is there.

A row names tests (which carry the requirement's id as a marker), documents (which hold the id)
and lines of deployment files. Tests are read from their syntax, none is imported.
"""

import ast
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "asvs.md"
STANDARD = ROOT.parent / "shared" / "data" / "asvs" / "asvs_5.0.0_flat.json"
APPLY, DO_NOT = 192, 61

ID = r"V\d+\.\d+\.\d+"
ROW = re.compile(rf"^\| ({ID}) \(L([12])\) \| (.+?) \| (.+) \|$", re.MULTILINE)
APART = re.compile(rf"^\| ((?:{ID}(?:, )?)+) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"test `([^`]+)::([^`]+)`")
DOCUMENT = re.compile(r"document \[`([^`]+)`\]")
DEPLOYED = re.compile(r"deployment `([^`]+)`: `([^`]+)`")
COUNTS = re.compile(
    r"(\d+) of the (\d+) requirements.*?apply.*?(\d+) by tests, (\d+) by documents, "
    r"(\d+) by deployment.*?(\d+) in part",
    re.DOTALL,
)


@dataclass(frozen=True)
class Page:
    """The page, as its rows say it, and the files that they name."""

    text: str
    markers: Mapping[tuple[str, str], frozenset[str]]  # (file, test) -> ids
    files: Callable[[str], str] = field(repr=False)

    def rows(self) -> dict[str, str]:
        return {found[1]: found[4] for found in ROW.finditer(self.text)}

    def levels(self) -> dict[str, str]:
        return {found[1]: found[2] for found in ROW.finditer(self.text)}

    def apart(self) -> list[str]:
        """Return the requirements that do not apply."""
        return [each for found in APART.finditer(self.text) for each in found[1].split(", ")]


@cache
def markers() -> dict[tuple[str, str], frozenset[str]]:
    """Return every test of the repository with the requirements that it is marked with."""
    found = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[str(path.relative_to(ROOT)), node.name] = frozenset(_ids(node))
    return found


def _ids(node: ast.FunctionDef) -> Iterator[str]:
    for mark in node.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.asvs":
            yield from (str(ast.literal_eval(each)) for each in mark.args)


def read(name: str) -> str:
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


@pytest.fixture
def page() -> Page:
    return Page(text=PAGE.read_text(encoding="utf-8"), markers=markers(), files=read)


def problems(page: Page) -> list[str]:
    """Return everything that the page says and is not so."""
    return [
        *(each for number, cell in page.rows().items() for each in _in_cell(page, number, cell)),
        *_unnamed_markers(page),
        *_wrong_counts(page),
    ]


def _in_cell(page: Page, number: str, cell: str) -> Iterator[str]:
    tests, documents, lines = (pattern.findall(cell) for pattern in (TEST, DOCUMENT, DEPLOYED))
    if not (tests or documents or lines):
        yield f"{number}: nothing is named"
    for test in tests:
        if number not in page.markers.get(test, frozenset()):
            yield f"{number}: {test[1]} is not there, or does not carry it"
    for name in documents:
        if not re.search(rf"\b{re.escape(number)}\b", page.files(name)):
            yield f"{number}: {name} does not hold it"
    for name, line in lines:
        if line not in {each.strip() for each in page.files(name).splitlines()}:
            yield f"{number}: {name} has no such line"


def _unnamed_markers(page: Page) -> Iterator[str]:
    rows = page.rows()
    for test, numbers in page.markers.items():
        for number in numbers:
            if test not in TEST.findall(rows.get(number, "")):
                yield f"{number}: {test[1]} carries it, and the page does not say so"


def _wrong_counts(page: Page) -> Iterator[str]:
    rows = page.rows().values()
    kinds = Counter(
        "test" if TEST.search(cell) else "document" if DOCUMENT.search(cell) else "deployment"
        for cell in rows
    )
    true = (
        len(rows),
        len(rows) + len(page.apart()),
        kinds["test"],
        kinds["document"],
        kinds["deployment"],
        sum(cell.startswith("in part: ") for cell in rows),
    )
    said = COUNTS.search(page.text)
    if said is None or tuple(map(int, said.groups())) != true:
        yield f"the head does not say {true}"


def test_what_the_page_names_is_there(page):
    assert problems(page) == []


def test_no_requirement_stands_twice(page):
    numbers = [found[1] for found in ROW.finditer(page.text)] + page.apart()

    assert [each for each, count in Counter(numbers).items() if count > 1] == []
    assert (len(page.rows()), len(page.apart())) == (APPLY, DO_NOT)


@pytest.mark.real
def test_every_requirement_of_levels_1_and_2_is_on_the_page(page):
    if not STANDARD.is_file():
        pytest.skip("../shared/data is not there: the standard is not shipped")
    asked = {
        each["req_id"]: each["L"]
        for each in json.loads(STANDARD.read_text(encoding="utf-8"))["requirements"]
        if each["L"] in {"1", "2"}
    }

    assert set(page.rows()) | set(page.apart()) == set(asked)
    assert {number: asked[number] for number in page.rows()} == page.levels()


TOLD = ("tests/accounts/test_passwords.py", "test_what_a_password_must_be")


def test_a_marker_that_was_taken_away_is_found(page):
    lying = replace(page, markers={**page.markers, TOLD: frozenset({"V6.2.9"})})

    assert f"V6.2.1: {TOLD[1]} is not there, or does not carry it" in problems(lying)


def test_a_test_that_is_gone_is_found(page):
    lying = replace(page, markers={test: ids for test, ids in page.markers.items() if test != TOLD})

    assert f"V6.2.5: {TOLD[1]} is not there, or does not carry it" in problems(lying)


def test_a_marker_that_the_page_does_not_name_is_found(page):
    lying = replace(page, markers={**page.markers, TOLD: page.markers[TOLD] | {"V12.1.1"}})

    assert problems(lying) == [f"V12.1.1: {TOLD[1]} carries it, and the page does not say so"]


def test_a_line_that_was_changed_is_found(page):
    lying = replace(page, files=lambda name: read(name).replace("TLSv1.2 TLSv1.3", "TLSv1.1"))

    assert problems(lying) == ["V12.1.1: deploy/nginx.conf has no such line"]


def test_a_document_that_lost_its_number_is_found(page):
    lying = replace(page, files=lambda name: read(name).replace("V8.1.1", ""))

    assert problems(lying) == ["V8.1.1: docs/security.md does not hold it"]


def test_a_count_that_is_not_true_is_found(page):
    lying = replace(page, text=page.text.replace(" by documents", "0 by documents"))

    assert len(problems(lying)) == 1


def test_a_row_that_names_nothing_is_found(page):
    lying = replace(page, text=TEST.sub("by good will", page.text))

    assert "V1.1.1: nothing is named" in problems(lying)
