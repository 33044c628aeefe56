"""Make the vendored files (chart library, fonts) again from the packages that `assets.toml` names.

    python requirements/vendor_assets.py            make every file, record its hash
    python requirements/vendor_assets.py --only plotly.js-locales
    python requirements/vendor_assets.py --check    compare the tree with the hashes, offline

Fetching uses `npm pack`; nothing else in the project downloads anything.
"""

import argparse
import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import used_css
from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = Path(__file__).resolve().parent / "assets.toml"

# Characters of given and family names, and of shop names, that GB2312 lacks. The renamed whole
# face stands behind the subset: what is missing here costs a PDF some size, not the character.
NAME_CHARACTERS = (
    "堃喆昇犇瑀玥珺晞祎翀旻珏璟祺赟煊炘焜燊垚淼猋骉羴鱻昀昕曦晟晗晔曈暄朤祐禕禔祯祾禛"
    "瑄瑭瑢瑨珣珩琇琎琤琬瑗璠璘璐璨瓅茜苡菡萱蓁蔓薇蘅芃芊芮苒荇荻莀菥莯淏淯湉溦滢潆澍濛瀞灏"
    "烜焱熠燚爔彧忞怡恺悫惇愔懋毓沄沅沚洵洺浠浥淦渟湜頔颀颢馨骁骞骥鸢鹍麒麟黟仝佟冼邝邬郗郦"
    "谌谯逄闫阚闵隗夔亓仉乜幺缪芈劭劼勍匡卓垣埕堉壵奭妤妍姝姵婕婳媛嫄嬅孛孖寘岍峣崟崧嵘嶶巘"
    "弢弈彣彬彪忻惢愷抃揆摛旸昉昊昫晁晙晢暘曌朗杋杍枋柃柊栩桄桢梓棽椿楀楠榕槿樾橦檀櫆欣歆"
    "㛃㻬䶮镕镒锟鋆鑫钇钏钰钲铄铠铧锜锴锽镛镡瞾瞳矞砺硕碁磊礼祁秾稹竑竣笪筱箬篁粲紘綦緁繄"
)
# Punctuation, arrows, shapes and enclosed figures that texts and charts use.
SYMBOL_RANGES = (
    (0x20, 0x7E),
    (0xA0, 0x17F),
    (0x2B9, 0x2DD),
    (0x391, 0x3C9),
    (0x400, 0x45F),
    (0x2010, 0x205E),
    (0x2070, 0x209C),
    (0x20A0, 0x20BF),
    (0x2100, 0x214F),
    (0x2150, 0x218B),
    (0x2190, 0x21FF),
    (0x2200, 0x22FF),
    (0x2460, 0x24FF),
    (0x2500, 0x25FF),
    (0x2600, 0x266F),
    (0x2713, 0x2718),
    (0x3000, 0x303F),
    (0x3040, 0x30FF),
    (0xFE30, 0xFE4F),
    (0xFF01, 0xFF5E),
    (0xFFE0, 0xFFE6),
)


def wanted_characters() -> set[int]:
    """Return the code points of the small faces: about 8,000."""
    wanted = {ord(character) for character in NAME_CHARACTERS}
    for first, last in SYMBOL_RANGES:
        wanted.update(range(first, last + 1))
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            decoded = bytes((high, low)).decode("gb2312", errors="ignore")
            wanted.update(ord(character) for character in decoded)
    return wanted


def _copy(content: bytes, _entry: dict[str, Any]) -> bytes:
    return content


def _plotly_css(content: bytes, _entry: dict[str, Any]) -> bytes:
    """Return plotly.js' own rules, which its bundle holds as one object of selectors."""
    source = content.decode()
    start = source.index('{"X,X div":')
    literal = r"""(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)')"""
    end = source.index("};", start)
    pairs = re.findall(rf"{literal}:{literal}", source[start:end])
    if len(pairs) < 50:
        sys.exit("plotly.js no longer keeps its stylesheet where this script looks for it")
    rules = []
    for key_a, key_b, value_a, value_b in pairs:
        # The same three replacements that plotly.js itself makes before it injects a rule.
        selector = re.sub(r"^,", " ,", key_a or key_b)
        selector = selector.replace("X", ".js-plotly-plot .plotly").replace("Y", ".plotly-notifier")
        rules.append(f"{selector} {{ {value_a or value_b} }}")
    return ("\n".join(rules) + "\n").encode()


def _plotly_locale(content: bytes, _entry: dict[str, Any]) -> bytes:
    source = re.sub(r",\s*// .*$", ",", content.decode(), flags=re.MULTILINE)
    source = re.sub(r"[ \t]+// .*$", "", source, flags=re.MULTILINE)
    return (
        "(function () {\n'use strict';\nvar module = {};\n"
        + source.replace("'use strict';\n", "").strip()
        + "\nPlotly.register(module.exports);\n})();\n"
    ).encode()


def _saved(font: TTFont) -> bytes:
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def _font_subset(content: bytes, _entry: dict[str, Any]) -> bytes:
    # Timestamps stay those of the source: the same input must give the same bytes.
    font = TTFont(io.BytesIO(content), recalcTimestamp=False)
    options = subset.Options(name_IDs=["*"], notdef_outline=True, hinting=False)
    options.layout_features = ["ccmp", "locl", "liga", "kern", "mark", "mkmk"]
    options.drop_tables += ["BASE", "vhea", "vmtx", "STAT"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted_characters())
    subsetter.subset(font)
    return _saved(font)


