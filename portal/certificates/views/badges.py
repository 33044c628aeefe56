"""Documents for verifiers: who issues, which keys to trust, what is attested, what is revoked.

Machines of others read them, browsers too: so they may be kept for a while and read from anywhere.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, abort
from flask.typing import ResponseReturnValue

from courses import open_badge
from courses.course import Course
from portal import clock
from portal.access import public
from portal.certificates import actions, addresses, keys, pictures, queries
from portal.certificates.views.blueprint import bp

KEPT_S = 3600
STATUS_KEPT_S = 300  # how long a revocation may go unseen


@bp.get("/badges/issuer")
@public
def issuer() -> ResponseReturnValue:
    """Tell who issues the badges."""
    return _json(open_badge.profile(actions.issuer()), "application/ld+json")


@bp.get("/.well-known/jwks.json")
@public
def key_set() -> ResponseReturnValue:
    """Tell every key to trust, the current one first."""
    told = [_jwk(each) for each in keys.published()]
    return _json({"keys": told}, "application/jwk-set+json")


@bp.get("/badges/keys/<kid>")
@public
def key(kid: str) -> ResponseReturnValue:
    """Tell one key: where the header of a credential points."""
    found = keys.published_key(kid)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return _json(_jwk(found), "application/jwk+json")


def _jwk(found: keys.PublicKey) -> Mapping[str, str]:
    return {**found.jwk, "kid": found.kid, "alg": keys.ALGORITHM, "use": "sig"}


@bp.get("/badges/achievements/<slug>/<version>")
@public
def achievement(slug: str, version: str) -> ResponseReturnValue:
    """Tell what one version of a course attests."""
    course = _course(slug, version)
    told = open_badge.achievement(
        course,
        id=addresses.achievement(course),
        image_url=addresses.image(course),
        issuer=actions.issuer(),
    )
    return _json(told, "application/ld+json")


@bp.get("/badges/achievements/<slug>/<version>/badge.png")
@public
def picture(slug: str, version: str) -> ResponseReturnValue:
    """Send the picture of a badge; it is the same for every course."""
    _course(slug, version)
    return _open(Response(pictures.badge_png(), mimetype="image/png"), KEPT_S)


@bp.get("/badges/status/<kid>")
@public
def status(kid: str) -> ResponseReturnValue:
    """Send the signed list of what is revoked among all that a key has signed."""
    found = keys.published_key(kid)
    signer = None if found is None else keys.signer_of_list(found)
    if found is None or signer is None:
        abort(HTTPStatus.NOT_FOUND)
    payload = open_badge.status_list(
        url=addresses.status_list(kid),
        issuer_id=addresses.issuer(),
        revoked=queries.revoked_bits(found.id),
        at=clock.now(),
    )
    return _open(Response(signer.sign(payload), mimetype="application/vc+jwt"), STATUS_KEPT_S)


def _course(slug: str, version: str) -> Course:
    course = queries.published_course(slug=slug, version=version)
    if course is None:
        abort(HTTPStatus.NOT_FOUND)
    return course


def _json(told: Mapping[str, Any], mimetype: str) -> Response:
    text = json.dumps(told, ensure_ascii=False)
    return _open(Response(text, content_type=f"{mimetype}; charset=utf-8"), KEPT_S)


def _open(answer: Response, seconds: int) -> Response:
    """Let everybody read and keep an answer: it holds nobody's data."""
    answer.headers["Cache-Control"] = f"public, max-age={seconds}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
