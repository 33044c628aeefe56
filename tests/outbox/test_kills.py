"""kill -9 of workers and of the whole engine loses no job and doubles no effect.

A small run of benchmarks/kill_workers.py, which has the long one. The controls lose jobs.
"""

import pytest

from benchmarks import kill_workers


def test_no_job_is_lost_and_no_effect_doubled(context):
    found = kill_workers.run(
        context, seed=5, processes=2, number_of_jobs=8, kills=3, work_s=(0.1, 0.4)
    )

    assert sum(found["kills"].values()) >= 3
    assert (found["lost"], found["doubled"], found["amount_off_by"]) == (0, 0, 0)
    assert (found["dead"], found["not_done"]) == (0, 0)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_control_without_takeover_a_job_is_lost(context):
    found = kill_workers.run(
        context,
        seed=1,  # whose first choice is the whole engine
        processes=1,
        number_of_jobs=3,
        kills=1,
        work_s=(1.5, 1.5),  # longer than it takes to strike
        quiet_s=4,
        control="no-takeover",
    )

    assert found["kills"] == {"engine": 1}
    assert found["lost"] > 0
