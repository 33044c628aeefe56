"""Reading a built site: what the portal asks of it. Nothing here writes."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from reports.site.layout import ASSETS, BUILDS, DEALERS, POINTER, REPORT, slug_of
from reports.site.manifest import DealerEntry, Manifest, current_id, read_manifest


class NoReport(LookupError):
    """The build has no such dealer, or the dealer no such file."""


@dataclass(frozen=True, slots=True)
class BuildView:
    """One build, as it was when it was looked up; it stays readable when a newer one is made."""

    folder: Path
    build_id: str
    built_at: datetime  # aware, UTC: when the pointer was switched to it
    manifest: Manifest

    @property
    def facts_version(self) -> str:
        """Return the version of the facts that the build is up to date with."""
        return self.manifest.facts_version

    @property
    def facts_until(self) -> date:
        """Return the last day that the facts cover."""
        return date.fromisoformat(self.manifest.facts_until)

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages that every report exists in."""
        return self.manifest.languages

    def dealers(self) -> tuple[str, ...]:
        """Return the slugs of all dealers with a report, ordered."""
        return tuple(sorted(self.manifest.dealers))

    def failed(self) -> dict[str, str]:
        """Return reference -> reason of the dealers whose report is missing or out of date."""
        return dict(self.manifest.failed)

    def entry(self, dealer_ref: str) -> DealerEntry:
        """Return what the build knows of a dealer's report; NoReport when there is none."""
        entry = self.manifest.dealers.get(slug_of(dealer_ref))
        if entry is None:
            raise NoReport(dealer_ref)
        return entry

    def file(self, dealer_ref: str, name: str) -> Path:
        """Return the path of one file of a dealer's report; NoReport when there is none.

        Only names listed in the manifest are known, so no name leads out of the dealer's folder.
        """
        if name not in self.entry(dealer_ref).files:
            raise NoReport(f"{dealer_ref}: {name}")
        return self.folder / DEALERS / slug_of(dealer_ref) / name

    def asset(self, name: str) -> Path:
        """Return the path of one of the files all pages share; NoReport when there is none."""
        if f"{ASSETS}/{name}" not in self.manifest.shared:
            raise NoReport(f"{ASSETS}/{name}")
        return self.folder / ASSETS / name

    def report_data(self, dealer_ref: str) -> dict[str, Any]:
        """Return all figures of a dealer as in report.json; NoReport when there is none."""
        content = self.file(dealer_ref, REPORT).read_bytes()
        data: dict[str, Any] = json.loads(content)
        return data


def current_build(out: Path) -> BuildView:
    """Return the build that is served now; NoBuild when there is none."""
    build_id = current_id(out)
    switched_at = (out / POINTER).stat().st_mtime
    return BuildView(
        folder=out / BUILDS / build_id,
        build_id=build_id,
        built_at=datetime.fromtimestamp(switched_at, tz=UTC),
        manifest=_manifest(out, build_id),
    )


@lru_cache(maxsize=4)
def _manifest(out: Path, build_id: str) -> Manifest:
    """Return a build's manifest, read once: the id is a digest of it, so it cannot change."""
    return read_manifest(out, build_id)
