"""Read one text file of an author: UTF-8, not too large, with plain newlines, or a remark."""

from pathlib import Path

from courses.finding import Finding, finding

MAX_FILE_BYTES = 200_000


def read_text(path: Path, findings: list[Finding]) -> str | None:
    """Return a file's text with plain newlines, None after a remark."""
    if not path.is_file():
        findings.append(finding("file-missing", line=1, file=str(path), value=path.name))
        return None
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        findings.append(
            finding("file-too-large", line=1, file=str(path), value=size, limit=MAX_FILE_BYTES)
        )
        return None
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        findings.append(finding("file-not-utf8", line=line, file=str(path)))
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")
