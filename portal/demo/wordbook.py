"""Reads the demo's text material from the TOML files in `words/`."""

import tomllib
from importlib.resources import files
from typing import Any


def read(name: str) -> dict[str, Any]:
    """Return the parsed content of words/<name>.toml; FileNotFoundError if there is none."""
    source = files("portal.demo").joinpath("words", f"{name}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))
