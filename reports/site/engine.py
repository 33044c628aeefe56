"""The version of the engine: a digest of all that shapes a report beside the dealer's figures."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_SOURCES = ("metrics", "render", "site")
"""Packages beside this one whose files decide what a report looks like."""

_LIBRARIES = ("weasyprint", "pydyf", "jinja2", "markupsafe", "fonttools")


@cache
def engine_version() -> str:
    """Return a digest of our sources, templates, locales and fonts and of the libraries used.

    Reports are reused only between equal engines: a changed template rebuilds every report.
    """
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for path in sorted(path for name in _SOURCES for path in (root / name).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()[:24]