def _font_rename(content: bytes, entry: dict[str, Any]) -> bytes:
    font = TTFont(io.BytesIO(content), recalcTimestamp=False)
    family = entry["family"]
    for tag in ("STAT", "vhea", "vmtx"):
        del font[tag]
    names = {1: family, 4: f"{family} Regular", 6: family.replace(" ", "") + "-Regular", 16: family}
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]
    return _saved(font)


def _strip_source_map(content: bytes, _entry: dict[str, Any]) -> bytes:
    """Return the file without its last comment, which names a file that we do not carry."""
    return re.sub(rb"\n?(/\*|//)# sourceMappingURL=[^\n]*", b"", content)


def _used_css(content: bytes, _entry: dict[str, Any]) -> bytes:
    """Return the rules that our pages can use (used_css.py)."""
    plain = _strip_source_map(content, {}).decode()
    own = sorted((ROOT / "portal" / "static").glob("*.css"))
    others = "\n".join(path.read_text(encoding="utf-8") for path in own)
    return used_css.used(plain, words=used_css.words_of_pages(), others=others).encode()


def _css_classes(content: bytes, _entry: dict[str, Any]) -> bytes:
    """Return the classes that the whole stylesheet asks for, a line for each selector's."""
    return "\n".join([*sorted(used_css.classes_of(content.decode())), ""]).encode()


def _symbol(name: str, content: bytes) -> str:
    folded = re.sub(r"\s+", " ", content.decode())
    found = re.search(r"<svg[^>]*>(.*)</svg>", folded)
    if found is None:
        sys.exit(f"the icon {name} is not a picture this script understands")
    shapes = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/> ?', "", found[1])
    shapes = shapes.strip().replace("> <", "><")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def icon_sprite(icons: dict[str, bytes]) -> bytes:
    """Return one picture with every icon as a symbol."""
    symbols = [_symbol(name, content) for name, content in icons.items()]
    head = '<svg xmlns="http://www.w3.org/2000/svg">'
    return "\n".join([head, *symbols, "</svg>", ""]).encode()


TRANSFORMS: dict[str, Callable[[bytes, dict[str, Any]], bytes]] = {
    "copy": _copy,
    "plotly-css": _plotly_css,
    "plotly-locale": _plotly_locale,
    "font-subset": _font_subset,
    "font-rename": _font_rename,
    "strip-source-map": _strip_source_map,
    "used-css": _used_css,
    "css-classes": _css_classes,
}


def packages() -> list[dict[str, Any]]:
    """Return the manifest's packages, each with its list `file`."""
    found: list[dict[str, Any]] = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["package"]
    return found


def _sources(entry: dict[str, Any]) -> list[str]:
    """Return the members that an entry is made of: one, or a sprite's many."""
    if "icons" not in entry:
        return [entry["source"]]
    return [f"{entry['source']}/{name}.svg" for name in entry["icons"]]


def _fetched(package: dict[str, Any], folder: Path) -> dict[str, bytes]:
    """Return the wanted members of the package's archive by their path inside it."""
    name = f"{package['name']}@{package['version']}"
    packed = subprocess.run(
        ["npm", "pack", "--silent", name], cwd=folder, check=True, capture_output=True, text=True
    )
    archive = folder / packed.stdout.strip().splitlines()[-1]
    wanted = {source for file in package["file"] for source in _sources(file)}
    members = {}
    with tarfile.open(archive) as tar:
        for source in sorted(wanted):
            member = tar.extractfile(f"package/{source}")
            if member is None:
                sys.exit(f"{name} holds no file {source}")
            members[source] = member.read()
    return members


def _made(entry: dict[str, Any], members: dict[str, bytes]) -> bytes:
    if "icons" in entry:
        pairs = zip(entry["icons"], _sources(entry), strict=True)
        return icon_sprite({name: members[source] for name, source in pairs})
    return TRANSFORMS[entry["transform"]](members[entry["source"]], entry)


def _make(package: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Write the package's files; yield each target and its SHA-256."""
    with tempfile.TemporaryDirectory() as folder:
        members = _fetched(package, Path(folder))
    for entry in package["file"]:
        made = _made(entry, members)
        target = ROOT / entry["target"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(made)
        yield entry["target"], hashlib.sha256(made).hexdigest()


def _record(hashes: dict[str, str]) -> None:
    """Write the hashes into the manifest, leaving its comments and order alone."""
    text = MANIFEST.read_text(encoding="utf-8")
    for target, digest in hashes.items():
        pattern = rf'(target = "{re.escape(target)}"\n(?:[^\[\n]*\n)*?sha256 = ")[0-9a-f]*(")'
        text, count = re.subn(pattern, rf"\g<1>{digest}\g<2>", text)
        if count != 1:
            sys.exit(f"assets.toml has no single sha256 line for {target}")
    MANIFEST.write_text(text, encoding="utf-8")


def differences() -> list[str]:
    """Return one line for each vendored file that is missing or not the recorded one."""
    found = []
    for package in packages():
        for entry in package["file"]:
            path = ROOT / entry["target"]
            if not path.is_file():
                found.append(f"{entry['target']}: missing")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
                found.append(f"{entry['target']}: not the recorded content")
    return found


def main() -> int:
    """Make or check the files; 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="only compare the tree with the hashes"
    )
    parser.add_argument("--only", metavar="PACKAGE", help="make the files of one package only")
    arguments = parser.parse_args()
    if not arguments.check:
        for package in packages():
            if arguments.only in (None, package["name"]):
                print(f"{package['name']} {package['version']}")
                _record(dict(_make(package)))
    for line in differences():
        print(line, file=sys.stderr)
    return 1 if differences() else 0


if __name__ == "__main__":
    sys.exit(main())
