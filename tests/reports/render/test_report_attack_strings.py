"""Public lists of hostile strings as dealer and product names."""

import dataclasses
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports.metrics.dealer import MixRow
from reports.render.assets import Assets, write_assets
from reports.render.pages import render_dealer
from reports.render.pdf import PdfRenderer

ATTACKS = Path(__file__).resolve().parents[4] / "shared" / "data" / "attack"
CHUNK = 40

pytestmark = [
    pytest.mark.xdist_group("report-attack"),  # they share what is rendered once
    pytest.mark.real,
    pytest.mark.skipif(
        not ATTACKS.is_dir(), reason="the attack strings are not beside the project"
    ),
]


def attack_strings() -> list[str]:
    naughty = json.loads((ATTACKS / "blns.json").read_text(encoding="utf-8"))
    scripts = (ATTACKS / "xss_payloadbox.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in [*naughty, *scripts] if line]


class _Shape(HTMLParser):
    """The elements of a page with the names of their attributes, without any text."""

    def __init__(self) -> None:
        super().__init__()
        self.shape: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag, attrs):
        self.shape.append((tag, [name for name, _ in attrs]))


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Assets:
    return write_assets(tmp_path_factory.mktemp("assets"))


def chunked(rich):
    strings = attack_strings()
    for start in range(0, len(strings), CHUNK):
        some = strings[start : start + CHUNK]
        rows = tuple(MixRow(label, 100, 10_000 // len(some), 50) for label in some)
        yield dataclasses.replace(rich, dealer_name=some[0], dealer_ref=some[-1], mix=rows)


def test_no_hostile_name_adds_an_element_or_an_attribute_to_a_page(rich, assets):
    def shape(report) -> list[tuple[str, list[str]]]:
        page = render_dealer(report, language="zh-CN", home_url=None, assets=assets).html
        reader = _Shape()
        reader.feed(page.decode())
        return reader.shape

    reports = list(chunked(rich))
    assert len(reports) > 60
    for report in reports:
        harmless = dataclasses.replace(
            report,
            dealer_name="店",
            dealer_ref="d",
            mix=tuple(dataclasses.replace(row, label="品") for row in report.mix),
        )
        assert shape(report) == shape(harmless), (report.dealer_name, report.mix)


def test_hostile_names_can_be_printed(rich):
    renderer = PdfRenderer()
    for report in list(chunked(rich))[::8]:
        assert renderer.render(report, language="zh-CN").startswith(b"%PDF")
