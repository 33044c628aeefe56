"""The files beside the pages: written once per build, named by their content, cached for ever."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STATIC_FOLDER = Path(__file__).resolve().parent / "static"

# What the page calls a file -> where it lies under `static/`.
SOURCES = {
    "report.css": "report.css",
    "report.js": "report.js",
    "plotly.css": "vendor/plotly.css",
    "plotly.js": "vendor/plotly-cartesian.min.js",
    "plotly-locale-zh-cn.js": "vendor/plotly-locale-zh-cn.js",
    "plotly.LICENSE.txt": "vendor/plotly.LICENSE.txt",
}


@dataclass(frozen=True, slots=True)
class Assets:
    """Which file name each asset has; pages lie two folders below the assets' parent."""

    files: Mapping[str, str]

    def href(self, name: str) -> str:
        """Return the link from a dealer's page to the asset; KeyError for an unknown name."""
        return f"../../assets/{self.files[name]}"


def hashed_name(name: str, content: bytes) -> str:
    """Return `name` with ten hex digits of the content's hash before its ending."""
    stem, dot, ending = name.partition(".")
    return f"{stem}-{hashlib.sha256(content).hexdigest()[:10]}{dot}{ending}"


def write_assets(folder: Path) -> Assets:
    """Copy the assets into `folder` under names made of their content and return the names.

    Makes the folder; a file that is already there is left alone, since its name says what it
    holds. Raises OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, source in SOURCES.items():
        content = (STATIC_FOLDER / source).read_bytes()
        files[name] = hashed_name(name, content)
        target = folder / files[name]
        if not target.exists():
            target.write_bytes(content)
    return Assets(files=files)
