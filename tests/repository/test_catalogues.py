"""Both languages are complete: every message has its English text, with the same placeholders."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "requirements"))
catalogue = pytest.importorskip("catalogue", reason="requirements/catalogue.py is gone")

PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]")
HAN = re.compile(r"[\u4e00-\u9fff]")


def texts(message) -> list[str]:
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


def test_every_message_has_an_english_text():
    known = catalogue.current()
    wanted = {message.id for message in catalogue.extracted() if message.id}

    without = [i for i in wanted if i not in known or not all(texts(known[i]))]

    assert without == []


def test_no_english_text_is_left_over_or_fuzzy():
    wanted = {message.id for message in catalogue.extracted()}

    stale = [m.id for m in catalogue.current() if m.id and (m.id not in wanted or m.fuzzy)]

    assert stale == []


def test_the_english_text_names_the_same_values():
    different = [
        message.id
        for message in catalogue.current()
        if message.id and isinstance(message.id, str)
        for text in texts(message)
        if set(PLACEHOLDER.findall(message.id)) != set(PLACEHOLDER.findall(text))
    ]

    assert different == []


def test_no_english_text_is_chinese():
    left = [
        message.id
        for message in catalogue.current()
        if message.id and any(HAN.search(text) for text in texts(message))
    ]

    assert left == []
