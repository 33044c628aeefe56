"""Round axis steps: the same ticks serve the interactive chart, the SVG and the PDF."""

from collections.abc import Iterable

# 1, 2, 2.5, 5 times a power of ten are the steps that people count in.
_STEPS = (10, 20, 25, 50, 100)


def nice_step(span: int, *, target: int, smallest: int = 1) -> int:
    """Return the smallest round step that cuts `span` into at most `target` parts.

    `span` and the step are in the axis' own integer unit; the step is never below `smallest`.
    """
    power = 1
    while True:
        for tenfold in _STEPS:
            step = tenfold * power // 10
            exact = tenfold * power % 10 == 0
            if exact and step >= smallest and step * target >= span:
                return step
        power *= 10


def ticks(values: Iterable[int], *, target: int = 4, smallest: int = 1) -> tuple[int, ...]:
    """Return round ticks from at or below the least value to at or above the greatest.

    Zero is always among them, since bars stand on it. At least two ticks.
    """
    found = [0, *values]
    low, high = min(found), max(found)
    step = nice_step(max(high - low, 1), target=target, smallest=smallest)
    first = low // step
    last = max(-(-high // step), first + 1)
    return tuple(step * index for index in range(first, last + 1))
