"""Make the list of breached passwords again from the packages that `password_list.toml` names.

    python requirements/password_list.py            fetch, build, record the hashes
    python requirements/password_list.py --check    compare the file with its hash, offline

Fetching uses `npm pack`. What is shipped is a Bloom filter, so no list of passwords is.
"""

import argparse
import gzip
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from portal.accounts.sign_in import breached  # noqa: E402 – after the path is known

MANIFEST = Path(__file__).resolve().parent / "password_list.toml"
BITS_AN_ENTRY = 19.2  # one wrong in 10,000


def fetch(name: str, version: str, folder: Path) -> Path:
    """Return the archive of an npm package."""
    out = subprocess.run(
        ["npm", "pack", "--silent", f"{name}@{version}"],
        cwd=folder, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return folder / out.strip().splitlines()[-1]


def words(archive: Path, source: str) -> list[str]:
    """Return the passwords of one file of a package."""
    with tarfile.open(archive) as opened:
        member = opened.extractfile(f"package/{source}")
        if member is None:
            raise FileNotFoundError(source)
        content = member.read()
    if source.endswith(".gz"):
        content = gzip.decompress(content)
    text = content.decode("utf-8", errors="ignore")
    return json.loads(text) if source.endswith(".json") else text.splitlines()


def build(packages: list[dict[str, str]]) -> tuple[bytes, int]:
    """Return the filter's file and how many passwords it holds."""
    found: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        for package in packages:
            archive = fetch(package["name"], package["version"], Path(folder))
            found.update(
                word.lower()
                for word in words(archive, package["source"])
                if len(word) >= breached.SHORTEST
            )
    content = bytearray(-(-int(len(found) * BITS_AN_ENTRY) // 8))
    for word in found:
        for bit in breached.positions(word, len(content) * 8):
            content[bit >> 3] |= 1 << (bit & 7)
    return breached.MAGIC + bytes(content), len(found)


def main() -> int:
    """Build or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    text = MANIFEST.read_text(encoding="utf-8")
    manifest = tomllib.loads(text)
    if arguments.check:
        kept = hashlib.sha256(breached.FILE.read_bytes()).hexdigest()
        print("as recorded" if kept == manifest["sha256"] else "differs from the manifest")
        return int(kept != manifest["sha256"])
    content, count = build(manifest["package"])
    breached.FILE.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    text = re.sub(r'^sha256 = ".*"$', f'sha256 = "{digest}"', text, flags=re.MULTILINE)
    text = re.sub(r"^passwords = .*$", f"passwords = {count}", text, flags=re.MULTILINE)
    MANIFEST.write_text(text, encoding="utf-8")
    print(f"{count} passwords, {len(content)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
