"""Every setting is documented, and a missing or wrong one is refused with what to do."""

from pathlib import Path

import pytest

from portal import settings
from portal.settings import BadSetting

ROOT = Path(__file__).resolve().parents[2]
GOOD = {"TONGTU_SECRET_KEY": "x" * 40, "TONGTU_PASSWORD_SALT": "y" * 40}


@pytest.mark.parametrize("name", settings.names())
def test_the_setting_is_documented(name):
    assert f"`{name}`" in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_secret_stops_the_start_and_says_how_to_make_one(name):
    with pytest.raises(BadSetting, match="token_urlsafe"):
        settings.from_environment({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTPS", "maybe"),
        ("UPLOAD_LIMIT_MB", "big"),
        ("TRUSTED_PROXIES", "-1"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_setting_with_a_wrong_value_is_named(name, value):
    with pytest.raises(BadSetting, match=name):
        settings.from_environment({**GOOD, f"TONGTU_{name}": value})
