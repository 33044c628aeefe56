"""Where the portal keeps the built reports, and where it has them rendered."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flask import current_app

from reports.site.build import Crew
from reports.site.cluster import outcomes_on
from reports.site.layout import BUILDS
from reports.site.manifest import NoBuild, read_manifest
from reports.site.view import BuildView, current_build


def site_dir() -> Path:
    """Return the folder of the built report site."""
    folder: Path = current_app.extensions["tongtu.settings"].site_dir
    return folder


def crew() -> Crew | None:
    """Return who renders reports: a Dask cluster where one is set, else None for this machine."""
    scheduler: str = current_app.extensions["tongtu.settings"].dask_scheduler
    return partial(outcomes_on, scheduler=scheduler) if scheduler else None


def site() -> BuildView | None:
    """Return the build that is served now; None before the first."""
    try:
        return current_build(site_dir())
    except NoBuild:
        return None


def site_of(build_id: str) -> BuildView | None:
    """Return the build with this id, served or not; None when it is gone or there was none."""
    folder = site_dir() / BUILDS / build_id
    try:
        manifest = read_manifest(site_dir(), build_id)
    except NoBuild:
        return None
    made_at = datetime.fromtimestamp(folder.stat().st_mtime, tz=UTC)
    return BuildView(folder=folder, build_id=build_id, built_at=made_at, manifest=manifest)
