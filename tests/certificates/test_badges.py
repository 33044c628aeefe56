"""Others verify our badges: openbadgeslib, over a real connection, with the keys we publish."""

import base64
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta

import jwt
import pytest
import time_machine
from certificates.conftest import SLUG, portal_at
from conftest import NOW
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from learning.conftest import work_in
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier
from openbadgeslib.ob3.status import check_credential_status
from openbadgeslib.verify import verify_badge

from courses.certificate import written
from portal.certificates import actions
from portal.certificates.models import Certificate
from portal.db import db
from portal.settings import new_secret

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def portal_url(app) -> Iterator[str]:
    """The address of the portal, answering from a thread of its own; badges name it."""
    with portal_at(app) as url:
        yield url


def fetched(url: str) -> bytes:
    """Return what stands at an address; openbadgeslib's own fetcher takes https only."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 – our own, on loopback
        return answer.read()


def key_of(token: str) -> bytes:
    """Return the public key that a credential's header points to, as PEM."""
    jwk = json.loads(fetched(jwt.get_unverified_header(token)["kid"]))
    return jwt.PyJWK(jwk).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def client(sign_in, cast):
    return sign_in(cast.dealer_a)


@pytest.fixture
def badge(client) -> Callable[..., bytes]:
    """Return a function that takes a certificate's badge along, as its holder does."""

    def take(number: str, kind: str = "jwt") -> bytes:
        answer = client.get(f"/certificates/{number}/badge.{kind}")
        assert answer.status_code == 200
        return answer.data

    return take


def revoke(app, cast, number: str) -> None:
    with work_in(app):
        actions.revoke(
            typed=number, reason="姓名有误", by_person_id=cast.operator.person_id, at=NOW
        )


def verified(token: str):
    return OB3Verifier(key_of(token)).verify(token, check_status=True, download=fetched)


def test_a_verifier_of_others_accepts_the_badge_and_its_list_of_revocations(
    portal_url, issued, badge
):
    number = issued()
    token = badge(number).decode()

    told, in_png = (
        verify_badge(
            badge(number, kind), pubkey_pem=key_of(token), check_status=True, download=fetched
        )
        for kind in ("svg", "png")
    )

    assert (told.valid, told.trusted, told.reason) == (True, True, None)
    assert in_png.credential == told.credential
    assert told.credential.issuer.id == f"{portal_url}/badges/issuer"
    assert told.credential.issuer.name == "同途联盟"
    assert told.credential.achievement.name == "课程 trial-101 · Course trial-101"
    assert told.credential.id == f"{portal_url}/verify/{written(number)}"
    assert json.loads(fetched(told.credential.issuer.id))["id"] == told.credential.issuer.id
    described = json.loads(fetched(told.credential.achievement.id))
    assert described["name"] == told.credential.achievement.name
    assert fetched(told.credential.achievement.image_url).startswith(b"\x89PNG")


def token_texts(token: str) -> str:
    return json.dumps(payload_of(token), ensure_ascii=False)


