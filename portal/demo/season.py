"""When people buy: festivals, promotions, holidays, weekdays, hours. An ordinary day is 1."""

from datetime import date, timedelta

from portal.demo.calendar import SPRING_FESTIVAL

GAME, VIDEO, GIFT, LIFE = range(4)  # in the order of words/products.toml

# Monday to Sunday.
WEEKDAY = (0.91, 0.90, 0.92, 0.96, 1.09, 1.18, 1.07)
# Midnight to 23:00; shops sell most when buyers lie on the sofa.
HOUR_WEIGHTS = (
    *(3.0, 1.6, 0.8, 0.4, 0.3, 0.3, 0.6, 1.4, 2.2, 3.0, 3.8, 4.2),
    *(5.6, 4.6, 3.8, 3.8, 4.0, 4.6, 5.6, 6.8, 8.4, 9.2, 8.0, 5.4),
)

_ORDINARY = (1.0, 1.0, 1.0, 1.0)
# (first month and day, last month and day, factors for game, video, gift, life)
_FIXED = (
    ((6, 10), (6, 18), (1.25, 1.85, 1.35, 1.10)),  # 618
    ((7, 5), (8, 31), (1.45, 1.20, 0.95, 1.05)),  # summer holidays
    ((10, 1), (10, 7), (1.20, 1.05, 1.15, 1.55)),  # National Day week
    ((11, 1), (11, 11), (1.20, 1.95, 1.45, 1.10)),  # 11.11
)
# Days before and after the first day of the Chinese year: gifts before it, games over it.
_FESTIVAL = (
    (-15, -2, (1.15, 1.10, 2.20, 1.35)),
    (-1, 9, (1.75, 1.35, 1.40, 0.80)),
)


def factors(day: date) -> tuple[float, float, float, float]:
    """Return the season's factors for game, video, gift and life on `day`, weekday included."""
    game, video, gift, life = _season(day)
    weekday = WEEKDAY[day.weekday()]
    return game * weekday, video * weekday, gift * weekday, life * weekday


def _season(day: date) -> tuple[float, float, float, float]:
    festival = SPRING_FESTIVAL[day.year]
    for first, last, change in _FESTIVAL:
        if festival + timedelta(days=first) <= day <= festival + timedelta(days=last):
            return change
    for start, end, change in _FIXED:
        if start <= (day.month, day.day) <= end:
            return change
    return _ORDINARY
