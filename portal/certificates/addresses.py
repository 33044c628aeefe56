"""Addresses that stand in credentials and on paper: absolute, from the base URL, never changed.

They must outlive the request that makes them, and jobs and commands need them too: so they are
written here and not asked of the routes. A test compares the two.
"""

from flask import current_app

from courses.course import Course


def base() -> str:
    """Return where the portal is reached, without a slash at the end."""
    url: str = current_app.extensions["tongtu.settings"].base_url
    return url


def issuer() -> str:
    """Return the id of the issuer, where its profile stands."""
    return f"{base()}/badges/issuer"


def key(kid: str) -> str:
    """Return where a public key stands."""
    return f"{base()}/badges/keys/{kid}"


def status_list(kid: str) -> str:
    """Return where the revocations of what a key signed are told."""
    return f"{base()}/badges/status/{kid}"


def achievement(course: Course) -> str:
    """Return where one version of a course is described."""
    return f"{base()}/badges/achievements/{course.id}/{course.version}"


def image(course: Course) -> str:
    """Return the picture of a course's badge."""
    return f"{achievement(course)}/badge.png"


def check(written: str) -> str:
    """Return where a certificate is checked, by its number as it is printed."""
    return f"{base()}/verify/{written}"
