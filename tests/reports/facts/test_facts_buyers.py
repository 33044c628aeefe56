"""Buyers as keyed hashes; the key and who may read it."""

import stat

import pytest

from reports.facts.buyers import KEY_FILE, WeakBuyerKey, buyer_hash, key_id, resolve_key


def test_a_buyer_is_the_same_in_any_case_and_width_of_characters():
    key = b"k" * 32
    assert buyer_hash(" Wang@Example.com", key=key) == buyer_hash("\uff37ang@example.COM ", key=key)
    assert buyer_hash("13800000000", key=key) != buyer_hash("13800000001", key=key)


def test_another_key_gives_another_hash_and_another_id():
    assert buyer_hash("wang", key=b"a" * 32) != buyer_hash("wang", key=b"b" * 32)
    assert key_id(b"a" * 32) != key_id(b"b" * 32)


def test_an_empty_contact_is_no_buyer():
    assert buyer_hash("  ", key=b"k" * 32) is None


def test_a_missing_key_is_made_once_for_its_owner_only(tmp_path):
    first = resolve_key(facts_root=tmp_path, key_file=None, environ={}, create=True)
    again = resolve_key(facts_root=tmp_path, key_file=None, environ={}, create=True)

    assert first == again
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_a_dry_run_leaves_no_key_behind(tmp_path):
    resolve_key(facts_root=tmp_path, key_file=None, environ={}, create=False)

    assert list(tmp_path.iterdir()) == []


def test_a_key_file_goes_before_the_environment_and_that_before_the_kept_key(tmp_path):
    given = tmp_path / "given"
    given.write_bytes(b"from the file given\n")
    environ = {"TONGTU_BUYER_KEY": "from the environment"}

    from_file = resolve_key(facts_root=tmp_path, key_file=given, environ=environ, create=True)
    from_environ = resolve_key(facts_root=tmp_path, key_file=None, environ=environ, create=True)

    assert from_file == b"from the file given"
    assert from_environ == b"from the environment"


def test_a_short_key_is_refused(tmp_path):
    with pytest.raises(WeakBuyerKey):
        resolve_key(
            facts_root=tmp_path, key_file=None, environ={"TONGTU_BUYER_KEY": "short"}, create=True
        )
