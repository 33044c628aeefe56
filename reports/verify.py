"""Checks a built site against the facts: figures by a second computation, files by their digest."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from reports.facts.store import open_current
from reports.recount import Recounted, recount
from reports.site.layout import BUILDS, DEALERS, MANIFEST, REPORT, digest_of, page_name, slug_of
from reports.site.manifest import FileEntry, Manifest, build_id_of, current_id, read_manifest

_MISSING = "—"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One difference: in which file, for which month, in what, and both values as text."""

    page: str  # path under the build
    month: str  # YYYY-MM, "" when it is not about one month
    figure: str
    expected: str
    found: str


def verify(site_root: Path, facts_root: Path) -> tuple[Problem, ...]:
    """Return everything in which the served build differs from the current facts, in file order.

    Every dealer's months and mix are recomputed from the facts and compared with report.json
    and with the data inside each page; every file is compared with its digest in the manifest.
    Raises NoBuild and NoFacts when there is nothing to compare.
    """
    build_id = current_id(site_root)
    manifest = read_manifest(site_root, build_id)
    folder = site_root / BUILDS / build_id
    facts = open_current(facts_root)
    expected = recount(files=facts.paths, until=facts.facts_until)
    problems = [*_of_files(folder, manifest), *_of_dealers(manifest, expected)]
    for slug, entry in manifest.dealers.items():
        truth = expected.get(entry.dealer_ref)
        if truth is not None:
            problems += _of_dealer(folder / DEALERS / slug, slug, manifest.languages, truth)
    return tuple(sorted(set(problems)))


def _of_files(folder: Path, manifest: Manifest) -> Iterator[Problem]:
    """Yield files that are altered, missing or not part of the build."""
    listed: dict[str, FileEntry] = dict(manifest.shared)
    for slug, dealer in manifest.dealers.items():
        listed |= {f"{DEALERS}/{slug}/{name}": entry for name, entry in dealer.files.items()}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    for name in sorted(found - listed.keys() - {MANIFEST}):
        yield Problem(name, "", "file", expected=_MISSING, found=name)
    for name, entry in listed.items():
        digest = digest_of(folder / name) if name in found else _MISSING
        if digest != entry.sha256:
            yield Problem(name, "", "sha256", expected=entry.sha256, found=digest)
    build_id = build_id_of((folder / MANIFEST).read_bytes())
    if build_id != folder.name:
        yield Problem(MANIFEST, "", "build id", expected=folder.name, found=build_id)


def _of_dealers(manifest: Manifest, expected: Mapping[str, Recounted]) -> Iterator[Problem]:
    """Yield dealers without a report, reports without a dealer, and pages that do not exist."""
    reported = {entry.dealer_ref for entry in manifest.dealers.values()}
    for ref in sorted(reported ^ expected.keys()):
        page = f"{DEALERS}/{slug_of(ref)}"
        there, wanted = (ref if ref in refs else _MISSING for refs in (reported, expected))
        yield Problem(page, "", "dealer", expected=wanted, found=there)
    for slug, entry in manifest.dealers.items():
        for name in map(page_name, manifest.languages):
            if name not in entry.files:
                yield Problem(f"{DEALERS}/{slug}/{name}", "", "file", expected=name, found=_MISSING)


def _of_dealer(
    folder: Path, slug: str, languages: tuple[str, ...], truth: Recounted
) -> Iterator[Problem]:
    """Yield what a dealer's files say otherwise than the facts."""
    for name in (REPORT, *map(page_name, languages)):
        page, path = f"{DEALERS}/{slug}/{name}", folder / name
        if not path.exists():
            continue  # named by the check of the files
        try:
            data = _report_data(path)
        except ValueError as error:
            yield Problem(page, "", "data", expected="JSON", found=str(error)[:80])
            continue
        yield from _of_months(page, data, truth)
        yield from _of_mix(page, data, truth)


def _of_months(page: str, data: Mapping[str, Any], truth: Recounted) -> Iterator[Problem]:
    """Yield every month and figure that differs; months too many or too few are named as well."""
    months = {row["month"]: row for row in data["months"]}
    for month in sorted(months.keys() ^ truth.months.keys()):
        wanted, there = (month if month in rows else _MISSING for rows in (truth.months, months))
        yield Problem(page, month, "month", expected=wanted, found=there)
    for month in sorted(months.keys() & truth.months.keys()):
        for figure, value in truth.months[month].items():
            found = months[month].get(figure, _MISSING)
            if found != value:
                yield Problem(page, month, figure, expected=str(value), found=str(found))


def _of_mix(page: str, data: Mapping[str, Any], truth: Recounted) -> Iterator[Problem]:
    """Yield the rows of the mix that differ, by their place."""
    for place in range(max(len(data["mix"]), len(truth.mix))):
        wanted, there = (
            json.dumps(rows[place], ensure_ascii=False, sort_keys=True)
            if place < len(rows)
            else _MISSING
            for rows in (truth.mix, data["mix"])
        )
        if wanted != there:
            yield Problem(page, "", f"mix {place + 1}", expected=wanted, found=there)


def _report_data(path: Path) -> dict[str, Any]:
    """Return the figures in report.json or inside a page; ValueError when there are none."""
    text = path.read_text(encoding="utf-8")
    if path.name != REPORT:
        parser = _DataOfPage()
        parser.feed(text)
        text = parser.data
    data = json.loads(text)
    if not isinstance(data, dict) or not {"months", "mix"} <= data.keys():
        raise ValueError("no figures")
    return data


class _DataOfPage(HTMLParser):
    """Collects the text of the page's script element with the id report-data."""

    def __init__(self) -> None:
        """Start outside of the element."""
        super().__init__()
        self.data = ""
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where the data begin."""
        self._inside = tag == "script" and ("id", "report-data") in attrs

    def handle_endtag(self, tag: str) -> None:
        """Note where the data end."""
        self._inside = self._inside and tag != "script"

    def handle_data(self, data: str) -> None:
        """Keep the data."""
        if self._inside:
            self.data += data
