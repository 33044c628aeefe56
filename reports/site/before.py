"""The build before: what of it can be used again."""

from collections.abc import Mapping
from pathlib import Path

from reports.facts.versions import share
from reports.site.layout import BUILDS, DEALERS
from reports.site.manifest import (
    DealerEntry,
    FileEntry,
    Manifest,
    NoBuild,
    current_id,
    read_manifest,
)


class BuildBefore:
    """The build that is served while the next one is made; there may be none."""

    def __init__(self, out: Path) -> None:
        """Look the build up. A pointer to a build that cannot be read counts as none."""
        self.build_id = ""
        self.manifest: Manifest | None = None
        try:
            self.build_id = current_id(out)
            self.manifest = read_manifest(out, self.build_id)
        except NoBuild:
            self._dealers: Mapping[str, DealerEntry] = {}
        else:
            self._dealers = self.manifest.dealers
        self._folder = out / BUILDS / self.build_id

    def same(self, *, slug: str, key: str) -> DealerEntry | None:
        """Return the dealer's entry if it was built from the same key and no file is damaged."""
        entry = self.whole(slug)
        return entry if entry is not None and entry.key == key else None

    def whole(self, slug: str) -> DealerEntry | None:
        """Return the dealer's entry if there is one and no file of it is missing or altered."""
        entry = self._dealers.get(slug)
        return (
            entry if entry is not None and entry.is_whole(self._folder / DEALERS / slug) else None
        )

    def link(self, entry: DealerEntry, *, slug: str, to: Path) -> None:
        """Put the dealer's files into the folder `to` without copying their content."""
        to.mkdir(parents=True)
        for name in entry.files:
            share(self._folder / DEALERS / slug / name, to / name)

    def equals(self, candidate: Manifest) -> bool:
        """Return whether `candidate` describes this very build, its shared files being whole."""
        return candidate == self.manifest and all(
            entry.fits(self._folder / name) for name, entry in self.shared().items()
        )

    def shared(self) -> Mapping[str, FileEntry]:
        """Return the index and the assets, by path under the build; empty without a build."""
        return self.manifest.shared if self.manifest else {}
