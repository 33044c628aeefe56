"""kill -9 of web workers: what a client was told and what is stored are the same, nothing twice.

A small run of benchmarks/kill_web.py, which has the long one.
"""

import pytest

from benchmarks import kill_web


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_acknowledged_is_stored_once_and_nothing_else_is(app):
    found = kill_web.run(app, kills=3, seed_=3, on_its_way_s=0.3)

    assert found["kills"] == {"booking": 1, "feedback": 1, "import": 1}
    assert found["answers"]["connection lost"] > 0
    assert (found["lost"], found["stored_but_told_nobody"], found["doubled"]) == (0, 0, 0)
    assert (found["never_answered"], found["files_missing"]) == (0, 0)
    assert found["told"] == found["stored"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_control_with_a_key_for_each_try_the_two_differ(app):
    found = kill_web.run(app, kills=3, seed_=3, one_key=False, on_its_way_s=0.3)

    assert found["doubled"] + found["stored_but_told_nobody"] > 0
