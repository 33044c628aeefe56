"""Files that are no order tables: each is refused for what it is, in both languages."""

import gzip
import io
import json
import zipfile

import pytest

from reports.facts import reading
from reports.facts.reasons import FILE_KINDS, FILE_REASONS, LANGUAGES, FileRefused


def as_zip(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return packed.getvalue()


@pytest.mark.asvs("V1.3.4", "V5.2.2")
@pytest.mark.parametrize(
    ("content", "code", "kind"),
    [
        (b"", "empty", None),
        (b"\xef\xbb\xbf \r\n", "empty", None),
        (as_zip("orders.csv"), "not_a_table", "zip"),
        (as_zip("[Content_Types].xml", "xl/workbook.xml"), "not_a_table", "xlsx"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "not_a_table", "png"),
        (b"\xff\xd8\xff\xe0" + bytes(64), "not_a_table", "jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "not_a_table", "webp"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "not_a_table", "xls"),
        (b"%PDF-1.7\n", "not_a_table", "pdf"),
        (b"\n <table><tr><td>1</td></tr></table>", "not_a_table", "html"),
        ("订单号,金额\n".encode("utf-16"), "not_a_table", "utf-16"),
        (bytes(range(256)) * 40, "not_a_table", "binary"),
        (b"a,b\n1,\x002\n", "nul_bytes", None),
        (b"a,b\n\xff\xfe\xfd,2\n", "undecodable", None),
    ],
)
def test_what_is_no_table_is_refused_for_what_it_is(tmp_path, content, code, kind):
    path = tmp_path / "orders.csv"
    path.write_bytes(content)

    with pytest.raises(FileRefused) as refused:
        reading.open_source(path)

    assert (refused.value.code, refused.value.params.get("kind")) == (code, kind)
    assert all(refused.value.text(language) for language in LANGUAGES)


def test_a_missing_file_and_a_folder_are_refused_by_name_of_the_cause(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(FileRefused) as refused:
            reading.open_source(path)
        assert refused.value.code == "unreadable"


@pytest.mark.parametrize(
    ("encoding", "found"), [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gbk", "gb18030")]
)
def test_the_encoding_is_found_and_named(tmp_path, encoding, found):
    path = tmp_path / "orders.csv"
    path.write_bytes("订单号,金额\r\n甲,1\r\n".encode(encoding))

    source = reading.open_source(path)

    assert source.encoding == found
    assert list(reading.rows(source)) == [(1, ["订单号", "金额"]), (2, ["甲", "1"])]


def test_a_gbk_file_is_refused_when_the_mapping_allows_utf_8_only(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes("订单号,金额\n".encode("gbk"))

    with pytest.raises(FileRefused) as refused:
        reading.open_source(path, encodings=("utf-8",))

    assert refused.value.code == "undecodable"


def test_a_character_may_lie_across_two_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "_CHUNK", 3)
    path = tmp_path / "orders.csv"
    path.write_bytes("订单号,金额𝄞\n".encode())

    assert reading.open_source(path).encoding == "utf-8"


def test_five_megabytes_in_one_line_are_refused_with_the_row(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(b"a,b\n1,2\n" + b"x" * 5_000_000)
    source = reading.open_source(path)

    with pytest.raises(FileRefused) as refused:
        list(reading.rows(source))

    assert refused.value.code == "row_too_long"
    assert refused.value.params["row"] == "3"


def test_a_quote_that_is_never_closed_does_not_swallow_the_file(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text('a,b\n1,"2\n' + "3,4\n" * 100_000)

    with pytest.raises(FileRefused) as refused:
        list(reading.rows(reading.open_source(path)))

    assert (refused.value.code, refused.value.params["row"]) == ("row_too_long", "2")


def test_a_gzip_file_is_read_and_a_cut_one_refused(tmp_path):
    path = tmp_path / "orders.csv.gz"
    whole = gzip.compress(b"a,b\n" + b"1,2\n" * 1000)
    path.write_bytes(whole)
    assert len(list(reading.rows(reading.open_source(path)))) == 1001

    for damaged in (whole[: len(whole) // 2], whole[:-4], whole[:20] + b"\xff" * 9 + whole[29:]):
        path.write_bytes(damaged)
        with pytest.raises(FileRefused) as refused:
            reading.open_source(path)
        assert refused.value.code == "bad_gzip"


@pytest.mark.asvs("V5.2.3")
def test_a_gzip_bomb_is_refused_long_before_it_is_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(b"0" * 40_000_000))

    with pytest.raises(FileRefused) as refused:
        reading.open_source(path)
    assert refused.value.code == "gzip_bomb"

    # The control: without the guard the same file is read to its end.
    monkeypatch.setattr(reading, "MAX_GZIP_RATIO", 10**9)
    assert reading.open_source(path).gzipped


@pytest.mark.asvs("V5.2.2")
def test_a_zip_inside_a_gzip_is_named(tmp_path):
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(as_zip("orders.csv")))

    with pytest.raises(FileRefused) as refused:
        reading.open_source(path)

    assert refused.value.params["kind"] == "zip"


@pytest.mark.asvs("V5.2.1", "V5.2.3")
def test_a_file_above_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_BYTES", 100)
    path = tmp_path / "orders.csv"
    path.write_bytes(b"1,2\n" * 26)

    with pytest.raises(FileRefused) as refused:
        reading.open_source(path)

    assert refused.value.code == "too_large"


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(b'a,b\r\n1,"x\r\ny"\r\n\r\n2,z\r\n')

    assert list(reading.rows(reading.open_source(path))) == [
        (1, ["a", "b"]),
        (2, ["1", "x\r\ny"]),
        (4, ["2", "z"]),
    ]


def test_phps_quotes_after_a_backslash_do_not_end_the_cell(tmp_path):
    # fputcsv writes the value  8\"屏, 黑  as  "8\"屏, 黑"  with the inner quote single.
    path = tmp_path / "orders.csv"
    path.write_text('a,b\n"8\\"屏, 黑",2\n"C:\\",3\n', encoding="utf-8")
    source = reading.open_source(path)

    rows = [cells for _, cells in reading.rows(source, php_quoting=True)]
    without = [cells for _, cells in reading.rows(source)]

    assert rows[1:] == [['8\\"屏, 黑', "2"], ["C:\\", "3"]]
    assert without[1] != rows[1]


def test_every_refusal_and_kind_has_a_text_in_both_languages():
    for code, texts in {**FILE_REASONS, **FILE_KINDS}.items():
        assert set(texts) == set(LANGUAGES), code


@pytest.mark.real
def test_the_public_csv_corner_cases_are_read_as_their_authors_say(real_data):
    folder = real_data / "attack" / "csv-spectrum"
    files = sorted((folder / "csvs").glob("*.csv"))
    assert len(files) == 12

    for path in files:
        found = [cells for _, cells in reading.rows(reading.open_source(path))]
        rows = [dict(zip(found[0], cells, strict=True)) for cells in found[1:]]
        expected = json.loads((folder / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))
        expected = [expected] if isinstance(expected, dict) else expected
        assert comparable(rows) == comparable(expected), path.name


def comparable(rows):
    """Line breaks inside cells as one kind; without a number that the reference made unreadable."""
    return [
        {name: cell.replace("\r\n", "\n") for name, cell in row.items() if "Phone" not in name}
        for row in rows
    ]
