"""xAPI statements: each is shaped as the specification says, in order, and the same every time.

`check` writes down xAPI 1.0.3, part two (Data): section numbers stand beside each rule.
"""

import json
import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from conftest import NOW
from learning.conftest import WRONG_ONE

from portal.teaching import exporting, xapi

IRI = re.compile(r"[a-z][a-z0-9+.\-]*://[^\s<>\"{}|\\^`]+\Z")
TAG = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?\Z")
TOP = {"id", "actor", "verb", "object", "result", "context", "timestamp"}
INTERACTIONS = {
    "choice": {"choices"},
    "true-false": set(),
    "fill-in": set(),
    "numeric": set(),
    "matching": {"source", "target"},
}
DEFINITION = {"name", "description", "type", "interactionType", "correctResponsesPattern"}
RESULT = {"score", "success", "completion", "response"}
CONTEXT = {"registration", "contextActivities", "revision", "platform", "language"}


def check(statement: dict) -> None:
    """Raise AssertionError unless the statement is well formed."""
    assert set(statement) <= TOP  # 2.4, 4.1: no other properties; "version" is the LRS's to set
    assert {"actor", "verb", "object"} <= set(statement)  # 2.4: required
    assert str(UUID(statement["id"])) == statement["id"]  # 2.4.1
    check_agent(statement["actor"])
    assert set(statement["verb"]) == {"id", "display"}  # 2.4.3
    assert IRI.match(statement["verb"]["id"])
    check_map(statement["verb"]["display"])
    check_activity(statement["object"])
    check_result(statement.get("result", {}))
    check_context(statement["context"])
    at = datetime.fromisoformat(statement["timestamp"])  # 2.4.7, 4.5: ISO 8601
    assert at.tzinfo is not None
    assert not re.search(r'": ?null[,}]', json.dumps(statement))  # 2.2: no nulls


def check_agent(actor: dict) -> None:
    assert set(actor) <= {"objectType", "name", "account"}  # 2.4.2.1
    assert actor["objectType"] == "Agent"
    assert set(actor["account"]) == {"homePage", "name"}  # 2.4.2.4: both, and one identifier
    assert IRI.match(actor["account"]["homePage"])


def check_activity(activity: dict) -> None:
    assert set(activity) <= {"objectType", "id", "definition"}  # 2.4.4.1
    assert activity["objectType"] == "Activity"
    assert IRI.match(activity["id"])
    definition = activity["definition"]
    kind = definition.get("interactionType")
    components = INTERACTIONS[kind] if kind else set()
    assert set(definition) - components <= DEFINITION
    assert IRI.match(definition["type"])
    for texts in ("name", "description"):
        check_map(definition.get(texts, {"en": "x"}))
    for name in components:
        ids = [each["id"] for each in definition[name]]
        assert len(ids) == len(set(ids))  # distinct
        assert not any(re.search(r"\s", each) for each in ids)
        for each in definition[name]:
            check_map(each["description"])
    assert all(isinstance(each, str) for each in definition.get("correctResponsesPattern", []))


def check_result(result: dict) -> None:
    assert set(result) <= RESULT  # 2.4.5
    for name in ("success", "completion"):
        assert isinstance(result.get(name, True), bool)
    assert isinstance(result.get("response", ""), str)
    score = result.get("score")
    if score is not None:
        assert set(score) <= {"scaled", "raw", "min", "max"}  # 2.4.5.1
        assert -1 <= score["scaled"] <= 1
        assert score["min"] <= score["raw"] <= score["max"]
        assert score["min"] < score["max"]


def check_context(context: dict) -> None:
    assert set(context) <= CONTEXT  # 2.4.6
    UUID(context["registration"])
    assert TAG.match(context["language"])
    assert set(context["contextActivities"]) <= {"parent", "grouping", "category", "other"}
    for activities in context["contextActivities"].values():
        for each in activities:
            check_activity(each)


def check_map(texts: dict) -> None:
    assert texts  # 4.2: a language map is not empty
    assert all(TAG.match(tag) and isinstance(text, str) for tag, text in texts.items())


@pytest.fixture
def exported(app):
    """Return a function that exports and gives the statements."""

    def export(**options) -> list[dict]:
        with app.app_context():
            given = {"since": None, "until": None, "names": False} | options
            return [json.loads(line) for line in exporting.lines(**given)]

    return export


def told(statement: dict) -> tuple[str, str]:
    """Return the verb and the end of what it is about."""
    verb = statement["verb"]["id"].rpartition("/")[2]
    return verb, statement["object"]["id"].rpartition("/")[2]


