import dataclasses
import hashlib
import io
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from pypdf import PdfReader
from weasyprint import HTML

from reports.render import text
from reports.render.charts import print_scene
from reports.render.figures import figures
from reports.render.font_metrics import printable
from reports.render.pdf import PdfRenderer, PdfUnavailable
from reports.render.weasy_document import AddressRefused

pytestmark = pytest.mark.xdist_group("report-pdf")  # they share what is rendered once

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def renderer() -> PdfRenderer:
    return PdfRenderer()


@pytest.fixture(scope="module")
def svg_renderer() -> PdfRenderer:
    return PdfRenderer(native_charts=False)


def text_of(pdf: bytes) -> str:
    """Return the document's text without white space, which extraction sets by position."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def bare(words: str) -> str:
    return "".join(unicodedata.normalize("NFC", words).split())


def test_every_months_amounts_are_in_the_text_to_the_penny(any_report, language, renderer):
    found = text_of(renderer.render(any_report, language=language))
    for month in any_report.months:
        named = bare(text.month_text(month.month, words=text.wording(language)))
        assert named in found
        for minor in (month.gmv_minor, month.refund_minor, month.net_gmv_minor):
            assert bare(text.money(minor, currency=any_report.currency)) in found


def test_control_an_amount_that_is_not_the_dealers_is_not_found(rich, renderer):
    found = text_of(renderer.render(rich, language="zh-CN"))
    other = rich.months[3].gmv_minor + 1
    assert text.money(other, currency="CNY") not in found


def test_chart_labels_can_be_searched(rich, language, renderer):
    found = text_of(renderer.render(rich, language=language))
    for figure in figures(rich, language=language).values():
        for label in print_scene(figure).texts():
            assert bare(printable(label)) in found


def test_this_weasyprint_takes_charts_as_drawings(renderer, svg_renderer):
    assert renderer.native_charts
    assert not svg_renderer.native_charts


def test_both_chart_paths_give_the_same_characters(any_report, language, renderer, svg_renderer):
    drawn = text_of(renderer.render(any_report, language=language))
    pictured = text_of(svg_renderer.render(any_report, language=language))
    assert sorted(drawn) == sorted(pictured)


def test_fonts_are_ours_embedded_and_subset(rich, renderer):
    names = set()
    for page in PdfReader(io.BytesIO(renderer.render(rich, language="zh-CN"))).pages:
        for font in page["/Resources"]["/Font"].values():
            (descendant,) = font.get_object()["/DescendantFonts"]
            descriptor = descendant.get_object()["/FontDescriptor"]
            assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
            assert "/ToUnicode" in font.get_object()
            names.add(str(descendant.get_object()["/BaseFont"]))
    assert len(names) == 2
    assert all("+Noto-Sans-SC" in name for name in names)


def test_a_name_outside_the_small_face_is_printed_from_the_whole_one(tiny, renderer):
    named = dataclasses.replace(tiny, dealer_name="龘靐齉商行")
    assert "龘靐齉商行" in text_of(renderer.render(named, language="zh-CN"))


def test_pictographs_become_boxes_and_direction_marks_nothing(weird, renderer):
    found = text_of(renderer.render(weird, language="zh-CN"))
    assert "（华南区第三分店）□□□□□堃喆" in found
    assert "<script>alert(1)</script>&amp;" in found


def test_the_document_is_tagged_and_says_so(rich, language, renderer):
    made = renderer.render(rich, language=language)
    reader = PdfReader(io.BytesIO(made))
    root = reader.trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == language
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert "星河数码" in reader.metadata.title


def test_the_report_fits_a_few_pages_and_numbers_them(rich, renderer):
    reader = PdfReader(io.BytesIO(renderer.render(rich, language="zh-CN")))
    assert len(reader.pages) == 2
    assert "1/2" in "".join(reader.pages[0].extract_text().split())


def test_the_only_date_is_that_of_the_facts(rich, renderer):
    reader = PdfReader(io.BytesIO(renderer.render(rich, language="zh-CN")))
    assert str(reader.metadata["/CreationDate"]).startswith("D:20261109")


def test_equal_reports_give_equal_bytes_whatever_was_rendered_before(rich, weird, renderer):
    first = renderer.render(rich, language="zh-CN")
    renderer.render(weird, language="en")
    assert renderer.render(dataclasses.replace(rich), language="zh-CN") == first


SCRIPT = """
import hashlib, importlib.util, sys
spec = importlib.util.spec_from_file_location("samples", sys.argv[1])
samples = importlib.util.module_from_spec(spec)
spec.loader.exec_module(samples)
from reports.render.pdf import PdfRenderer
made = PdfRenderer().render(samples.rich_report(), language="zh-CN")
print(hashlib.sha256(made).hexdigest())
"""


def run(script: str, *arguments: str, **environment: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def test_bytes_do_not_depend_on_process_zone_or_locale(rich, renderer):
    samples = str(Path(__file__).parent / "conftest.py")
    here = run(SCRIPT, samples, TZ="Asia/Shanghai", LANG="zh_CN.UTF-8", PYTHONHASHSEED="1")
    there = run(SCRIPT, samples, TZ="America/Lima", LANG="C", PYTHONHASHSEED="2")
    own = hashlib.sha256(renderer.render(rich, language="zh-CN")).hexdigest()

    assert here == there == own


def test_the_environment_is_left_as_it_was(monkeypatch):
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    PdfRenderer()
    assert "FONTCONFIG_FILE" not in os.environ


def test_the_module_loads_without_weasyprint_and_the_renderer_says_what_is_missing():
    told = run(
        "import sys; sys.modules['weasyprint'] = None\n"
        "from reports.render.pdf import PdfRenderer, PdfUnavailable\n"
        "try:\n    PdfRenderer()\n"
        "except PdfUnavailable as missing:\n    print(missing.reason)\n"
    )
    assert "weasyprint" in told


def test_unavailable_keeps_its_reason():
    assert PdfUnavailable("no Pango").reason == "no Pango"


def test_where_the_adapter_does_not_fit_charts_are_svg_and_the_reason_is_logged():
    told = run(
        "import logging, sys\n"
        "logging.basicConfig(stream=sys.stdout, format='%(message)s %(reason)s')\n"
        # What a later WeasyPrint may do: the class that the adapter takes its fonts from is gone.
        "import weasyprint.css\n"
        "del weasyprint.css.InitialStyle\n"
        "from reports.render.pdf import PdfRenderer\n"
        "print(PdfRenderer().native_charts)\n"
    )
    assert "report.pdf.charts_as_svg ImportError" in told
    assert told.endswith("False")


def hostile_page(secret: Path) -> str:
    picture = f'<svg xmlns="http://www.w3.org/2000/svg"><text y="20">{"SECRET"}</text></svg>'
    secret.write_text(picture, encoding="utf-8")
    return f'<html lang="en"><title>t</title><img src="{secret.as_uri()}" alt="x">'


@pytest.mark.asvs("V1.5.1", "V13.2.4")
@pytest.mark.parametrize("address", ["file", "http://127.0.0.1:9/x", "data:image/png;base64,AA"])
def test_a_document_reaches_nothing_outside_itself(renderer, tmp_path, address):
    page = hostile_page(tmp_path / "secret.svg")
    if address != "file":
        page = page.replace((tmp_path / "secret.svg").as_uri(), address)
    with pytest.raises(AddressRefused, match=address):
        renderer._writer.write(page, charts={}, images={}, ident=b"x")


def test_control_without_our_fetcher_the_same_page_reads_the_file(tmp_path):
    made = HTML(string=hostile_page(tmp_path / "secret.svg")).write_pdf()
    assert "SECRET" in text_of(made)


def test_weasyprint_has_nothing_to_warn_about(any_report, language, renderer, caplog):
    renderer.render(any_report, language=language)
    assert [record.getMessage() for record in caplog.records] == []


def test_control_a_character_without_glyph_would_be_warned_about(renderer, caplog):
    page = '<html lang="en"><title>t</title><p>🎮</p>'
    renderer._writer.write(page, charts={}, images={}, ident=b"x")
    assert any(".notdef" in record.getMessage() for record in caplog.records)


def test_header_cells_are_referenced_by_the_cells_they_head(rich, renderer):
    # The upper left cell of a table heads nothing that could refer to it, so it is no header.
    reader = PdfReader(io.BytesIO(renderer.render(rich, language="zh-CN")))
    cells = list(structure(reader.trailer["/Root"]["/StructTreeRoot"]))
    headers = {str(cell["/ID"]) for cell in cells if cell.get("/S") == "/TH"}
    referenced = {
        str(name)
        for cell in cells
        if cell.get("/S") == "/TD"
        for attributes in [cell.get("/A", {})]
        for name in attributes.get("/Headers", ())
    }

    assert headers
    assert headers == referenced


def structure(element):
    """Yield every structure element below `element`."""
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        found = kid.get_object()
        if hasattr(found, "get") and "/S" in found:
            yield found
            yield from structure(found)
