"""Texts that break things: our own few, and the public collections where they lie beside us.

The public collections are not shipped: the Big List of Naughty Strings (515 texts), the XSS
payloads of PayloadBox (6,590 lines), formulas for spreadsheets.
"""
# ruff: noqa: E501 – one text more a line is easier to read than a wrapped one

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "attack"

OWN = (
    "", " ", "\t\x0b\x0c\u3000\u200b", "null", "None", "undefined", "NaN", "-1e309", "0x7fffffff",
    "9" * 400, "1/0", "true", "\\", "\\u0000", "%00", "%s%n%d", "{{7*7}}", "${7*7}", "#{7*7}",
    "' OR 1=1 --", "1; DROP TABLE person", "\\'; --", "../../../../etc/passwd", "CON", "file:///",
    "\u202eevitator\u202c", "\u2066isolate", "Z\u0351\u0343\u0314algo\u0321\u032b", "👩‍👩‍👧‍👦🇨🇳", "ﷺ" * 40,
    "田中さんにあげて下さい", "\ufeff\ufffe\uffff", "\x1b[31mred\x07", "a\r\nSet-Cookie: x=y", "x" * 9000,
    "\ud7ff\U0010ffff", "`id`", "$(id)", "=1+1", "@SUM(1)", "<!--#exec cmd='ls'-->", "]]>", "&lt;&#60",
)  # fmt: skip
OWN_MARKUP = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    "\"><script>alert(1)</script>", "' autofocus onfocus=alert(1) x='", "\" onmouseover=alert(1) x=\"",
    "</textarea><script>alert(1)</script>", "</title><img src=x onerror=alert(1)>",
    "<a href=javascript:alert(1)>x</a>", "[x](javascript:alert(1))", "![x](x\"onerror=\"alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)", "<iframe src=javascript:alert(1)>",
    "<details open ontoggle=alert(1)>", "<math href=javascript:alert(1)>x</math>",
    "<style>*{background:url(//x.example)}</style>", "<base href=//x.example>", "<x hx-on:load=alert(1)>",
    "```\n</code><script>alert(1)</script>", "<![CDATA[<script>alert(1)</script>]]>",
    "<meta http-equiv=refresh content=0;url=javascript:alert(1)>", "<form action=javascript:alert(1)><input type=submit>",
)  # fmt: skip


def naughty() -> list[str]:
    """Return every naughty string: our own, and the public list where it lies beside us."""
    path = FOLDER / "blns.json"
    public = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return list(dict.fromkeys([*OWN, *OWN_MARKUP, *public]))


def markup() -> list[str]:
    """Return every text that would be live if a page took it for markup."""
    path = FOLDER / "xss_payloadbox.txt"
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n") if path.exists() else []
    return list(dict.fromkeys([*OWN_MARKUP, *(line for line in lines if line.strip())]))


def formulas() -> list[str]:
    """Return every text that a spreadsheet would take for a formula."""
    path = FOLDER / "csv_injection.txt"
    lines = path.read_text(encoding="utf-8").split("\n") if path.exists() else []
    own = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "=cmd|'/C calc'!A0", " =1+1"]
    return list(dict.fromkeys([*own, *(line for line in lines if line.strip())]))