def test_a_failed_and_a_passed_quiz_are_told_in_order_and_well_formed(answer, cast, exported):
    answer(cast.dealer_a, "one", at=NOW, **WRONG_ONE)
    answer(cast.dealer_a, "one", at=NOW + timedelta(hours=1), key="attempt-0002")

    statements = exported()

    for each in statements:
        check(each)
    asked = [("answered", f"one#question-one-{kind}") for kind in ("single", "numeric", "multiple")]
    assert [told(each) for each in statements] == [
        ("initialized", "one"),
        ("experienced", "one"),
        *asked,
        ("failed", "one#quiz"),
        *asked,
        ("passed", "one#quiz"),
        ("completed", "one"),
    ]
    instants = [each["timestamp"] for each in statements]
    assert instants == sorted(instants)
    by_verb = {told(each): each for each in statements}
    assert by_verb["failed", "one#quiz"]["result"]["success"] is False
    assert by_verb["passed", "one#quiz"]["result"]["score"] == {
        "scaled": 1.0,
        "raw": 3.0,
        "min": 0,
        "max": 3,
    }
    assert by_verb["answered", "one#question-one-multiple"]["result"]["response"] == "0[,]1"


def test_a_whole_course_is_completed_once_and_matching_is_written_in_pairs(learn, exported, cast):
    learn("one", "two", "three")

    statements = exported()

    for each in statements:
        check(each)
    ended = [told(each) for each in statements if told(each)[0] == "completed"]
    assert ended == [
        ("completed", "one"),
        ("completed", "two"),
        ("completed", "three"),
        ("completed", "trial-101"),
    ]
    (matched,) = [each for each in statements if told(each)[1] == "two#question-two-match"]
    definition = matched["object"]["definition"]
    assert matched["result"]["response"] == "0[.]0[,]1[.]1"
    assert definition["correctResponsesPattern"] == ["0[.]0[,]1[.]1"]


def test_exports_of_parts_make_up_the_whole_and_ids_stay(answer, cast, exported):
    answer(cast.dealer_a, "one", at=NOW)
    answer(cast.dealer_a, "two", at=NOW + timedelta(days=2))
    answer(cast.dealer_b, "one", at=NOW + timedelta(days=1))
    middle = NOW + timedelta(days=1, hours=12)

    whole, parts = exported(), [*exported(until=middle), *exported(since=middle)]

    assert parts == whole
    assert len({each["id"] for each in whole}) == len(whole)


def test_learners_are_pseudonyms_unless_names_are_asked_for(app, answer, cast, exported):
    answer(cast.dealer_a, "one", at=NOW)
    answer(cast.dealer_b, "one", at=NOW)

    plain, named = exported(), exported(names=True)

    accounts = {each["actor"]["account"]["name"] for each in plain}
    assert len(accounts) == 2
    assert not any("name" in each["actor"] for each in plain)
    assert {each["actor"]["name"] for each in named} == {"林小鹿", "陈成"}
    assert [each["id"] for each in plain] == [each["id"] for each in named]
    other = xapi.Speaker(home="https://x.example", secret="another-secret")
    assert other.account(cast.dealer_a.person_id) not in accounts


def test_a_malformed_statement_is_found(answer, cast, exported):
    answer(cast.dealer_a, "one", at=NOW)
    statement = next(each for each in exported() if told(each)[0] == "answered")

    for broken in (
        statement | {"id": "7"},
        statement | {"stored": "2026"},
        statement | {"verb": {"id": "answered", "display": {"en": "x"}}},
        statement | {"result": {"score": {"scaled": 2, "raw": 2, "min": 0, "max": 1}}},
    ):
        with pytest.raises((AssertionError, ValueError)):
            check(broken)


@time_machine.travel(NOW, tick=True)
def test_an_operator_takes_the_records_away_and_it_is_recorded(app, answer, cast, sign_in):
    answer(cast.dealer_a, "one", at=NOW)
    operator = sign_in(cast.operator)

    file = operator.post("/teaching/records", data={"since": "2026-11-22", "until": "2026-11-22"})
    lines = file.text.splitlines()
    empty = operator.post("/teaching/records", data={"since": "2026-11-23"})
    wrong = operator.post("/teaching/records", data={"since": "2026-11-23", "until": "2026-11-22"})

    assert file.mimetype == "application/x-ndjson"
    assert len(lines) == 7
    check(json.loads(lines[0]))
    assert empty.text == ""
    assert wrong.status_code == 422
    assert "导出了学习记录" in operator.get("/audit").text


def test_the_command_writes_the_same_lines(app, answer, cast, exported):
    answer(cast.dealer_a, "one", at=NOW)

    written = app.test_cli_runner().invoke(
        args=["learning", "xapi", "--since", "2026-11-22", "--until", "2026-11-22"]
    )

    assert [json.loads(line) for line in written.output.splitlines()] == exported()
