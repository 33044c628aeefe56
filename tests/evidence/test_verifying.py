"""Whatever is done to the chain behind the portal's back is found and named."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from conftest import NOW
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from portal.db import db, unit_of_work
from portal.evidence import actions, queries, rules, verifying
from portal.evidence.verifying import Fault, Problem


def problems(**more) -> list[Problem]:
    return verifying.verify(**more).problems


def test_a_whole_chain_is_sound(chain_of_five):
    verdict = verifying.verify()

    assert verdict.is_sound
    assert (verdict.checked, verdict.head[0]) == (5, 5)


def test_an_empty_chain_is_sound(context):
    verdict = verifying.verify()

    assert verdict.is_sound
    assert verdict.head == (0, "0" * 64)


@pytest.mark.parametrize("chunk", [1, 2, 5, 6])
def test_the_size_of_the_chunks_changes_nothing(chunk, chain_of_five, tamper):
    tamper("UPDATE evidence_entry SET subject_id = 'x' WHERE seq = 3")

    assert problems(chunk=chunk) == [Problem(3, Fault.ALTERED)]


@pytest.mark.asvs("V11.4.3", "V16.4.2")
@pytest.mark.parametrize(
    "change",
    [
        "action = 'test.other'",
        "person_id = 7",
        "organisation_id = 7",
        "role = 'dealer'",
        "subject = 'thing'",
        "subject_id = NULL",
        "request_id = 'other'",
        "changes = '[{}]'",
        "version = 2",
        "at = '2026-11-22 02:00:00.000001'",
    ],
)
def test_an_altered_entry_is_named_whatever_was_altered(change, chain_of_five, tamper):
    tamper(f"UPDATE evidence_entry SET {change} WHERE seq = 3")

    assert problems() == [Problem(3, Fault.ALTERED)]


@pytest.mark.parametrize("seq", [1, 5])
def test_an_altered_entry_is_named_at_either_end(seq, chain_of_five, tamper):
    tamper(f"UPDATE evidence_entry SET subject_id = 'x' WHERE seq = {seq}")

    assert problems() == [Problem(seq, Fault.ALTERED)]


def test_an_entry_that_was_altered_with_its_hash_breaks_the_link_behind_it(chain_of_five, tamper):
    entry = queries.links_after(2, limit=1)[0].entry
    forged = rules.entry_hash(replace(entry, action="test.forged"))
    tamper(f"UPDATE evidence_entry SET action = 'test.forged', hash = '{forged}' WHERE seq = 3")

    assert problems() == [Problem(4, Fault.UNLINKED)]


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_removed_entry_is_named(seq, chain_of_five, tamper):
    tamper(f"DELETE FROM evidence_detail WHERE seq = {seq}")
    tamper(f"DELETE FROM evidence_entry WHERE seq = {seq}")

    assert problems() == [Problem(seq, Fault.MISSING)]


def test_an_entry_that_was_put_in_between_is_named(chain_of_five, tamper):
    tamper("DELETE FROM evidence_detail WHERE seq >= 4")
    tamper("UPDATE evidence_entry SET seq = 6 WHERE seq = 5")
    tamper("UPDATE evidence_entry SET seq = 5 WHERE seq = 4")
    tamper(
        "INSERT INTO evidence_entry (seq, version, at, action, changes, previous_hash, hash) "
        "SELECT 4, version, at, 'test.planted', changes, hash, hash FROM evidence_entry "
        "WHERE seq = 3"
    )

    assert Problem(4, Fault.ALTERED) in problems()


def test_an_entry_that_was_put_behind_the_head_is_named(chain_of_five, tamper):
    last = queries.links_after(4, limit=1)[0]
    planted = replace(last.entry, seq=6, previous_hash=last.hash, details_hash=None)
    tamper(
        "INSERT INTO evidence_entry "
        "(seq, version, at, subject, subject_id, role, action, changes, previous_hash, hash) "
        "SELECT 6, version, at, subject, subject_id, role, action, changes, hash, "
        f"'{rules.entry_hash(planted)}' FROM evidence_entry WHERE seq = 5"
    )

    assert problems() == [Problem(6, Fault.BEYOND_HEAD)]


def test_altered_details_are_named(chain_of_five, tamper):
    tamper("UPDATE evidence_detail SET details = '{}' WHERE seq = 2")

    assert problems() == [Problem(2, Fault.DETAILS_ALTERED)]


def test_details_that_were_removed_are_told_from_details_that_were_erased(chain_of_five, tamper):
    with unit_of_work():
        actions.erase_details(seqs=[1, 2, 4], at=NOW)
    tamper("DELETE FROM evidence_detail WHERE seq = 5")

    verdict = verifying.verify()

    assert verdict.erased == 3
    assert verdict.problems == [Problem(5, Fault.DETAILS_MISSING)]


def test_details_are_forgotten_after_two_years_and_the_chain_still_holds(chain_of_five):
    with unit_of_work():
        early = actions.forget_old_details(at=NOW + rules.DETAILS_KEPT)
    with unit_of_work():
        late = actions.forget_old_details(at=NOW + rules.DETAILS_KEPT + timedelta(seconds=1))

    verdict = verifying.verify()
    assert (early, late) == (0, 5)
    assert verdict.is_sound
    assert verdict.erased == 5


def test_details_that_came_back_after_their_erasure_are_named(chain_of_five, tamper):
    row = db.session.execute(text("SELECT salt, details FROM evidence_detail WHERE seq = 2")).one()
    with unit_of_work():
        actions.erase_details(seqs=[2], at=NOW)
    tamper(
        "INSERT INTO evidence_detail (seq, salt, details) "
        f"VALUES (2, '{row.salt}', '{row.details}')"
    )

    assert problems() == [Problem(2, Fault.DETAILS_BACK)]


def test_a_chain_that_was_rebuilt_is_found_by_an_anchor(chain_of_five, tamper):
    noted = dict([queries.head()])
    assert problems(anchors=noted) == []
    for table in ("evidence_detail", "evidence_entry", "evidence_head"):
        tamper(f"DELETE FROM {table}")
    for _ in range(6):
        with unit_of_work():
            actions.record(action="test.rebuilt", at=NOW)

    assert problems() == []
    assert problems(anchors=noted) == [Problem(5, Fault.OTHER_ANCHOR)]


def test_a_chain_that_was_cut_with_its_head_is_found_by_an_anchor(chain_of_five, tamper):
    noted = dict([queries.head()])
    fourth = queries.links_after(3, limit=1)[0].hash
    tamper("DELETE FROM evidence_detail WHERE seq = 5")
    tamper("DELETE FROM evidence_entry WHERE seq = 5")
    tamper(f"UPDATE evidence_head SET seq = 4, hash = '{fourth}'")

    assert problems() == []
    assert problems(anchors=noted) == [Problem(5, Fault.OTHER_ANCHOR)]


@pytest.mark.asvs("V16.4.2")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence_entry SET action = 'test.other' WHERE seq = 1",
        "DELETE FROM evidence_entry WHERE seq = 5",
        "UPDATE evidence_detail SET details = '{}' WHERE seq = 1",
        "TRUNCATE evidence_entry CASCADE",
    ],
)
def test_the_database_refuses_to_rewrite_what_happened(statement, chain_of_five, tamper):
    if statement.startswith("TRUNCATE") and db.engine.dialect.name == "sqlite":
        statement = "DELETE FROM evidence_entry WHERE seq > 1"
    db.session.rollback()
    with pytest.raises(DatabaseError, match="is never changed"), unit_of_work():
        db.session.execute(text(statement))
    assert problems() == []

    # The control: without the triggers it is done.
    tamper("DELETE FROM evidence_detail WHERE seq > 1")
    tamper(statement)
    assert problems() != []


def test_the_command_says_how_many_it_checked_and_what_the_head_is(app, chain_of_five):
    seq, digest = queries.head()
    db.session.rollback()

    result = app.test_cli_runner().invoke(
        args=["evidence", "verify", "--anchor", f"{seq}:{digest}"]
    )

    assert result.exit_code == 0, result.output
    assert "检查了 5 条" in result.output
    assert f"{seq}:{digest}" in result.output


def test_the_command_names_the_broken_entry_and_fails(app, chain_of_five, tamper):
    tamper("UPDATE evidence_entry SET subject_id = 'x' WHERE seq = 3")

    result = app.test_cli_runner().invoke(args=["evidence", "verify"])

    assert result.exit_code == 1
    assert "entry 3 was altered" in result.output


@pytest.mark.asvs("V11.4.3")
def test_an_export_can_be_checked_with_nothing_but_json_and_sha256(app, chain_of_five):
    result = app.test_cli_runner().invoke(args=["evidence", "export"])

    previous = "0" * 64
    lines = result.output.splitlines()
    for line in lines:
        entry = json.loads(line)
        claimed = entry.pop("hash")
        text_ = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(b"\x01" + text_.encode()).hexdigest() == claimed
        assert entry["previous_hash"] == previous
        previous = claimed
    assert len(lines) == 5
    assert previous == queries.head()[1]
