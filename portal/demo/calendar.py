"""Dates of the demo: months back and forth, and when the Chinese selling seasons fall."""

from datetime import date, timedelta

# First day of the Chinese year. The demo refuses other years rather than invent a festival.
SPRING_FESTIVAL = {
    2020: date(2020, 1, 25),
    2021: date(2021, 2, 12),
    2022: date(2022, 2, 1),
    2023: date(2023, 1, 22),
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
    2029: date(2029, 2, 13),
    2030: date(2030, 2, 3),
    2031: date(2031, 1, 23),
    2032: date(2032, 2, 11),
    2033: date(2033, 1, 31),
    2034: date(2034, 2, 19),
    2035: date(2035, 2, 8),
    2036: date(2036, 1, 28),
    2037: date(2037, 2, 15),
    2038: date(2038, 2, 4),
    2039: date(2039, 1, 24),
    2040: date(2040, 2, 12),
}
FIRST_TODAY = date(2022, 1, 1)
LAST_TODAY = date(2040, 12, 31)
ORDER_MONTHS = 18


class DemoDateError(ValueError):
    """The demo's day lies outside the years whose festival dates it knows."""

    def __init__(self, today: date) -> None:
        """Keep the day that was asked for."""
        super().__init__(f"no demo for {today}: it knows {FIRST_TODAY} to {LAST_TODAY}")
        self.today = today


def require_within_reach(today: date) -> None:
    """Raise DemoDateError unless the festival dates around `today` are known."""
    if not FIRST_TODAY <= today <= LAST_TODAY:
        raise DemoDateError(today)


def month_start(day: date, *, months_back: int = 0) -> date:
    """Return the first day of the month `months_back` months before that of `day`."""
    index = day.year * 12 + day.month - 1 - months_back
    return date(index // 12, index % 12 + 1, 1)


def days_before(today: date, days: int) -> date:
    """Return the date `days` days before `today`."""
    return today - timedelta(days=days)


def first_order_day(today: date) -> date:
    """Return the first day of the order history: 18 full months before the month of `today`."""
    return month_start(today, months_back=ORDER_MONTHS)
