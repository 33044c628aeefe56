"""Reading an outside calendar in a process of its own, which can be ended and may not eat memory.

A library that is stuck in C code hears no alarm: only the end of its process stops it.
"""

import base64
import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.calendars.reading import Problem, Reader, Reading, Trouble, read

SECONDS = 25  # more than the reader gives itself (reading.WHOLE_SECONDS) and its start takes
MEGABYTES = 512
_ROOT = Path(__file__).resolve().parents[2]


class Unreadable(Exception):
    """The reader came to no end: the file keeps it busy, or takes all the memory."""


def read_apart(documents: Sequence[bytes], *, reader: Reader) -> Reading:
    """Return what `reading.read` finds; raise Unreadable when it takes too long or too much."""
    asked = {
        "documents": [base64.b64encode(each).decode() for each in documents],
        "starts_at": reader.starts_at.isoformat(),
        "ends_at": reader.ends_at.isoformat(),
        "zone": reader.zone,
        "own_mails": sorted(reader.own_mails),
        "own_uid_end": reader.own_uid_end,
    }
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "portal.calendars.apart"],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=SECONDS,
            cwd=_ROOT,
            env={"PYTHONPATH": str(_ROOT)},  # no secrets of ours
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        raise Unreadable(type(error).__name__) from error
    answer: dict[str, Any] = json.loads(ended.stdout)
    return Reading(
        busy=[(starts, ends) for starts, ends in answer["busy"]],
        events=answer["events"],
        troubles=[Trouble(each["number"], Problem(each["problem"])) for each in answer["troubles"]],
        trouble_count=answer["trouble_count"],
    )


def _main() -> None:
    most = MEGABYTES * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    asked = json.load(sys.stdin)
    found = read(
        [base64.b64decode(each) for each in asked["documents"]],
        reader=Reader(
            starts_at=datetime.fromisoformat(asked["starts_at"]),
            ends_at=datetime.fromisoformat(asked["ends_at"]),
            zone=asked["zone"],
            own_mails=frozenset(asked["own_mails"]),
            own_uid_end=asked["own_uid_end"],
        ),
    )
    sys.stdout.write(json.dumps(asdict(found)))


if __name__ == "__main__":
    _main()
