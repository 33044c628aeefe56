"""What comes before what among courses: every prerequisite exists and none waits for itself."""

from collections.abc import Iterator, Mapping, Sequence

from courses.fields import Fields
from courses.finding import Finding, finding


def after_findings(courses: Sequence[Fields]) -> Iterator[Finding]:
    """Remark on each `after` of the course.yaml files that no learner could ever fulfil."""
    wanted = {_id(fields): _after(fields) for fields in courses}
    for fields in courses:
        own = _id(fields)
        for name in wanted[own]:
            if name not in wanted:
                yield _at_after(fields, "after-unknown", name)
        cycle = _cycle(own, wanted)
        if cycle:
            yield _at_after(fields, "after-cycle", " → ".join(cycle))


def _at_after(fields: Fields, code: str, value: str) -> Finding:
    line, column = fields.place("after")
    return finding(code, line=line, column=column, file=fields.file, value=value)


def _cycle(start: str, wanted: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Return a way from a course through its prerequisites back to itself, () when none is."""
    seen: set[str] = set()
    waiting: list[tuple[str, tuple[str, ...]]] = [(start, (start,))]
    while waiting:
        name, way = waiting.pop()
        for before in wanted.get(name, ()):
            if before == start:
                return (*way, start)
            if before not in seen:
                seen.add(before)
                waiting.append((before, (*way, before)))
    return ()


def _id(fields: Fields) -> str:
    return str(fields.values.get("id") or "")


def _after(fields: Fields) -> tuple[str, ...]:
    given = fields.values.get("after")
    return tuple(name for name in given if isinstance(name, str)) if isinstance(given, list) else ()
