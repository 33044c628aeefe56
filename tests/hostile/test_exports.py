"""What is taken away: spreadsheets start nothing in it, calendars say what was typed.

A cell is judged as spreadsheets judge it, not by our own rule.
"""

import csv
import ctypes
import io
import itertools
import re
import secrets
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from booking.test_calendar_file import ENTRY
from calendar_readers import libical_library
from hostile.planting import plant
from hostile.strings import formulas, markup, naughty
from icalendar import Calendar

from portal import jobs
from portal.booking import calendar_file
from portal.typed import many_lines, one_line
from reports.facts import quality

LIVE = re.compile(r"[\s\x00]*(?:[=+\-@＝＋－＠]|DDE\s*\(|\|)", re.IGNORECASE)
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
# A spreadsheet takes one of these for what parts the cells, by where it was installed.
SEPARATORS = (",", ";")
FORMULAS = [text for text in formulas() if one_line(text)]


def live_in(file: bytes) -> list[str]:
    """Return the cells that a spreadsheet would start."""
    text = file.decode("utf-8-sig")
    cells = [
        cell
        for separator in SEPARATORS
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        # With another separator a row begins with a quoted cell and goes on after its quote.
        for cell in (row if separator == "," else row[1:])
    ]
    return [cell for cell in cells if LIVE.match(cell) and not NUMBER.fullmatch(cell)]


def words_in(file: bytes) -> set[str]:
    rows = csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""))
    return {quality.original_cell(cell) for row in rows for cell in row}


def exports(alliance) -> dict[str, bytes]:
    """Take away every CSV file of the portal; those of a copy by their names in the archive."""
    scene, files = alliance.scene, {}
    operator, dealer = alliance.clients["operator"], alliance.clients["dealer_a"]
    answers = {
        "audit": operator.post("/audit/export"),
        "rejected": operator.get(f"/imports/{alliance.rejected}/rejected.csv"),
    }
    for name, answer in answers.items():
        assert (answer.status_code, answer.mimetype) == (200, "text/csv"), name
        files[name] = answer.data
    for path in ("copy", "copy-organisation"):
        assert dealer.post(f"/account/privacy/{path}").status_code == 303
        jobs.run_all(scene.app)
    page = dealer.get("/account/privacy").text
    for link in re.findall(r'href="(/account/privacy/copies/[^"]+)"', page):
        answer = dealer.get(link)
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            names = [name for name in archive.namelist() if name.endswith(".csv")]
            files |= {f"{link} {name}": archive.read(name) for name in names}
        answer.close()
    return files


def plant_formulas(alliance) -> None:
    turn, run = itertools.count(), secrets.token_hex(3)
    plant(alliance.app, lambda number: f"{FORMULAS[next(turn) % len(FORMULAS)]} {number} {run}")


@pytest.mark.asvs("V1.3.3")
def test_no_file_that_is_taken_away_starts_anything_in_a_spreadsheet(alliance):
    plant_formulas(alliance)
    files = exports(alliance)
    live = {name: found for name, file in files.items() if (found := live_in(file))}
    words = set().union(*map(words_in, files.values()))

    assert len(files) > 15
    assert live == {}
    # Each formula came out as it was typed, behind its mark.
    assert [text for text in FORMULAS if not any(each.startswith(text) for each in words)] == []


def test_without_the_mark_they_would_start(alliance, monkeypatch):
    monkeypatch.setattr(quality, "safe_cell", str)
    plant_formulas(alliance)
    files = exports(alliance)
    live = {name for name, file in files.items() if live_in(file)}

    assert live >= {"audit", "rejected"}
    assert len(live) > 8


@pytest.mark.parametrize(
    "text", [*FORMULAS, *(f"'{each}" for each in FORMULAS), "'", "''x", "a;=1"]
)
def test_every_cell_stands_for_one_text(text):
    assert quality.original_cell(quality.safe_cell(text)) == text


def test_a_semicolon_cannot_bring_a_formula_to_the_beginning_of_a_cell():
    quoted, bare = io.StringIO(newline=""), io.StringIO(newline="")
    quality.safe_table(quoted)(["a;=1+1", "b"])
    csv.writer(bare).writerow(["a;=1+1", "b"])

    assert live_in(quoted.getvalue().encode()) == []
    assert live_in(bare.getvalue().encode()) == ["=1+1,b"]


# Files that no person opens: rows on their way into the database, the demo's order files.
NOT_TAKEN_AWAY = {"reports/facts/ingest.py", "reports/facts/quality.py"}


def test_every_csv_file_is_written_by_the_writer_that_marks_formulas():
    root = Path(__file__).resolve().parents[2]
    writing = {
        name
        for package in ("portal", "courses", "reports")
        for path in (root / package).rglob("*.py")
        if not (name := str(path.relative_to(root))).startswith("portal/demo/")
        and re.search(r"csv\.(writer|DictWriter)\(", path.read_text(encoding="utf-8"))
    }

    assert writing == NOT_TAKEN_AWAY, "write it with reports.facts.quality.safe_table"


# ---- calendars ----

READ = ("summary", "location", "description")


@pytest.fixture(scope="module")
def read_by_libical():
    library = libical_library()
    for name in READ:
        reader = getattr(library, f"icalcomponent_get_{name}")
        reader.restype, reader.argtypes = ctypes.c_char_p, [ctypes.c_void_p]

    def read(file: bytes) -> tuple[str, ...]:
        component = library.icalparser_parse_string(file)
        try:
            assert library.icalcomponent_count_errors(component) == 0
            found = [getattr(library, f"icalcomponent_get_{name}")(component) for name in READ]
            return tuple((each or b"").decode() for each in found)
        finally:
            library.icalcomponent_free(component)

    return read


def test_a_calendar_says_what_was_typed_whatever_it_was(read_by_libical):
    wrong, texts = [], [each for each in [*naughty(), *markup()[::20]] if "\0" not in each]
    for text in texts:
        line, lines = one_line(text), f"{many_lines(text)}\n{many_lines(text)}"
        if not line:
            continue
        file = calendar_file.write(
            replace(ENTRY, summary=line, place=line, description=lines, organiser_name=line)
        )
        (event,) = Calendar.from_ical(file).walk("VEVENT")
        ours = tuple(str(event[name.upper()]) for name in READ)
        if {ours, read_by_libical(file)} != {(line, line, lines)}:
            wrong.append(text)

    assert len(texts) > 50
    assert wrong == []
