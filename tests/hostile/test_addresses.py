"""Naughty strings in addresses: every part and every question of every route, for every role."""

from itertools import count, cycle

import pytest
import time_machine
from conftest import NOW
from hostile.asking import WHO, is_number, questions, reads, who_may, word
from hostile.strings import naughty
from werkzeug.urls import iri_to_uri

NUMBERS = [0, 2**31, 2**63 - 1, 2**63, 10**30]


@pytest.fixture
def clients(app, cast, sign_in):
    with time_machine.travel(NOW, tick=True):
        yield {who: sign_in(getattr(cast, who)) for who in WHO.values()}


def addresses(app):
    """Yield (rule, address) with each part of each address replaced."""
    texts = cycle([text for text in naughty() if text and "\0" not in text])
    for rule in app.url_map.iter_rules():
        for number in NUMBERS if any(map(is_number, rule._converters.values())) else [0]:
            parts = {
                name: number if is_number(converter) else word(converter, next(texts))
                for name, converter in rule._converters.items()
            }
            if parts:
                with app.test_request_context():
                    made = rule.build(parts, append_unknown=False)
                if made:
                    yield rule, made[1]


def test_no_address_is_a_crash(app, clients):
    crashed, tried = [], count()
    for rule, address in addresses(app):
        client = clients[who_may(app, rule.endpoint)]
        for method in rule.methods & {"GET", "POST"}:
            next(tried)
            answer = client.open(iri_to_uri(address), method=method)
            if answer.status_code >= 500:
                crashed.append(f"{method} {address}: {answer.status_code}")
            answer.close()

    assert next(tried) > 50
    assert crashed == []


@pytest.mark.asvs("V15.3.5")
def test_no_question_is_a_crash(app, clients):
    pages = [rule for rule in app.url_map.iter_rules() if not rule.arguments and reads(rule)]
    asked, crashed = questions(), []
    turns = zip(naughty() + [str(number) for number in NUMBERS], cycle(pages), strict=False)
    for text, page in turns:
        client = clients[who_may(app, page.endpoint)]
        answer = client.get(page.rule, query_string=dict.fromkeys(asked, text))
        if answer.status_code >= 500:
            crashed.append(f"{page.rule} {text!r}: {answer.status_code}")
        answer.close()

    assert len(asked) > 5
    assert crashed == []
