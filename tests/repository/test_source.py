"""Rules about the source itself: small files, plain packages, honest names, no machine's paths."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for folder in ("portal", "courses", "reports")
    for path in (ROOT / folder).rglob("*.py")
    if "versions" not in path.parts
)
MAX_LINES = 420  # "up to about 400"
MAX_FUNCTION = 60  # "up to about 50"
BANNED_NAMES = {"utils", "helpers", "common", "manager", "misc"}


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_files_stay_small():
    long = [p for p in SOURCES if len(p.read_text(encoding="utf-8").splitlines()) > MAX_LINES]

    assert [str(p.relative_to(ROOT)) for p in long] == []


def test_functions_stay_small():
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
        for path in SOURCES
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > MAX_FUNCTION
    ]

    assert long == []


def test_a_package_init_holds_a_docstring_and_nothing_else():
    wrong = []
    for path in SOURCES:
        if path.name == "__init__.py":
            body = ast.parse(path.read_text(encoding="utf-8")).body
            if len(body) != 1 or not isinstance(body[0], ast.Expr):
                wrong.append(str(path.relative_to(ROOT)))

    assert wrong == []


def test_no_module_hides_behind_an_empty_name():
    assert [str(p) for p in SOURCES if set(p.with_suffix("").parts) & BANNED_NAMES] == []


def tracked() -> list[Path]:
    out = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False
    ).stdout.decode()
    return [ROOT / name for name in out.split("\0") if name]


@pytest.fixture(scope="module")
def tracked_texts() -> dict[Path, str]:
    texts = {}
    for path in tracked():
        if path.suffix in {".ttf", ".png", ".woff2", ".gz"} or not path.is_file():
            continue
        texts[path] = path.read_text(encoding="utf-8", errors="replace")
    if not texts:
        pytest.skip("not a git checkout: nothing is tracked here")
    return texts


def test_no_lock_file_names_an_address():
    locks = (ROOT / "requirements").glob("*.txt")

    assert [p.name for p in locks if "://" in p.read_text(encoding="utf-8")] == []


def test_no_tracked_file_names_a_path_of_a_machine(tracked_texts):
    places = [re.compile(rf"(?<![\w.])/{name}/[a-z.]") for name in ("root", "work", "home/[a-z]+")]
    found = [
        str(path.relative_to(ROOT))
        for path, text in tracked_texts.items()
        if path != Path(__file__) and any(place.search(text) for place in places)
    ]

    assert found == []


def test_every_lint_exception_carries_its_reason():
    bare = re.compile(r"#\s*(noqa|type: ignore)[^–#\n]*$", re.MULTILINE)
    found = [
        f"{path.relative_to(ROOT)}: {match.group().strip()}"
        for path in SOURCES
        for match in bare.finditer(path.read_text(encoding="utf-8"))
    ]

    assert found == []
