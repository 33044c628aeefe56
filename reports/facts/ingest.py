"""Read one order file: every row judged, totals made, nothing stored yet (the dry run).

`check` reads in a stream and keeps accepted lines in a temporary Parquet file, rejections in a
temporary text file; `reports.facts.store.apply` takes it from there.
"""

import csv
import json
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import TextIO

import duckdb

from reports.facts import engine, reading
from reports.facts.buyers import key_id
from reports.facts.classify import Classifier, Line, Rejected, RowClass, Unpaid, shown_columns
from reports.facts.mapping import FileMapping, nearly, recognise, shipped
from reports.facts.reasons import FileRefused, row_reason

Progress = Callable[[int], object]  # called with the number of rows read so far
_PROGRESS_EVERY = 5000
_STAGED = {
    "row_no": "BIGINT",
    "kind": "VARCHAR",
    "order_no": "VARCHAR",
    "line_no": "INTEGER",
    "dealer_ref": "VARCHAR",
    "occurred_at": "TIMESTAMP",
    "product_ref": "VARCHAR",
    "product_name": "VARCHAR",
    "category": "VARCHAR",
    "region": "VARCHAR",
    "quantity": "INTEGER",
    "amount_minor": "BIGINT",
    "buyer_key": "VARCHAR",
    "original_order_no": "VARCHAR",
}


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """What a file holds of one class in one local calendar month ("YYYY-MM")."""

    month: str
    kind: str  # "sale" | "refund" | "not_goods"
    rows: int
    amount_minor: int  # signed


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was not taken; `excerpt` holds only columns that may be kept."""

    row: int  # as a spreadsheet counts, the header being row 1
    code: str
    field: str  # the file's own column, "" when the row as a whole is wrong
    value: str
    params: Mapping[str, str]
    excerpt: Mapping[str, str]

    def text(self, language: str) -> str:
        """Return the reason as a sentence in `language`."""
        return row_reason(self.code, self.params, language=language)


@dataclass(frozen=True)
class CheckedFile:
    """A file after its dry run. Close it (or use `with`) to remove its temporary files.

    `counts` has every RowClass; their sum is `rows_read`.
    """

    file_name: str
    file_id: str
    mapping: FileMapping
    encoding: str
    gzipped: bool
    header: tuple[str, ...]
    excerpt_columns: tuple[str, ...]
    rows_read: int
    counts: Mapping[RowClass, int]
    rejected: Mapping[str, int]  # reason code -> rows, most frequent first
    formula_cells: int
    totals: tuple[MonthTotal, ...]
    orders: int
    dealers: int
    first_on: date | None  # local dates of the accepted lines; None when there is none
    last_on: date | None
    buyer_key_id: str | None  # None when the mapping names no buyer
    folder: Path = field(repr=False)

    def __post_init__(self) -> None:
        """Remove the temporary files when the last reference goes, should nobody close it."""
        object.__setattr__(
            self, "_cleanup", weakref.finalize(self, shutil.rmtree, self.folder, True)
        )

    @property
    def staged(self) -> Path:
        """Return the Parquet file of accepted lines and of unpaid orders' numbers."""
        return self.folder / "staged.parquet"

    @property
    def gmv_minor(self) -> int:
        """Return the sum of sales, those refunded later included."""
        return sum(total.amount_minor for total in self.totals if total.kind == "sale")

    @property
    def net_gmv_minor(self) -> int:
        """Return sales minus refunds."""
        return sum(t.amount_minor for t in self.totals if t.kind in ("sale", "refund"))

    def rejections(self, *, limit: int | None = None) -> Iterator[Rejection]:
        """Yield the rejected rows in the file's order, at most `limit`."""
        with (self.folder / "rejected.jsonl").open(encoding="utf-8") as lines:
            for index, line in enumerate(lines):
                if limit is not None and index >= limit:
                    return
                yield Rejection(**json.loads(line))

    def close(self) -> None:
        """Remove the temporary files; more than once does no harm."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "CheckedFile":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@dataclass
class _Tally:
    """What the stream has seen so far."""

    rows_read: int = 0
    unpaid: int = 0
    formula_cells: int = 0
    rejected: Counter[str] = field(default_factory=Counter)


def check(
    path: Path,
    *,
    mapping: FileMapping | None,
    buyer_key: bytes,
    categories: Mapping[str, str] | None = None,
    work_dir: Path | None = None,
    progress: Progress | None = None,
) -> CheckedFile:
    """Judge every row of an order file and return the result; nothing is stored.

    Without `mapping` the shipped ones are tried by the file's header. `buyer_key` makes the
    buyers' hashes. `categories` (product name to category) add to those of the mapping, for
    exports that name none. Temporary files go to `work_dir`, by default the system's place.
    Raises FileRefused when the file as a whole is not usable.
    """
    source, mapping = _source(path, mapping)
    mapping = replace(mapping, categories={**mapping.categories, **(categories or {})})
    header = reading.header_of(source, delimiter=mapping.delimiter)
    classifier = Classifier(mapping, header, buyer_key=buyer_key)
    folder = Path(tempfile.mkdtemp(prefix="tongtu-check-", dir=work_dir))
    try:
        tally = _stream(source, mapping, classifier, folder=folder, progress=progress)
        if tally.rows_read == 0:
            raise FileRefused("header_only")
        return _finish(source, mapping, classifier, folder, tally, key=buyer_key, header=header)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _source(path: Path, mapping: FileMapping | None) -> tuple[reading.Source, FileMapping]:
    if mapping is not None:
        return reading.open_source(path, encodings=mapping.encodings), mapping
    source = reading.open_source(path)
    for delimiter in sorted({known.delimiter for known in shipped()}):
        found = recognise(reading.header_of(source, delimiter=delimiter))
        if found is not None:
            return reading.open_source(path, encodings=found.encodings), found
    header = reading.header_of(source)
    close = nearly(header)
    if close is not None and close[1]:
        raise FileRefused(
            "columns_taken_out",
            source=close[0].source,
            columns=shown_columns(close[1]),
            found=shown_columns(header),
        )
    raise FileRefused("unknown_header", found=shown_columns(header))


def _stream(
    source: reading.Source,
    mapping: FileMapping,
    classifier: Classifier,
    *,
    folder: Path,
    progress: Progress | None,
) -> _Tally:
    """Classify row by row into rows.csv and rejected.jsonl."""
    tally = _Tally()
    found = reading.rows(source, delimiter=mapping.delimiter, php_quoting=mapping.php_quoting)
    with (
        (folder / "rows.csv").open("w", encoding="utf-8", newline="") as staged,
        (folder / "rejected.jsonl").open("w", encoding="utf-8") as rejected,
    ):
        writer = csv.writer(staged, lineterminator="\n")
        next(found, None)  # the header
        for number, cells in found:
            tally.rows_read += 1
            tally.formula_cells += classifier.has_formula(cells)
            try:
                taken = classifier.classify(cells)
            except Rejected as reason:
                tally.rejected[reason.code] += 1
                _write_rejection(rejected, number, reason, classifier.excerpt(cells))
            else:
                tally.unpaid += isinstance(taken, Unpaid)
                writer.writerow(_staged_row(number, taken))
            if progress is not None and tally.rows_read % _PROGRESS_EVERY == 0:
                progress(tally.rows_read)
    return tally


def _staged_row(number: int, taken: Line | Unpaid) -> tuple[object, ...]:
    if isinstance(taken, Unpaid):
        return (number, RowClass.UNPAID.value, taken.order_no, *("",) * (len(_STAGED) - 3))
    return (
        number,
        taken.kind.value,
        taken.order_no,
        taken.line_no,
        taken.dealer_ref,
        taken.occurred_at,
        taken.product_ref,
        taken.product_name,
        taken.category,
        taken.region,
        taken.quantity,
        taken.amount_minor,
        taken.buyer_key,
        taken.original_order_no,
    )


def _write_rejection(
    file: TextIO, number: int, reason: Rejected, excerpt: Mapping[str, str]
) -> None:
    entry = {
        "row": number,
        "code": reason.code,
        "field": reason.field,
        "value": reason.value,
        "params": reason.params,
        "excerpt": excerpt,
    }
    file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def _finish(
    source: reading.Source,
    mapping: FileMapping,
    classifier: Classifier,
    folder: Path,
    tally: _Tally,
    *,
    key: bytes,
    header: list[str],
) -> CheckedFile:
    """Number the lines, set doubled ones apart, write staged.parquet and sum up."""
    with engine.connect(spill_to=folder) as db:
        doubled = _number_lines(db, folder / "rows.csv", mapping)
        if doubled:
            tally.rejected["duplicate_line"] += len(doubled)
            _reject_doubled(source, mapping, classifier, folder, doubled)
        _write_staged(db, folder / "staged.parquet", mapping=mapping, file_id=source.file_id)
        totals = _totals(db)
        orders, dealers, first_on, last_on = _extent(db)
    (folder / "rows.csv").unlink()
    return CheckedFile(
        file_name=source.path.name,
        file_id=source.file_id,
        mapping=mapping,
        encoding=source.encoding,
        gzipped=source.gzipped,
        header=tuple(header),
        excerpt_columns=classifier.excerpt_columns,
        rows_read=tally.rows_read,
        counts=_counts(totals, tally),
        rejected=dict(sorted(tally.rejected.items(), key=lambda item: (-item[1], item[0]))),
        formula_cells=tally.formula_cells,
        totals=totals,
        orders=orders,
        dealers=dealers,
        first_on=first_on,
        last_on=last_on,
        buyer_key_id=key_id(key) if mapping.buyer_columns else None,
        folder=folder,
    )


def _totals(db: duckdb.DuckDBPyConnection) -> tuple[MonthTotal, ...]:
    found = db.execute(
        """SELECT strftime(occurred_at, '%Y-%m') AS month, kind, count(*),
            sum(amount_minor)::BIGINT
        FROM numbered WHERE kind <> 'unpaid' GROUP BY ALL ORDER BY month, kind"""
    ).fetchall()
    return tuple(MonthTotal(*row) for row in found)


def _extent(db: duckdb.DuckDBPyConnection) -> tuple[int, int, date | None, date | None]:
    """Return the numbers of orders and dealers, first and last date of the accepted lines."""
    row = db.execute(
        """SELECT count(DISTINCT order_no), count(DISTINCT dealer_ref),
            min(occurred_at)::DATE, max(occurred_at)::DATE
        FROM numbered WHERE kind <> 'unpaid'"""
    ).fetchone()
    orders, dealers, first_on, last_on = row or (0, 0, None, None)
    return orders, dealers, first_on, last_on


def _counts(totals: tuple[MonthTotal, ...], tally: _Tally) -> dict[RowClass, int]:
    counts = dict.fromkeys(RowClass, 0)
    for total in totals:
        counts[RowClass(total.kind)] += total.rows
    counts[RowClass.UNPAID] = tally.unpaid
    counts[RowClass.REJECTED] = tally.rejected.total()
    return counts


def _number_lines(db: duckdb.DuckDBPyConnection, rows: Path, mapping: FileMapping) -> list[int]:
    """Make table `numbered`; return the row numbers of lines that came before in the file."""
    same = "kind = 'unpaid', order_no" + ("" if mapping.one_row_per_order else ", line_no, kind")
    once = mapping.one_row_per_order or "line_no" in mapping.columns
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in _STAGED.items())
    db.execute(
        f"""CREATE TABLE numbered AS
        SELECT * REPLACE (coalesce(line_no,
                row_number() OVER (PARTITION BY order_no ORDER BY row_no))::INTEGER AS line_no),
            CASE WHEN {once} THEN row_number() OVER (PARTITION BY {same} ORDER BY row_no)
                ELSE 1 END AS nth
        FROM read_csv({engine.literal(str(rows))}, auto_detect=false, header=false, delim=',',
            quote='"', escape='"', nullstr='', columns={{{columns}}})"""  # noqa: S608 – column names are constants, the path is quoted
    )
    doubled = db.execute(
        "SELECT row_no FROM numbered WHERE nth > 1 AND kind <> 'unpaid' ORDER BY row_no"
    ).fetchall()
    db.execute("DELETE FROM numbered WHERE nth > 1 AND kind <> 'unpaid'")
    return [row[0] for row in doubled]


def _reject_doubled(
    source: reading.Source,
    mapping: FileMapping,
    classifier: Classifier,
    folder: Path,
    doubled: list[int],
) -> None:
    """Read the file once more for the doubled rows' words; they are rare."""
    wanted = set(doubled)
    column = mapping.columns["order_no"]
    found = reading.rows(source, delimiter=mapping.delimiter, php_quoting=mapping.php_quoting)
    with (folder / "rejected.jsonl").open("a", encoding="utf-8") as rejected:
        for number, cells in found:
            if number in wanted:
                excerpt = classifier.excerpt(cells)
                reason = Rejected("duplicate_line", field=column, value=excerpt[column])
                _write_rejection(rejected, number, reason, excerpt)


def _write_staged(
    db: duckdb.DuckDBPyConnection, target: Path, *, mapping: FileMapping, file_id: str
) -> None:
    """Write the lines in the store's columns; an unpaid order has its number and no more."""
    db.execute(
        f"""COPY (SELECT {engine.literal(mapping.source)} AS source, dealer_ref, order_no, line_no,
            kind, occurred_at::DATE AS occurred_on, occurred_at,
            strftime(occurred_at, '%Y-%m') AS month, product_ref, product_name, category, region,
            quantity, amount_minor, {engine.literal(mapping.currency)} AS currency, buyer_key,
            original_order_no, {engine.literal(file_id)} AS file_id, row_no
        FROM numbered WHERE order_no IS NOT NULL ORDER BY row_no)
        TO {engine.literal(str(target))} (FORMAT parquet, COMPRESSION zstd)"""  # noqa: S608 – COPY takes no bound values; all are quoted
    )
