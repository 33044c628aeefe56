"""What backups ask of a database, whichever it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import LiteralString, Protocol

from portal.backup.manifest import Contents
from portal.backup.words import Words

# Which rows speak of files below the uploads folder, by table.
UPLOADS: Mapping[str, LiteralString] = {
    "order_import": "SELECT stored FROM order_import WHERE stored IS NOT NULL ORDER BY stored",
    "action_item": "SELECT picture FROM action_item WHERE picture IS NOT NULL ORDER BY picture",
}


class Database(Protocol):
    """A database of the portal, reached by its own means and never by the request's session."""

    dump_name: str
    """Name of its dump in an archive."""

    def snapshot(self, target: Path) -> Contents:
        """Write the database as it is at one instant to `target`, and return what it holds.

        Who writes meanwhile goes on writing.
        """

    def contents(self) -> Contents:
        """Return what the database holds."""

    def size_bytes(self) -> int:
        """Return about how large a dump may become."""

    def is_empty(self) -> bool:
        """Return whether there is no table at all."""

    def in_use(self) -> bool:
        """Return whether anybody else is connected."""

    def has_aside(self) -> bool:
        """Return whether something is aside: a restore was cut off."""

    def set_aside(self) -> None:
        """Move what is there out of the way, so that it can be brought back."""

    def load(self, dump: Path) -> None:
        """Fill the empty database from a dump of this kind."""

    def bring_back(self) -> None:
        """Undo `load` and `set_aside`."""

    def forget_aside(self) -> None:
        """Remove what was set aside."""

    def damages(self) -> list[Words]:
        """Return what the database's own check of itself finds."""
