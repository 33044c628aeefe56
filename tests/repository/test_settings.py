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


@pytest.mark.asvs("V13.2.3", "V16.5.3")
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


MAIL = {"TONGTU_SMTP_HOST": "mail.example", "TONGTU_MAIL_FROM": "同途 <no-reply@tongtu.example>"}


@pytest.mark.asvs("V13.2.1")
def test_with_a_mail_server_and_a_sender_mails_can_be_sent():
    values = settings.from_environment({**GOOD, **MAIL})

    assert (values.smtp_host, values.smtp_port, values.smtp_tls) == (
        "mail.example",
        587,
        "starttls",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_FROM", ""),
        ("MAIL_FROM", "nobody"),
        ("BASE_URL", "portal.example"),
        ("SMTP_TLS", "maybe"),
        ("SMTP_PORT", "smtp"),
    ],
)
def test_a_mail_server_with_a_wrong_setting_stops_the_start(name, value):
    with pytest.raises(BadSetting, match=name):
        settings.from_environment({**GOOD, **MAIL, f"TONGTU_{name}": value})


def test_a_password_is_not_sent_to_the_mail_server_in_clear():
    clear = {"TONGTU_SMTP_TLS": "none", "TONGTU_SMTP_PASSWORD": "secret"}

    with pytest.raises(BadSetting, match="SMTP_TLS"):
        settings.from_environment({**GOOD, **MAIL, **clear})