def payload_of(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


def test_its_command_line_accepts_the_badge_and_refuses_it_with_one_byte_changed(
    portal_url, issued, badge, tmp_path
):
    number = issued()
    (tmp_path / "key.pem").write_bytes(key_of(badge(number).decode()))
    baked = badge(number, "svg")
    at = baked.index(b'verify="') + 200
    changed = baked[:at] + (b"A" if baked[at : at + 1] != b"A" else b"B") + baked[at + 1 :]

    def told(content: bytes) -> int:
        (tmp_path / "badge.svg").write_bytes(content)
        command = [sys.executable, "-m", "openbadgeslib.openbadges_verifier", "-V", "3"]
        given = ["-i", tmp_path / "badge.svg", "-k", tmp_path / "key.pem"]
        # It binds the badge to a person when told one; ours names nobody in clear.
        given += ["-r", payload_of(badge(number).decode())["sub"]]
        return subprocess.run([*command, *map(str, given)], check=False, timeout=60).returncode

    assert told(baked) == 0
    assert told(changed) == 1


def test_one_byte_altered_anywhere_is_refused(portal_url, issued, badge):
    token = badge(issued()).decode()
    verifier = OB3Verifier(key_of(token))

    assert verifier.verify(token)  # the control: as it was, it is accepted
    for at in range(5, len(token) - 2, 97):
        if token[at] != ".":
            changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
            with pytest.raises(OB3VerificationError):
                verifier.verify(changed)


def test_after_the_revocation_the_list_says_so_and_of_this_badge_only(
    app, cast, portal_url, issued, badge, sign_in
):
    first, second = issued(), issued(cast.dealer_b)
    token = badge(first).decode()
    other = sign_in(cast.dealer_b).get(f"/certificates/{second}/badge.jwt").text
    assert verified(token)

    revoke(app, cast, first)

    with pytest.raises(OB3VerificationError, match="revocation"):
        verified(token)
    assert verified(other)


def test_a_new_key_signs_and_what_the_old_one_signed_is_still_verified_and_revoked(
    app, cast, portal_url, issued, badge, sign_in
):
    first = issued()
    old = badge(first).decode()
    with work_in(app):
        actions.rotate_key(compromised=False, at=NOW + timedelta(days=1))
    second = issued(cast.dealer_b)
    new = sign_in(cast.dealer_b).get(f"/certificates/{second}/badge.jwt").text

    kids = [jwt.get_unverified_header(token)["kid"] for token in (old, new)]
    published = json.loads(fetched(f"{portal_url}/.well-known/jwks.json"))["keys"]
    assert len(set(kids)) == 2
    assert [key["kid"] for key in published] == [kid.rpartition("/")[2] for kid in kids[::-1]]
    assert verified(old)
    assert verified(new)
    revoke(app, cast, first)
    with pytest.raises(OB3VerificationError, match="revocation"):
        verified(old)


def test_a_compromised_key_is_published_no_more_and_its_badges_are_signed_again(
    app, portal_url, issued, badge
):
    number = issued()
    old = badge(number).decode()
    with work_in(app):
        assert actions.rotate_key(compromised=True, at=NOW + timedelta(days=1)) == 1

    with pytest.raises(urllib.error.HTTPError, match="404"):
        key_of(old)
    assert verified(badge(number).decode()).id == payload_of(old)["id"]


def test_keys_sealed_under_a_secret_that_is_gone_are_replaced_and_old_badges_still_verify(
    app, portal_url, cast, issued, badge, sign_in, monkeypatch
):
    old = badge(issued()).decode()
    client = sign_in(cast.dealer_b)
    monkeypatch.setitem(app.config, "SECRET_KEY", new_secret())

    issued(cast.dealer_b)

    assert OB3Verifier(key_of(old)).verify(old)
    with work_in(app):
        rows = db.session.query(Certificate.key_id).distinct().count()
    assert rows == 2
    assert client is not None


def test_the_credential_says_no_name_in_clear_but_can_confirm_one(portal_url, issued, badge):
    token = badge(issued()).decode()
    subject = payload_of(token)["credentialSubject"]

    assert "林小鹿" not in token_texts(token)
    (identity,) = OB3Verifier(key_of(token)).verify(token).identifiers
    assert identity.hashed
    assert subject["identifier"][0]["identityType"] == "name"


def test_the_json_badge_wraps_the_same_token(portal_url, issued, badge):
    number = issued()
    wrapped = json.loads(badge(number, "json"))

    assert wrapped["type"] == "EnvelopedVerifiableCredential"
    assert wrapped["id"].partition(",")[2] == badge(number).decode()


def test_private_parts_of_keys_are_published_nowhere_and_lie_sealed(app, portal_url, issued):
    issued()
    published = fetched(f"{portal_url}/.well-known/jwks.json").decode()
    with work_in(app):
        stored = db.session.execute(db.text("SELECT private_sealed FROM signing_key")).scalar_one()

    assert set(json.loads(published)["keys"][0]) == {"kty", "n", "e", "kid", "alg", "use"}
    assert "PRIVATE" not in stored
    assert b"PRIVATE" not in base64.urlsafe_b64decode(stored.partition(".")[2])


def test_the_list_of_revocations_is_signed_by_us_and_ends_after_a_day(portal_url, issued, badge):
    token = badge(issued()).decode()
    entry = payload_of(token)["credentialStatus"]
    listed = payload_of(fetched(entry["statusListCredential"]).decode())

    assert listed["issuer"] == f"{portal_url}/badges/issuer"
    assert listed["exp"] - listed["nbf"] == 24 * 3600
    credential = OB3Verifier(key_of(token)).verify(token)
    with time_machine.travel(NOW + timedelta(days=2), tick=True):
        old = fetched(entry["statusListCredential"])  # as it would be served from a cache
    with (
        time_machine.travel(NOW + timedelta(days=5), tick=True),
        pytest.raises(OB3VerificationError, match="expired"),
    ):
        check_credential_status(credential, download=lambda _: old)


def test_there_is_no_document_of_what_there_is_not(client, issued):
    issued()
    for path in ("keys/none", "status/none", f"achievements/{SLUG}/none"):
        assert client.get(f"/badges/{path}").status_code == 404


def test_documents_may_be_read_from_anywhere_and_kept_for_a_while(client, issued):
    issued()
    for path in ("/badges/issuer", "/.well-known/jwks.json"):
        answer = client.get(path)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert re.search(r"public, max-age=\d+", answer.headers["Cache-Control"])
