"""Damaged GIFT texts: each must end in questions or in a remark with its place, never in a crash.

    nice python benchmarks/gift_mutations.py [--texts 200000] [--seed 20261122]

Half of the texts are the corpus (../shared/data/gift where it is there, and our own courses)
with some characters put in, taken out, doubled, swapped or joined from two files; the other half
is drawn by Hypothesis from GIFT's own signs. What was read is also made into a course question,
and what reads without a remark is written and read again. The last line is one JSON object.
"""

import argparse
import json
import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))

from courses.course import SOURCE_LANGUAGE  # noqa: E402 – found by the path above
from courses.gift.parse import Parsed, parse  # noqa: E402
from courses.gift.write import to_gift  # noqa: E402
from courses.quiz import question  # noqa: E402

FIXTURES = HERE.parent / "shared" / "data" / "gift"
SIGNS = [
    *"~=#{}:%\\/$[]<>|*.-+0159 \n\t\r｛｝＝～＃：\0\ufeff\u2028\u200b🙂",
    *("->", "::", "####"),
]
WORDS = [
    *SIGNS,
    "..",
    "//",
    "$CATEGORY:",
    "[html]",
    "[markdown]",
    "[id:",
    "TRUE",
    "F",
    "甲",
    "a",
    "1e9",
]
SHOWN = 5


def main() -> None:
    """Damage, read, count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=20_261_122)
    arguments = parser.parse_args()
    started = time.process_time()
    tally = Tally()
    corpus = texts_of_the_corpus()
    half = arguments.texts // 2
    for text in mutated(corpus, half, random.Random(arguments.seed)):  # noqa: S311 – the same texts every time
        tally.judge(text)
    drawn(arguments.texts - half, arguments.seed, tally)
    kinds = Counter(problem.partition(":")[0][:60] for _, problem in tally.crashes)
    result = {**tally.counts, "crash_kinds": kinds, "corpus_files": len(corpus)}
    result["seed"] = arguments.seed
    for text, problem in tally.crashes[:SHOWN]:
        print(f"{problem}: {text!r}")
    print(json.dumps({**result, "cpu_s": round(time.process_time() - started, 1)}))
    sys.exit(1 if tally.crashes else 0)


class Tally:
    """How texts ended, and those that ended badly."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter(
            texts=0, read=0, remarked=0, nothing_to_read=0, crashes=0
        )
        self.crashes: list[tuple[str, str]] = []

    def judge(self, text: str) -> None:
        """Read one text and note how it ended."""
        self.counts["texts"] += 1
        try:
            self.counts[ended(text, deep=self.counts["texts"] % 8 == 0)] += 1
        except Exception as problem:  # any exception is what is looked for
            self.counts["crashes"] += 1
            self.crashes.append((text, f"{type(problem).__name__} {problem}"))


def ended(text: str, *, deep: bool) -> str:
    """Say how a text ended; AssertionError for a remark without a place, or silence."""
    parsed = parse(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for found in parsed.findings:
        assert 1 <= found.line <= len(lines), f"{found.code} on line {found.line}"
        # A byte order mark is not counted by editors, and not by us.
        assert 1 <= found.column <= len(lines[found.line - 1]) + 1, f"{found.code}, {found.column}"
        assert found.message("zh-CN"), found.code
        assert found.fix("en"), found.code
    if deep:
        use(parsed, marked="\ufeff" in text)
    if parsed.findings:
        return "remarked"
    return "read" if parsed.items else silent(lines)


def silent(lines: Sequence[str]) -> str:
    """Nothing was read and nothing said: right only where there is nothing but comments."""
    kept = [line.strip().strip("\ufeff").strip() for line in lines]
    saying = [line for line in kept if line and not line.startswith(("//", "$CATEGORY:"))]
    assert not saying, f"silently dropped: {saying[:2]}"
    return "nothing_to_read"


def use(parsed: Parsed, *, marked: bool) -> None:
    """Make course questions of what was read, and write it and read it again."""
    for item in parsed.items:
        question({SOURCE_LANGUAGE: item})
    again = parse(to_gift(parsed.items))
    # A byte order mark that comes to stand first is taken for one.
    if not parsed.findings and not again.findings and not marked:
        same = [replace(item, category=None) for item in again.items]
        assert same == [replace(item, category=None) for item in parsed.items], "not kept"


def texts_of_the_corpus() -> list[str]:
    """Moodle's and gift-pegjs's files where they are there, and the quizzes of our courses."""
    own = sorted((HERE / "content" / "courses").glob("*/*.md"))
    quizzes = ["\n\n".join(p.read_text("utf-8").split("```gift")[1:]) for p in own]
    files = [path.read_text("utf-8") for path in sorted(FIXTURES.glob("*.gift"))]
    if not files:
        print(f"{FIXTURES} is absent: only our own quizzes are damaged")
    return [text for text in [*files, *quizzes] if text.strip()]


def mutated(corpus: Sequence[str], count: int, chance: random.Random) -> Iterator[str]:
    """Draw damaged texts of the corpus."""
    for _ in range(count):
        text = chance.choice(corpus)
        if len(text) > 600:  # a part is read as well as the whole, and ten times as fast
            start = chance.randrange(len(text) - 500)
            text = text[start : start + 500]
        for _ in range(chance.randint(1, 6)):
            text = damaged(text, corpus, chance)
        yield text


def damaged(text: str, corpus: Sequence[str], chance: random.Random) -> str:
    """Damage a text in one place."""
    at = chance.randrange(len(text) + 1)
    end = min(len(text), at + chance.randint(1, 12))
    other = chance.choice(corpus)
    ways: list[Callable[[], str]] = [
        lambda: text[:at] + chance.choice(WORDS) + text[at:],
        lambda: text[:at] + text[end:],
        lambda: text[:end] + text[at:],
        lambda: text[:at] + text[at:end][::-1] + text[end:],
        lambda: text[:at] + chr(chance.randrange(0x11_0000)) + text[end:],
        lambda: text[:at] + other[-chance.randint(1, 200) :],
        lambda: text.replace(chance.choice(SIGNS), chance.choice(WORDS), chance.randint(1, 3)),
    ]
    return chance.choice(ways)()


def drawn(count: int, start: int, tally: Tally) -> None:
    """Let Hypothesis draw texts of GIFT's signs."""
    texts = st.lists(st.sampled_from(WORDS) | st.characters(), max_size=40).map("".join)

    @seed(start)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(texts)
    def judge(text: str) -> None:
        tally.judge(text)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        judge()


if __name__ == "__main__":
    main()
