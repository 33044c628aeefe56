"""A file from outside as rows of cells: what it is, which encoding, how large, row by row.

Two passes, none of which holds the file: the first hashes it, unpacks gzip within limits and
finds the encoding; the second yields rows. Files that are no table are refused with their kind.
"""

import codecs
import csv
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from reports.facts.reasons import FileRefused

MAX_BYTES = 2 * 1024**3  # of text; about twenty million order lines
MAX_GZIP_RATIO = 200  # order files pack 5 to 30 times
GZIP_RATIO_FROM = 16 * 1024**2  # below this a high ratio harms nobody
MAX_ROW_CHARS = 1024**2
DEFAULT_ENCODINGS = ("utf-8", "gb18030")
_CHUNK = 1024**2
_GZIP = b"\x1f\x8b"
_MAGIC: Sequence[tuple[bytes, str]] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"%PDF-", "pdf"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"PAR1", "parquet"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (_GZIP, "gzip"),
)
_HTML = re.compile(rb"\s*<(!doctype html|html|table|\?xml)", re.IGNORECASE)
# PHP's fputcsv leaves a quote after a backslash single; a reader by the standard would end the
# cell there. Before a delimiter or a line's end the backslash is an ordinary last character.
_PHP_QUOTE = re.compile(r'\\"(?=[^",;|\t\r\n])')


@dataclass(frozen=True, slots=True)
class Source:
    """A readable text file: where it is and how to read it."""

    path: Path
    sha256: str  # of the file as it is, packed or not
    gzipped: bool
    encoding: str

    @property
    def file_id(self) -> str:
        """Return the first 16 hex digits of the file's SHA-256, its name in the facts."""
        return self.sha256[:16]


def kind_of(head: bytes) -> str | None:
    """Return what a file is by its first bytes, a key of FILE_KINDS; None when it may be text."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            if kind == "zip" and (b"[Content_Types].xml" in head or b"xl/" in head):
                return "xlsx"
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if _HTML.match(head):
        return "html"
    # Text has tabs and line breaks, but hardly any other control characters.
    controls = sum(byte < 32 and byte not in b"\t\r\n\x0c\x1b\x00" for byte in head)
    return "binary" if controls > max(8, len(head) // 20) else None


def _open_bytes(path: Path, *, gzipped: bool) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if gzipped else path.open("rb")


def _chunks(path: Path, *, gzipped: bool) -> Iterator[bytes]:
    """Yield the text's bytes within the limits of size and ratio."""
    packed = max(1, path.stat().st_size)
    total = 0
    with _open_bytes(path, gzipped=gzipped) as stream:
        while chunk := stream.read(_CHUNK):
            total += len(chunk)
            if total > MAX_BYTES:
                raise FileRefused("too_large", limit=MAX_BYTES // 1024**2)
            if gzipped and total > GZIP_RATIO_FROM and total > packed * MAX_GZIP_RATIO:
                raise FileRefused("gzip_bomb", limit=MAX_GZIP_RATIO)
            yield chunk


class _Encodings:
    """Decodes the same bytes by every candidate at once and drops those that fail."""

    def __init__(self, names: Sequence[str]) -> None:
        self._decoders = {name: codecs.getincrementaldecoder(name)() for name in names}
        self._nul: set[str] = set()

    def feed(self, chunk: bytes, *, final: bool = False) -> None:
        for name, decoder in list(self._decoders.items()):
            try:
                if "\0" in decoder.decode(chunk, final):
                    self._nul.add(name)
            except UnicodeDecodeError:
                del self._decoders[name]

    def first(self) -> str | None:
        """Return the first candidate still standing; raise FileRefused when its text has NULs."""
        name = next(iter(self._decoders), None)
        if name in self._nul:
            raise FileRefused("nul_bytes")
        return name


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def open_source(path: Path, *, encodings: Sequence[str] = DEFAULT_ENCODINGS) -> Source:
    """Return how to read the file, after looking at all of it once.

    The first of `encodings` that decodes the whole file counts. Raises FileRefused.
    """
    try:
        with path.open("rb") as stream:
            gzipped = stream.read(2) == _GZIP
        encoding = _look_through(path, gzipped=gzipped, encodings=encodings)
        return Source(path=path, sha256=_sha256(path), gzipped=gzipped, encoding=encoding)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileRefused("bad_gzip") from error
    except OSError as error:
        raise FileRefused("unreadable", cause=error.strerror or str(error)) from error


def _look_through(path: Path, *, gzipped: bool, encodings: Sequence[str]) -> str:
    candidates = _Encodings(encodings)
    filled = False
    for index, chunk in enumerate(_chunks(path, gzipped=gzipped)):
        if index == 0 and (kind := kind_of(chunk[:65536])) is not None:
            raise FileRefused("not_a_table", kind=kind)
        filled = filled or bool(chunk.removeprefix(codecs.BOM_UTF8).strip())
        candidates.feed(chunk)
    if not filled:
        raise FileRefused("empty")
    candidates.feed(b"", final=True)
    encoding = candidates.first()
    if encoding is None:
        raise FileRefused("undecodable", tried=", ".join(encodings))
    return encoding


def _lines(text: io.TextIOBase, *, php_quoting: bool) -> Iterator[str]:
    """Yield physical lines; one that never ends is refused instead of being held."""
    number = 0
    while line := text.readline(MAX_ROW_CHARS + 1):
        number += 1
        if len(line) > MAX_ROW_CHARS:
            raise FileRefused("row_too_long", row=number, limit=MAX_ROW_CHARS)
        if number == 1:
            line = line.removeprefix("\ufeff")
        yield _PHP_QUOTE.sub(r'\\""', line) if php_quoting and '\\"' in line else line


def rows(
    source: Source, *, delimiter: str = ",", php_quoting: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number as a spreadsheet counts it, cells), the header being row 1.

    Blank rows are counted, not yielded. Raises FileRefused for a row that is too long.
    """
    with (
        _open_bytes(source.path, gzipped=source.gzipped) as stream,
        io.TextIOWrapper(stream, encoding=source.encoding, newline="") as text,
    ):
        reader = csv.reader(_lines(text, php_quoting=php_quoting), delimiter=delimiter)
        number = 0
        while True:
            number += 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                limit = csv.field_size_limit()
                raise FileRefused("row_too_long", row=number, limit=limit) from error
            if cells:
                yield number, cells


def header_of(source: Source, *, delimiter: str = ",") -> list[str]:
    """Return the names in the first row, without outer spaces; [] when there is no row."""
    found = next(rows(source, delimiter=delimiter), None)
    return [] if found is None else [name.strip() for name in found[1]]
