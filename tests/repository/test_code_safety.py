"""What our code may not do, read from its syntax: run text as code, build SQL, trust a parser.

Each rule has a planted line that it must find; a rule that finds nothing planted is no rule.
"""

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("portal", "courses", "reports")
Rule = Callable[[ast.AST], bool]


@cache
def trees() -> dict[str, ast.AST]:
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def name_of(node: ast.AST) -> str:
    """Return a dotted name as written, or an empty text."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def called(*names: str) -> Rule:
    return lambda node: isinstance(node, ast.Call) and name_of(node.func) in names


def imported(*modules: str) -> Rule:
    def rule(node: ast.AST) -> bool:
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found = [node.module or ""]
        else:
            return False
        return any(
            name == module or name.startswith(f"{module}.") for name in found for module in modules
        )

    return rule


def built_text(node: ast.AST) -> bool:
    """Tell whether a text is put together from more than the constants of our modules."""
    if isinstance(node, ast.JoinedStr):
        parts = [each.value for each in node.values if isinstance(each, ast.FormattedValue)]
        return not all(is_constant(part) for part in parts)
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add)


def is_constant(node: ast.AST) -> bool:
    """Tell whether a value has a constant's name: _NUMBER, BuildState.RUNNING.value."""
    name = name_of(node).removesuffix(".value").rpartition(".")[2].strip("_")
    return bool(name) and name.isupper()


def sql_built(node: ast.AST) -> bool:
    calls = isinstance(node, ast.Call) and name_of(node.func) in {"text", "db.text", "sa.text"}
    return calls and bool(node.args) and built_text(node.args[0])


def shell(node: ast.AST) -> bool:
    if called("os.system", "os.popen", "subprocess.getoutput")(node):
        return True
    return isinstance(node, ast.keyword) and node.arg == "shell"


def pattern_built(node: ast.AST) -> bool:
    functions = {f"re.{name}" for name in ("compile", "search", "match", "fullmatch", "sub")}
    calls = isinstance(node, ast.Call) and name_of(node.func) in functions
    return calls and bool(node.args) and built_text(node.args[0])


def format_built(node: ast.AST) -> bool:
    """Tell whether a text that may have come in is used as a format."""
    method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    if not method or node.func.attr not in {"format_map", "format"}:
        return False
    text = node.func.value
    return isinstance(text, ast.Name) and not is_constant(text)


def reads_xml(node: ast.AST) -> bool:
    """Tell whether an XML parser is imported; writing XML and escaping for it is no harm."""
    if imported("xml.dom", "xml.sax", "lxml")(node):
        return getattr(node, "module", "") != "xml.sax.saxutils"
    if not isinstance(node, ast.ImportFrom):
        return imported("xml.etree")(node)
    harmless = {"Element", "SubElement", "register_namespace", "tostring"}
    return imported("xml.etree")(node) and not {each.name for each in node.names} <= harmless


def unverified_tls(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword) and node.arg == "verify":
        return isinstance(node.value, ast.Constant) and node.value.value is False
    return name_of(node) in {"ssl.CERT_NONE", "ssl._create_unverified_context"}


def compares_texts(node: ast.AST) -> bool:
    """Tell whether texts are compared in constant time: one that is not ASCII is a crash."""
    if not called("hmac.compare_digest", "secrets.compare_digest", "compare_digest")(node):
        return False
    return not all(
        isinstance(each, ast.Call) and name_of(each.func).rpartition(".")[2] in {"encode", "digest"}
        for each in node.args
    )


RULES: dict[str, tuple[Rule, str]] = {
    "runs text as code": (called("eval", "exec", "compile"), "eval(request.form['x'])"),
    "makes a template of a text": (
        called("render_template_string", "Template", "jinja2.Template"),
        "render_template_string(text)",
    ),
    "builds SQL from pieces": (sql_built, "text(f'SELECT {name}')"),
    "goes through a shell": (shell, "subprocess.run(line, shell=True)"),
    "builds a pattern from pieces": (pattern_built, "re.search(f'{typed}', line)"),
    "uses a text that came in as a format": (format_built, "typed.format_map(values)"),
    "unpacks objects that were sent": (
        imported("pickle", "marshal", "shelve", "dill"),
        "import pickle",
    ),
    "loads YAML that may make objects": (
        called("yaml.load", "yaml.full_load", "yaml.unsafe_load"),
        "yaml.load(text)",
    ),
    "reads XML": (reads_xml, "from xml.etree.ElementTree import fromstring"),
    "hashes with a broken function": (
        called("hashlib.md5", "hashlib.sha1", "hashlib.new"),
        "hashlib.md5(data)",
    ),
    "compares texts that came in as digests": (
        compares_texts,
        "hmac.compare_digest(code, typed.encode())",
    ),
    "trusts any certificate": (unverified_tls, "requests.get(url, verify=False)"),
}
CHANCE = {"portal/outbox/actions.py"}  # spreads retries in time
# Places where a rule's pattern stands for a reason: path -> rules.
REASONS: dict[str, set[str]] = {
    # Triggers, written in our modules; a table's name is put in when the table is made.
    "portal/db.py": {"uses a text that came in as a format"},
    "portal/evidence/models.py": {"uses a text that came in as a format"},
}


def broken_rules(tree: ast.AST) -> set[str]:
    return {name for name, (rule, _) in RULES.items() if any(rule(node) for node in ast.walk(tree))}


@pytest.mark.parametrize("name", RULES)
def test_the_rule_finds_a_planted_line(name):
    assert name in broken_rules(ast.parse(RULES[name][1]))


@pytest.mark.asvs(
    "V1.2.4",
    "V1.2.5",
    "V1.2.9",
    "V1.3.2",
    "V1.3.7",
    "V1.3.10",
    "V1.5.1",
    "V1.5.2",
    "V11.2.1",
    "V11.3.1",
    "V11.4.1",
    "V12.3.2",
)
@pytest.mark.parametrize("name", RULES)
def test_no_code_of_ours(name):
    rule, _ = RULES[name]
    found = [
        f"{path}:{node.lineno}"
        for path, tree in trees().items()
        if name not in REASONS.get(path, set())
        for node in ast.walk(tree)
        if rule(node)
    ]

    assert found == []


@pytest.mark.asvs("V6.5.3", "V11.5.1")
def test_chance_that_must_not_be_guessed_comes_from_the_system():
    """The module `random` can be foretold: it may draw demo data and lots, never a secret."""
    rule = imported("random")
    found = {path for path, tree in trees().items() if any(map(rule, ast.walk(tree)))}

    assert {path for path in found if not path.startswith("portal/demo/")} <= CHANCE
