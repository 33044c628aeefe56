"""What a key may look like, and which sendings count as the same."""

import pytest

from portal.idempotency import rules


def test_a_fresh_key_is_a_key_and_no_two_are_the_same():
    keys = {rules.new_key() for _ in range(1000)}

    assert len(keys) == 1000
    assert all(rules.is_key(key) for key in keys)


@pytest.mark.parametrize(
    "text", ["", "with a blank", "k" * 256, "nul\0nul-nul", "钥匙钥匙钥匙钥匙"]
)
def test_what_is_no_key(text):
    assert not rules.is_key(text)


def test_the_order_of_fields_and_the_fields_of_the_sending_itself_do_not_matter():
    one = rules.compared([("b", ["2"]), ("a", ["1"]), ("csrf_token", ["x"])])
    other = rules.compared([("a", ["1"]), ("b", ["2"]), ("idempotency_key", ["y"])])

    assert one == other


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["ab", "c"], ["a", "bc"]),
        ([["a"], "b"], ["a", ["b"]]),
        (["1"], [1]),
        ([None], ["null"]),
        (["a", "b"], ["b", "a"]),
    ],
)
def test_different_parts_have_different_fingerprints(one, other):
    assert rules.fingerprint(*one, secret="s") != rules.fingerprint(*other, secret="s")


def test_without_the_secret_a_fingerprint_cannot_be_made_again():
    assert rules.fingerprint("password", secret="s") != rules.fingerprint("password", secret="t")
