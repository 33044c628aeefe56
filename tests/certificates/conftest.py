"""A course that earns a certificate, completed by dealer A."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread

import pytest
from conftest import NOW
from flask import Flask
from learning.conftest import (  # the course, and how it is learnt
    attempt,
    change,
    learn,
    library,
    published,
    work_in,
    write_lesson,
)
from werkzeug.serving import make_server

from portal import jobs
from portal.certificates import actions, queries

__all__ = ["attempt", "change", "learn", "library", "published", "write_lesson"]
LESSONS = ("one", "two", "three")
SLUG = "trial-101"


@pytest.fixture
def complete(app: Flask, learn, cast) -> Callable[..., None]:
    """Return a function that lets somebody, dealer A by default, complete the course."""

    def whole(actor=cast.dealer_a) -> None:
        learn(*LESSONS, actor=actor)

    return whole


@pytest.fixture
def issued(app: Flask, complete, cast) -> Callable[..., str]:
    """Return a function that completes the course and gives the certificate's number."""

    def number_of(actor=cast.dealer_a) -> str:
        complete(actor)
        with work_in(app):
            return actions.claim(member=actor.member, slug=SLUG, at=NOW)

    return number_of


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """Return a function that runs what is due."""
    return lambda: jobs.run_all(app)


@pytest.fixture
def row_of(app: Flask) -> Callable[[str], queries.CertificateRow]:
    """Return a function that gives a certificate as operators see it."""

    def read(number: str) -> queries.CertificateRow:
        with work_in(app):
            return queries.any_one(number)

    return read


@contextmanager
def portal_at(app: Flask) -> Iterator[str]:
    """Let the portal answer from a thread of its own, and badges name its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    app.extensions["tongtu.settings"] = replace(app.extensions["tongtu.settings"], base_url=url)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
