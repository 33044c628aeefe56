"""Our parser reads Moodle's own fixtures as an independent parser does.

oracles/gift_pegjs.json is what gift-pegjs reads in them; gift_pegjs.js beside it writes it anew.
"""

import importlib.util
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from courses.gift.model import Choices, FreeText, Item, Marked, Matches, Numbers, Truth, Words
from courses.gift.parse import parse
from courses.gift.write import to_gift

DOCS = Path(__file__).parents[2] / "docs" / "gift.md"
FIXTURES = Path(__file__).parents[3] / "shared" / "data" / "gift"
ORACLE = json.loads(
    (Path(__file__).parent / "oracles" / "gift_pegjs.json").read_text(encoding="utf-8")
)
TYPES = {
    Choices: "MC",
    Words: "Short",
    Truth: "TF",
    Numbers: "Numerical",
    Matches: "Matching",
    FreeText: "Essay",
    type(None): "Description",
}
# What a file's name promises, by how it begins; the longest beginning decides.
PROMISED = {
    "TFTwoFeedback": {"true or false", "feedback per answer"},
    "category": {"category"},
    "description": {"description"},
    "descriptionWithID": {"description", "id and tags in comments"},
    "escape": {"escapes"},
    "essay": {"essay"},
    "formatExamples": {"[html]"},
    "giftFormatPhpExamples": {
        *("single choice", "true or false", "number", "short answer", "matching"),
        *("gap in the text", "feedback per answer", "title"),
    },
    "markdown": {"[markdown]"},
    "matching": {"matching"},
    "mc": {"single choice"},
    "mcHTMLComment": {"single choice", "[html]"},
    "multiLineFeedback": {"feedback per answer", "general feedback"},
    "multipleAnswersFloat": {"several choices, weights"},
    "newlineAndLaTeX": {"escapes"},
    "numerical": {"number", "number with tolerance or range", "numbers, part of the score"},
    "options": {"single, part of the score", "several choices, weights"},
    "shortAnswer": {"short answer"},
    # As its name says: a "->" that is escaped makes no matching question.
    "shortAnswerNotMatching": {"single choice"},
    "shortFirstEmbedded": {"short answer"},
    "symbolsAll": {"escapes"},
    "tag_": {"id and tags in comments"},
    "tf": {"true or false"},
    "tf1_html": {"true or false", "[html]"},
    "tf1_markdown": {"true or false", "[markdown]"},
    "totara_moodle_backslash": {"escapes"},
    "totara_moodle_essay": {"essay"},
    "totara_moodle_match": {"matching", "[html]", "[markdown]", "[plain]", "[moodle]"},
    "totara_moodle_multichoice": {"single choice", "feedback per answer"},
    "totara_moodle_multichoice_multi": {"several choices, weights"},
    "totara_moodle_numerical": {"number", "any other number"},
    "totara_moodle_pre_content": {"essay", "[html]"},
    "totara_moodle_shortanswer": {"short answer", "short answer, part of the score"},
    "totara_moodle_shortanswer_general_feedback": {"short answer", "general feedback"},
    "totara_moodle_truefalse": {"true or false"},
    "type_inferred_multiline_markdown": {"[markdown]"},
}
# Both are legal, and each deserves the author's attention.
REMARKED = {"escapeAll.gift": {"gift-unknown-escape"}}


def words(text: Marked | str | None) -> str | None:
    """A text without differences of white space, which the two parsers trim differently."""
    plain = text.text if isinstance(text, Marked) else text
    return None if plain is None else " ".join(plain.split())


def stem(item: Item) -> str:
    gap = "" if item.tail is None else f" _____ {item.tail}"
    return " ".join(f"{item.stem.text}{gap}".split())


def compact(item: Item) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": TYPES[type(item.body)],
        "title": words(item.key),
        "stem": stem(item),
        "general": words(item.general),
        "id": item.id,
        "tags": list(item.tags),
    }
    match item.body:
        case Choices(choices=answers) | Words(answers=answers):
            found["answers"] = [
                [words(a.text), a.right, weight(a.percent), words(a.feedback)] for a in answers
            ]
        case Numbers(answers=ranges):
            found["answers"] = [
                [ends(a.low, a.high), a.right, weight(a.percent), words(a.feedback)] for a in ranges
            ]
        case Truth(holds=holds, feedback_wrong=wrong, feedback_right=right):
            found |= {"answer": holds, "feedback": [words(wrong), words(right)]}
        case Matches(pairs=pairs):
            found["pairs"] = [[words(p.left), words(p.right)] for p in pairs]
    return found


def weight(percent: Decimal | None) -> float | None:
    return None if percent is None else float(percent)


def ends(low: Decimal | None, high: Decimal | None) -> list[float] | None:
    return None if low is None or high is None else [float(low), float(high)]


def expected(question: dict[str, Any]) -> dict[str, Any]:
    wanted = {name: value for name, value in question.items() if name not in {"answers", "tags"}}
    wanted |= {name: words(question[name]) for name in ("title", "stem", "general")}
    wanted["tags"] = question["tags"] or []
    if "feedback" in question:
        wanted["feedback"] = [words(text) for text in question["feedback"]]
    if "pairs" in question:
        wanted["pairs"] = [[words(side) for side in pair] for pair in question["pairs"]]
    if "answers" in question:
        wanted["answers"] = [
            [
                [pytest.approx(end) for end in value] if isinstance(value, list) else words(value),
                right,
                percent,
                words(feedback),
            ]
            for value, right, percent, feedback in question["answers"]
        ]
    return wanted


def source(name: str) -> str:
    path = FIXTURES / name
    if not path.exists():
        pytest.skip(f"{path} is absent: Moodle's fixtures are not part of the project")
    return path.read_text(encoding="utf-8")


def constructs_module() -> Any:
    path = Path(__file__).parent / "gift_constructs.py"
    spec = importlib.util.spec_from_file_location("gift_constructs", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.real
def test_every_fixture_has_its_oracle() -> None:
    source("mc1.gift")

    assert {path.name for path in FIXTURES.glob("*.gift")} == set(ORACLE)
    assert len(ORACLE) == 51


@pytest.mark.real
@pytest.mark.parametrize("name", sorted(ORACLE))
def test_a_fixture_holds_what_its_name_says(name: str) -> None:
    beginning = max((start for start in PROMISED if name.startswith(start)), key=len)

    assert set(constructs_module().constructs(source(name))) >= PROMISED[beginning]


@pytest.mark.real
def test_the_table_in_the_documentation_is_that_of_the_fixtures() -> None:
    source("mc1.gift")

    assert constructs_module().table(FIXTURES) in DOCS.read_text(encoding="utf-8")


def test_every_construct_of_gift_stands_in_the_documentations_table() -> None:
    module = constructs_module()
    table = DOCS.read_text(encoding="utf-8").partition("| file |")[2]

    for name in (*module.ITEM_CONSTRUCTS, *module.TEXT_CONSTRUCTS):
        assert name in table, name


@pytest.mark.real
@pytest.mark.parametrize("name", sorted(ORACLE))
def test_a_fixture_reads_as_another_parser_reads_it(name: str) -> None:
    parsed = parse(source(name))

    assert [compact(item) for item in parsed.items] == [expected(q) for q in ORACLE[name]]
    assert {found.code for found in parsed.findings} == REMARKED.get(name, set())


@pytest.mark.real
@pytest.mark.parametrize("name", sorted(ORACLE))
def test_a_fixture_survives_being_written_and_read(name: str) -> None:
    items = parse(source(name)).items

    assert parse(to_gift(items)).items == items
