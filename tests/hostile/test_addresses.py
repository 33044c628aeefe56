"""Naughty strings in addresses: every part and every question of every route, for every role."""

import re
from itertools import count, cycle
from pathlib import Path

import pytest
import time_machine
from conftest import NOW
from hostile.strings import naughty
from werkzeug.routing import AnyConverter, IntegerConverter
from werkzeug.urls import iri_to_uri

from portal.access import Role, access_of

ROOT = Path(__file__).resolve().parents[2]
NUMBERS = [0, 2**31, 2**63 - 1, 2**63, 10**30]
ASKED = re.compile(r"""args\.(?:get|getlist)\(\s*["'](\w+)["']""")
ROLES = ("dealer_a", "supplier_a", "consultant", "operator", "author")


def questions() -> list[str]:
    """Return every name that some view asks of an address."""
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "portal").rglob("*.py"))
    return sorted({name for source in sources for name in ASKED.findall(source)} | {"page"})


@pytest.fixture
def clients(app, cast, sign_in):
    with time_machine.travel(NOW, tick=True):
        yield {cast_role(cast, who): sign_in(getattr(cast, who)) for who in ROLES}


def cast_role(cast, who) -> Role:
    return getattr(cast, who).member.role


def who_may(app, endpoint: str, clients):
    roles = access_of(app, endpoint).roles or frozenset({Role.DEALER})
    return clients[min(roles)]


def addresses(app):
    """Yield (rule, address) with each part of each address replaced."""
    texts = cycle([text for text in naughty() if text and "\0" not in text])
    for rule in app.url_map.iter_rules():
        for number in NUMBERS if any(map(is_number, rule._converters.values())) else [0]:
            parts = {
                name: number if is_number(converter) else _word(converter, next(texts))
                for name, converter in rule._converters.items()
            }
            if parts:
                with app.test_request_context():
                    made = rule.build(parts, append_unknown=False)
                if made:
                    yield rule, made[1]


def _word(converter, text: str) -> str:
    return min(converter.items) if isinstance(converter, AnyConverter) else text.replace("/", "|")


def is_number(converter) -> bool:
    return isinstance(converter, IntegerConverter)


def test_no_address_is_a_crash(app, clients):
    crashed, tried = [], count()
    for rule, address in addresses(app):
        client = who_may(app, rule.endpoint, clients)
        for method in rule.methods & {"GET", "POST"}:
            next(tried)
            answer = client.open(iri_to_uri(address), method=method)
            if answer.status_code >= 500:
                crashed.append(f"{method} {address}: {answer.status_code}")
            answer.close()

    assert next(tried) > 50
    assert crashed == []


def reads(rule) -> bool:
    """Tell whether it is a page; whether the portal is ready is answered by 503 in a test."""
    return "GET" in rule.methods and rule.endpoint != "health.ready"


@pytest.mark.asvs("V15.3.5")
def test_no_question_is_a_crash(app, clients):
    pages = [rule for rule in app.url_map.iter_rules() if not rule.arguments and reads(rule)]
    asked, crashed = questions(), []
    turns = zip(naughty() + [str(number) for number in NUMBERS], cycle(pages), strict=False)
    for text, page in turns:
        client = who_may(app, page.endpoint, clients)
        answer = client.get(page.rule, query_string=dict.fromkeys(asked, text))
        if answer.status_code >= 500:
            crashed.append(f"{page.rule} {text!r}: {answer.status_code}")
        answer.close()

    assert len(asked) > 5
    assert crashed == []
