"""Every hostile string into every place: what crashes, what is not kept as typed, what is live.

    python benchmarks/hostile_texts.py typed     every naughty string into every field of every form
    python benchmarks/hostile_texts.py asked     the same into every address and its questions
    python benchmarks/hostile_texts.py shown     every line of markup into every place of every page

On an empty SQLite database of its own in a folder that is thrown away. `--every 5` takes each
fifth string. What is typed is done and undone (tests/hostile/undoing.py). Pages are judged in
Chromium with the policy against scripts taken off; `control_live` counts the pages that are live
when templates do not escape, which the same eyes must see. The last line is one JSON object.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from html import unescape
from pathlib import Path
from typing import Any

import time_machine

sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).parents[1] / "tests")]

from access_matrix import Side, build_reports  # noqa: E402 – found by the path above
from conftest import ARGUMENTS, NOW, cast_of, chromium_path, make_app  # noqa: E402
from hostile import typing_in  # noqa: E402
from hostile.alliance import STARTS, Alliance, opened  # noqa: E402
from hostile.asking import ways  # noqa: E402
from hostile.strings import OWN_MARKUP, markup, naughty  # noqa: E402
from hostile.undoing import ONE_CONNECTION  # noqa: E402
from hostile.watching import Watch  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from sendings import Scene  # noqa: E402

from portal.db import db  # noqa: E402

A_PLACE = 330  # lines of markup that stand in one place at a time
CALM = "平常的一句话，没有别的意思"


def main() -> None:
    """Sweep and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=SWEEPS)
    parser.add_argument("--every", type=int, default=1)
    arguments = parser.parse_args()
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(NOW, tick=False):
        result = SWEEPS[arguments.what](Path(folder), arguments.every)
    print(json.dumps(result | {"cpu_s": round(time.process_time() - started)}, ensure_ascii=False))


def _scene(folder: Path) -> Scene:
    app = make_app(folder, f"sqlite:///{folder / 'hostile.sqlite'}", **ONE_CONNECTION)
    with app.app_context():
        db.create_all()
    return Side(app=app, cast=cast_of(app))


class Found:
    """How often something was wrong, and one example for each place."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, str] = {}

    def add(self, place: str, text: str, problem: str) -> None:
        """Count a problem."""
        kind = "5xx" if problem.startswith("answered 5") else "altered"
        self.counts[kind] += 1
        self.examples.setdefault(place, f"{text!r}: {problem}"[:300])

    def told(self) -> dict[str, Any]:
        return {"5xx": self.counts["5xx"], "altered": self.counts["altered"]} | {
            "examples": self.examples
        }


def typed(folder: Path, every: int) -> dict[str, Any]:
    """Type every string into every field of every form."""
    texts, found, cases, fields = naughty()[::every], Found(), 0, 0
    for door in typing_in.doors(_scene(folder)):
        fields += len(door.fields)
        for name in door.fields:
            for text in texts:
                cases += 1
                if problem := door.type_in(name, text):
                    found.add(f"{door.endpoint}.{name}", text, problem)
        print(door.endpoint, len(door.fields), found.told(), file=sys.stderr)
    return {"strings": len(texts), "fields": fields, "cases": cases} | found.told()


def asked(folder: Path, every: int) -> dict[str, Any]:
    """Ask every address with every string as each of its parts, and as all of its questions."""
    scene = _scene(folder)
    build_reports(scene.app)
    texts, found, cases = naughty()[::every], Found(), 0
    for way in ways(scene):
        for text in texts:
            for status in way.statuses(text):
                cases += 1
                if status >= 500:
                    found.add(way.name, text, f"answered {status}")
        print(way.name, found.told(), file=sys.stderr)
    return {"strings": len(texts), "cases": cases} | found.told()


def shown(folder: Path, every: int) -> dict[str, Any]:
    """Put every line of markup into every place of every page, and look at it."""
    texts = markup()[::every]
    batches = [texts[at : at + A_PLACE] for at in range(0, len(texts), A_PLACE)]
    result: Counter[str] = Counter(strings=len(texts))
    live: dict[str, Counter[str]] = {}
    control: dict[str, Counter[str]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        with opened(folder) as alliance:
            watch = Watch.over(browser, alliance.answer)
            pages = {who: alliance.enter(who) for who in STARTS}
            calm = _live(alliance, watch, pages, CALM)
            result["pages"] = len(calm)
            for batch in batches:
                found = _live(alliance, watch, pages, "\n".join(batch), calm=calm)
                live |= {place: more for place, more in found.items() if place not in live}
                result["loads"] += len(calm)
                result["cases"] += sum(_seen(body, batch) for body in alliance.shown.values())
                result["5xx"] += len(alliance.failed)
                print(dict(result), live, file=sys.stderr, flush=True)
            with alliance.without_escaping():
                control = _live(alliance, watch, pages, "\n".join(OWN_MARKUP), calm=calm)
            watch.close()
    told = {place: str(dict(more))[:200] for place, more in live.items()}
    return dict(result) | {"live": len(live), "control_live": len(control), "examples": told}


def _live(
    alliance: Alliance,
    watch: Watch,
    pages: Mapping[str, Sequence[str]],
    text: str,
    *,
    calm: Mapping[str, Counter[str]] | None = None,
) -> dict[str, Counter[str]]:
    """Look at every page with this text in every place; with `calm`, return what is more."""
    found = {}
    alliance.failed.clear()
    alliance.shown.clear()
    with alliance.words(text):
        for who, paths in pages.items():
            alliance.client = alliance.clients[who]
            for path in paths:
                place = f"{who} {path}"
                found[place] = watch.live(path) - (calm or {}).get(place, Counter())
                alliance.shown[place] = alliance.last
    return {place: more for place, more in found.items() if more or calm is None}


def _seen(body: str, batch: list[str]) -> int:
    """Return how often a line of markup stands on a page, in full and as it was typed."""
    text = unescape(body)
    return sum(text.count(each.strip()) for each in batch)


SWEEPS: dict[str, Callable[[Path, int], dict[str, Any]]] = {
    "typed": typed,
    "asked": asked,
    "shown": shown,
}

if __name__ == "__main__":
    main()
