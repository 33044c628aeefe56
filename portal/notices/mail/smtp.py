"""Handing a message to the mail server that the operator set up."""

import re
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import parseaddr

from flask import current_app

from portal.notices.outcomes import Outcome, later, never, sent
from portal.settings import Settings

TIMEOUT_S = 20
# "No such mailbox"; a full one (552) or a policy (5.7.x) says nothing about the address.
NO_SUCH_MAILBOX = frozenset({550, 551, 553})
POLICY = re.compile(r"\b5\.7\.\d")


def _settings() -> Settings:
    values: Settings = current_app.extensions["tongtu.settings"]
    return values


def is_set_up() -> bool:
    """Tell whether mails can be sent; without a mail server, notices stay in the portal."""
    return bool(_settings().smtp_host)


def sender() -> str:
    """Return who mails come from, e.g. 同途 <no-reply@tongtu.example>."""
    return _settings().mail_from


def _connect(values: Settings) -> smtplib.SMTP:
    """Return a connection that is encrypted as the settings ask; never less."""
    own_name = parseaddr(values.mail_from)[1].rpartition("@")[2]
    if values.smtp_tls == "none":
        return smtplib.SMTP(values.smtp_host, values.smtp_port, own_name, timeout=TIMEOUT_S)
    trusted = ssl.create_default_context(cafile=values.smtp_ca or None)
    if values.smtp_tls == "tls":
        return smtplib.SMTP_SSL(
            values.smtp_host, values.smtp_port, own_name, timeout=TIMEOUT_S, context=trusted
        )
    server = smtplib.SMTP(values.smtp_host, values.smtp_port, own_name, timeout=TIMEOUT_S)
    try:
        server.starttls(context=trusted)
    except BaseException:
        server.close()
        raise
    return server


def hand_over(message: EmailMessage) -> Outcome:
    """Send one message to its one receiver; tell what the mail server said."""
    return _with_server(lambda server: server.send_message(message))


def try_out() -> Outcome:
    """Connect and sign in as for a message, but send none; tell what the mail server said."""
    return _with_server(lambda server: server.noop())


def _with_server(act: Callable[[smtplib.SMTP], object]) -> Outcome:
    values = _settings()
    if not values.smtp_host:
        return later("no mail server is set up")
    try:
        with _connect(values) as server:
            if values.smtp_user:
                server.login(values.smtp_user, values.smtp_password)
            act(server)
    except smtplib.SMTPRecipientsRefused as refused:
        ((code, words),) = refused.recipients.values()
        return _refusal(code, words, of_receiver=True)
    except smtplib.SMTPAuthenticationError as error:
        return later(f"signing in to the mail server failed: {_words(error.smtp_error)}")
    except smtplib.SMTPResponseException as error:
        return _refusal(error.smtp_code, error.smtp_error, of_receiver=False)
    except (OSError, smtplib.SMTPException) as error:
        return later(f"{type(error).__name__}: {error}")
    return sent("250 OK")


def _refusal(code: int, words: bytes | str, *, of_receiver: bool) -> Outcome:
    answer = f"{code} {_words(words)}"
    if code < 500:
        return later(answer)
    bounced = of_receiver and code in NO_SUCH_MAILBOX and not POLICY.search(answer)
    return never(answer, bounced=bounced)


def _words(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
