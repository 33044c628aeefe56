"""Names of the files and folders of a built site, and the digests that stand for them.

<out>/CURRENT                                 the id of the build that is served
<out>/builds/<id>/manifest.json, index.html, assets/
<out>/builds/<id>/dealers/<slug>/             everything of one dealer
"""

import hashlib
import re
from pathlib import Path

POINTER = "CURRENT"
LOCK = ".lock"
BUILDS = "builds"
MAKING = ".making"
MANIFEST = "manifest.json"
INDEX = "index.html"
ASSETS = "assets"
DEALERS = "dealers"
REPORT = "report.json"

_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LIKE_A_DIGEST = re.compile(r"x[0-9a-f]{24}")


def slug_of(dealer_ref: str) -> str:
    """Return the folder name of a dealer: the reference itself when it is plain, else a digest.

    A reference that looks like one of our digests is digested too, so that no dealer can be
    given a name that leads into another dealer's folder.
    """
    if _PLAIN.fullmatch(dealer_ref) and not _LIKE_A_DIGEST.fullmatch(dealer_ref):
        return dealer_ref
    digest = hashlib.sha256(dealer_ref.encode("utf-8", "surrogatepass"))
    return f"x{digest.hexdigest()[:24]}"


def page_name(language: str) -> str:
    """Return the file name of the page in `language`."""
    return f"report.{language}.html"


def pdf_name(language: str) -> str:
    """Return the file name of the PDF in `language`."""
    return f"report.{language}.pdf"


def chart_name(chart: str, language: str, *, phone: bool = False) -> str:
    """Return the file name of one chart's picture in `language`, `phone` for the narrow one."""
    return f"chart-{chart}{'-phone' if phone else ''}.{language}.svg"


def digest_of(path: Path) -> str:
    """Return the SHA-256 of the file's content in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
