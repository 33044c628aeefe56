"""Every naughty string into every field of every form: what crashes, and what is not kept as typed.

    python benchmarks/hostile_texts.py [--database postgresql+psycopg://…] [--every 1]

On an empty database of its own (SQLite in a folder that is thrown away, unless told else): it
drops every table first. `--every 5` takes each fifth string. The last line is one JSON object.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import time_machine

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).parents[1] / "tests")]

from conftest import NOW, PASSWORD, Actor, cast_of, make_app  # noqa: E402 – found by the path above
from flask import Flask  # noqa: E402
from flask.testing import FlaskClient  # noqa: E402
from hostile.strings import naughty  # noqa: E402
from hostile.typing_in import ROOMS_APART, Door  # noqa: E402
from sendings import SENDINGS, UNGUARDED, Scene  # noqa: E402

from portal.db import db  # noqa: E402


def main() -> None:
    """Type and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database")
    parser.add_argument("--every", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(NOW, tick=True):
        app = make_app(Path(folder), arguments.database or f"sqlite:///{folder}/hostile.sqlite")
        with app.app_context():
            db.drop_all()
            db.create_all()
        started = time.process_time()
        result = sweep(app, naughty()[:: arguments.every])
        print(json.dumps(result | {"cpu_s": round(time.process_time() - started, 1)}))


def sweep(app: Flask, texts: list[str]) -> dict[str, object]:
    """Type every text into every field; return how often, and each problem once a field."""

    def sign_in(actor: Actor) -> FlaskClient:
        client = app.test_client()
        answer = client.post("/sign-in", data={"identity": actor.phone, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return client

    scene, clients = Scene(app=app, cast=cast_of(app)), {}
    typed, problems, examples = 0, Counter[str](), {}
    for endpoint, make in (SENDINGS | UNGUARDED).items():
        if endpoint.startswith(ROOMS_APART):
            continue
        door = Door(endpoint, make, scene, sign_in, clients)
        door.look()
        for name in door.fields:
            for text in texts:
                typed += 1
                if problem := door.type_in(name, text):
                    place = f"{endpoint}.{name}"
                    problems[place] += 1
                    examples.setdefault(place, f"{text!r}: {problem}"[:300])
        print(endpoint, len(door.fields), dict(problems), file=sys.stderr)
    return {"strings": len(texts), "typed": typed, "problems": problems, "examples": examples}


if __name__ == "__main__":
    main()
