"""Where the portal keeps uploads and order facts, and with which key buyers are hashed."""

import os
from pathlib import Path

from flask import current_app

from portal.settings import Settings
from reports.facts.buyers import resolve_key


def _settings() -> Settings:
    settings: Settings = current_app.extensions["tongtu.settings"]
    return settings


def uploads_dir() -> Path:
    """Return the folder of uploaded order files."""
    return _settings().uploads_dir


def facts_dir() -> Path:
    """Return the folder of the order facts."""
    return _settings().facts_dir


def buyer_key(*, create: bool) -> bytes:
    """Return the key of the buyers' hashes; `create` makes one in the facts folder if need be.

    Raises WeakBuyerKey.
    """
    # docs/settings.md tells of the variable; the engine's command line reads the same one.
    return resolve_key(facts_root=facts_dir(), key_file=None, environ=os.environ, create=create)
