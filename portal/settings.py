"""What can be set from outside: environment variables, each documented in docs/settings.md."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

PREFIX = "TONGTU_"
MINIMUM_SECRET_LENGTH = 32


class BadSetting(ValueError):
    """A setting is missing or has a value that the portal cannot run with."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The portal's settings; each field is the environment variable TONGTU_<FIELD IN CAPITALS>."""

    secret_key: str
    password_salt: str
    data_dir: Path
    database_url: str
    content_dir: Path
    timezone: str = "Asia/Shanghai"
    https: bool = False
    trusted_proxies: int = 0
    upload_limit_mb: int = 64
    # "interactive" or "test", never the latter in production
    password_cost: str = "interactive"  # noqa: S105 – the name of a cost, not a password
    contact: str = "support@tongtu.example"
    log_level: str = "info"  # debug, info, warning or error
    metrics_token: str = ""  # empty: there is no metrics page

    @property
    def facts_dir(self) -> Path:
        """Folder of the order facts."""
        return self.data_dir / "facts"

    @property
    def site_dir(self) -> Path:
        """Folder of the built report site."""
        return self.data_dir / "site"

    @property
    def uploads_dir(self) -> Path:
        """Folder of uploaded order files."""
        return self.data_dir / "uploads"


def _default_content() -> Path:
    return Path(__file__).resolve().parent.parent / "content"


def _secret(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(PREFIX + name, "")
    if len(value) < MINIMUM_SECRET_LENGTH:
        raise BadSetting(
            f"{PREFIX}{name} must be set to at least {MINIMUM_SECRET_LENGTH} characters, "
            f'for example: python -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return value


def _flag(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(PREFIX + name, "0").strip().lower()
    if value not in {"0", "1", "false", "true", "no", "yes", ""}:
        raise BadSetting(f"{PREFIX}{name} must be 0 or 1, not {value!r}")
    return value in {"1", "true", "yes"}


def _whole_number(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(PREFIX + name, "")
    if not value:
        return default
    if not value.isascii() or not value.isdigit():
        raise BadSetting(f"{PREFIX}{name} must be a whole number, not {value!r}")
    return int(value)


def _one_of(environ: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = environ.get(PREFIX + name, allowed[0])
    if value not in allowed:
        raise BadSetting(f"{PREFIX}{name} must be one of {', '.join(allowed)}, not {value!r}")
    return value


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raise BadSetting with what to do when one is missing or wrong."""
    env = os.environ if environ is None else environ
    data_dir = Path(env.get(PREFIX + "DATA_DIR", "instance")).absolute()
    return Settings(
        secret_key=_secret(env, "SECRET_KEY"),
        password_salt=_secret(env, "PASSWORD_SALT"),
        data_dir=data_dir,
        database_url=env.get(PREFIX + "DATABASE_URL", f"sqlite:///{data_dir / 'tongtu.sqlite'}"),
        content_dir=Path(env.get(PREFIX + "CONTENT_DIR", str(_default_content()))),
        timezone=env.get(PREFIX + "TIMEZONE", "Asia/Shanghai"),
        https=_flag(env, "HTTPS"),
        trusted_proxies=_whole_number(env, "TRUSTED_PROXIES", 0),
        upload_limit_mb=_whole_number(env, "UPLOAD_LIMIT_MB", 64),
        password_cost=_one_of(env, "PASSWORD_COST", ("interactive", "test")),
        contact=env.get(PREFIX + "CONTACT", "support@tongtu.example"),
        log_level=_one_of(env, "LOG_LEVEL", ("info", "debug", "warning", "error")),
        metrics_token=_secret(env, "METRICS_TOKEN") if env.get(PREFIX + "METRICS_TOKEN") else "",
    )


def names() -> tuple[str, ...]:
    """Return the name of every environment variable that the portal reads."""
    return tuple(PREFIX + field.name.upper() for field in fields(Settings))


def new_secret() -> str:
    """Return a fresh random secret for SECRET_KEY or PASSWORD_SALT."""
    return secrets.token_urlsafe(48)
