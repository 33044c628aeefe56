"""The files in which a signed credential is taken along."""

import json

from courses.open_badge import CREDENTIALS
from portal.certificates import pictures


def made(token: str, *, kind: str) -> tuple[bytes, str]:
    """Return the file of a kind ("jwt", "json", "svg", "png") and its media type."""
    if kind == "svg":
        return pictures.baked_svg(token), "image/svg+xml"
    if kind == "png":
        return pictures.baked_png(token), "image/png"
    if kind == "json":
        return json.dumps(enveloped(token)).encode(), "application/vc+json"
    return token.encode(), "application/vc+jwt"


def enveloped(token: str) -> dict[str, object]:
    """Return a signed credential as JSON, as W3C's data model 2.0 wraps one."""
    return {
        "@context": [CREDENTIALS],
        "id": f"data:application/vc+jwt,{token}",
        "type": "EnvelopedVerifiableCredential",
    }
