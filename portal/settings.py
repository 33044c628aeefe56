"""What can be set from outside: environment variables, each documented in docs/settings.md."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from email.utils import parseaddr
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
    # "required": operators and suppliers' owners must have one; "offered": nobody must
    second_factor: str = "required"
    contact: str = "support@tongtu.example"
    log_level: str = "info"  # debug, info, warning or error
    dask_scheduler: str = ""  # empty: reports are rendered on this machine
    metrics_token: str = ""  # empty: there is no metrics page
    # Where members reach the portal, without a slash at the end: links in mails start with it.
    base_url: str = "http://127.0.0.1:8000"
    smtp_host: str = ""  # empty: no mails, notices stay in the portal
    smtp_port: int = 587
    smtp_tls: str = "starttls"  # starttls, tls or none
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_ca: str = ""  # file of the certificates to trust; empty: the system's
    mail_from: str = ""  # e.g. 同途 <no-reply@tongtu.example>
    # Lets webhooks go to this machine, by plain http too: for trying out, never in production.
    webhook_loopback: bool = False
    demo: bool = False  # lets the demo alliance be filled in behind TLS too
    # Pages that one sign-in may open in a minute, in each process; 0: as many as they like.
    reads_per_minute: int = 600
    sms_url: str = ""  # gateway that sends codes to phones; empty: operators check numbers
    sms_secret: str = ""  # what calls to it are signed with, whsec_…
    backup_dir: Path | None = None  # None: backups_dir below

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

    @property
    def exports_dir(self) -> Path:
        """Folder of copies of data that somebody asked for."""
        return self.data_dir / "exports"

    @property
    def backups_dir(self) -> Path:
        """Folder of the backups, best on another disk."""
        return self.backup_dir or self.data_dir / "backups"


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


def _checked(values: Settings) -> Settings:
    """Return the settings; raise BadSetting when what is to be sent cannot be."""
    if values.sms_url and not values.sms_secret.startswith("whsec_"):
        raise BadSetting(
            f"{PREFIX}SMS_SECRET must be whsec_ and 32 random bytes in base64 "
            f"when {PREFIX}SMS_URL is set"
        )
    if not values.smtp_host:
        return values
    if "@" not in parseaddr(values.mail_from)[1]:
        raise BadSetting(
            f"{PREFIX}MAIL_FROM must be the sender's address when {PREFIX}SMTP_HOST is set"
        )
    if not values.base_url.startswith(("https://", "http://")):
        raise BadSetting(f"{PREFIX}BASE_URL must start with https:// or http://")
    if values.smtp_tls == "none" and values.smtp_password:
        raise BadSetting(
            f"{PREFIX}SMTP_TLS=none would send {PREFIX}SMTP_PASSWORD in clear: use starttls or tls"
        )
    return values


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; raise BadSetting with what to do when one is missing or wrong."""
    env = os.environ if environ is None else environ
    data_dir = Path(env.get(PREFIX + "DATA_DIR", "instance")).absolute()
    values = Settings(
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
        second_factor=_one_of(env, "SECOND_FACTOR", ("required", "offered")),
        contact=env.get(PREFIX + "CONTACT", "support@tongtu.example"),
        log_level=_one_of(env, "LOG_LEVEL", ("info", "debug", "warning", "error")),
        dask_scheduler=env.get(PREFIX + "DASK_SCHEDULER", ""),
        metrics_token=_secret(env, "METRICS_TOKEN") if env.get(PREFIX + "METRICS_TOKEN") else "",
        base_url=env.get(PREFIX + "BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
        smtp_host=env.get(PREFIX + "SMTP_HOST", ""),
        smtp_port=_whole_number(env, "SMTP_PORT", 587),
        smtp_tls=_one_of(env, "SMTP_TLS", ("starttls", "tls", "none")),
        smtp_user=env.get(PREFIX + "SMTP_USER", ""),
        smtp_password=env.get(PREFIX + "SMTP_PASSWORD", ""),
        smtp_ca=env.get(PREFIX + "SMTP_CA", ""),
        mail_from=env.get(PREFIX + "MAIL_FROM", ""),
        webhook_loopback=_flag(env, "WEBHOOK_LOOPBACK"),
        demo=_flag(env, "DEMO"),
        reads_per_minute=_whole_number(env, "READS_PER_MINUTE", 600),
        sms_url=env.get(PREFIX + "SMS_URL", ""),
        sms_secret=env.get(PREFIX + "SMS_SECRET", ""),
        backup_dir=Path(env[PREFIX + "BACKUP_DIR"]) if env.get(PREFIX + "BACKUP_DIR") else None,
    )
    return _checked(values)


def names() -> tuple[str, ...]:
    """Return the name of every environment variable that the portal reads."""
    return tuple(PREFIX + field.name.upper() for field in fields(Settings))


def new_secret() -> str:
    """Return a fresh random secret for SECRET_KEY or PASSWORD_SALT."""
    return secrets.token_urlsafe(48)
