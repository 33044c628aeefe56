"""The feedback room's small catalogue: its inbox is where these tests send forms."""

from feedback.conftest import Given, Goods, give, goods  # noqa: F401 – fixtures of that room
