"""What a sign-in's password costs: CPU time of one hash, at the cost of the settings.

    python benchmarks/password_cost.py      prints one line of JSON

CPU time is what counts: a server with two cores checks 2,000 / cpu_ms_median passwords a second.
The default of Flask-Security stands beside it.
"""

import json
import platform
import statistics
import time

from argon2 import PasswordHasher

from portal.accounts.sign_in.passwords import COSTS

RUNS = 20
# argon2id with 64 MiB, three passes, four lanes: the default of Flask-Security and of passlib.
DEFAULT = {"argon2__rounds": 3, "argon2__memory_cost": 65_536, "argon2__parallelism": 4}


def measure(cost: dict[str, int]) -> dict[str, float]:
    """Return CPU and wall milliseconds of checking one password."""
    hasher = PasswordHasher(
        time_cost=cost["argon2__rounds"],
        memory_cost=cost["argon2__memory_cost"],
        parallelism=cost["argon2__parallelism"],
    )
    stored = hasher.hash("correct horse battery")
    cpu, wall = [], []
    for _ in range(RUNS):
        before = time.process_time(), time.perf_counter()
        hasher.verify(stored, "correct horse battery")
        cpu.append(1000 * (time.process_time() - before[0]))
        wall.append(1000 * (time.perf_counter() - before[1]))
    return {
        "cpu_ms_median": round(statistics.median(cpu), 1),
        "cpu_ms_min": round(min(cpu), 1),
        "wall_ms_median": round(statistics.median(wall), 1),
    }


if __name__ == "__main__":
    print(
        json.dumps(
            {
                "benchmark": "password_cost",
                "runs": RUNS,
                "python": platform.python_version(),
                "ours": {"cost": COSTS["interactive"], **measure(COSTS["interactive"])},
                "library_default": {"cost": DEFAULT, **measure(DEFAULT)},
            }
        )
    )
