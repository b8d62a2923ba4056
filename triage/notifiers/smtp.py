"""Notifier type `smtp`: one message over one connection to the operator's mail server."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from config.catalog import Email, Strict
from triage.message import build_message
from triage.notice import DeliveryDeferred, DeliveryError, DeliveryFailed, Notice


class Options(Strict):
    """What an operator writes for a mail server. Seconds.

    `security` is "starttls" (usual on 587), "tls" (usual on 465) or "none" (a relay on
    this machine). The server's certificate is always verified, against the system's
    authorities or those in `ca_file`. `password_file` holds the password alone and is
    read at each connection, so that it can be changed while the program runs.
    """

    host: str = Field(pattern=r"^[A-Za-z0-9.:_-]+$")
    port: int = Field(default=587, ge=1, le=65535)
    sender: Email
    sender_name: str = "Lắng Nghe"
    reply_to: Email | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    ca_file: Path | None = None
    timeout: float = Field(default=30.0, gt=0, le=600)

    @model_validator(mode="after")
    def _secrets_are_sound(self) -> Self:
        if self.password.get_secret_value() and self.password_file:
            raise ValueError("give password or password_file, not both")
        given = bool(self.password.get_secret_value() or self.password_file)
        if bool(self.user) != given:
            raise ValueError("user and a password belong together")
        if given and self.security == "none" and not _on_this_machine(self.host):
            raise ValueError('security = "none" would send the password in the clear')
        return self


class Notifier:
    """Sends through one mail server. Opens a connection a message: they are few."""

    def __init__(self, options: Options, base: Path = Path()) -> None:
        self._options = options
        self._base = base

    def send(self, notice: Notice) -> None:
        """Hand `notice` to the server and return when it answered 250 to the data.

        Raises `DeliveryFailed` when the server refuses this sender, recipient or message
        for good (5yz), and `DeliveryDeferred` otherwise: 4yz, no connection, a
        connection lost or silent before the answer. What is wrong with the way and not
        with the notice (log-in refused, certificate not valid, no STARTTLS) is deferred
        too, so that a wrong password does not throw away a day's mails.
        """
        options = self._options
        content = build_message(
            notice,
            options.sender,
            sender_name=options.sender_name,
            reply_to=options.reply_to or "",
        ).as_bytes()
        try:
            smtp = self._connect()
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            raise DeliveryDeferred(f"{notice.key}: {_told(error)}") from error
        try:
            smtp.sendmail(options.sender, [notice.recipient], content)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise _refused(code, notice) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, notice) from error
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryDeferred(f"{notice.key}: {_told(error)}") from error
        finally:
            _leave(smtp)

    def _connect(self) -> smtplib.SMTP:
        """Return a session that is encrypted and logged in as the options ask."""
        options = self._options
        # Without a name of our own smtplib asks the DNS for one, which can take minutes.
        hello = options.sender.rpartition("@")[2]
        if options.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                options.host,
                options.port,
                local_hostname=hello,
                timeout=options.timeout,
                context=self._context(),
            )
        else:
            smtp = smtplib.SMTP(
                options.host, options.port, local_hostname=hello, timeout=options.timeout
            )
        try:
            if options.security == "starttls":
                smtp.starttls(context=self._context())
            if options.user:
                smtp.login(options.user, self._password())
            smtp.ehlo_or_helo_if_needed()
        except BaseException:
            _leave(smtp)
            raise
        return smtp

    def _context(self) -> ssl.SSLContext:
        ca_file = self._options.ca_file
        return ssl.create_default_context(cafile=self._base / ca_file if ca_file else None)

    def _password(self) -> str:
        path = self._options.password_file
        if path is None:
            return self._options.password.get_secret_value()
        return (self._base / path).read_text("utf-8").strip()


def _leave(smtp: smtplib.SMTP) -> None:
    """Say good-bye. How the server takes it no longer matters: the message was answered."""
    with suppress(OSError, smtplib.SMTPException):
        smtp.quit()
    with suppress(OSError):
        smtp.close()


def _refused(code: int, notice: Notice) -> DeliveryError:
    """Only 4yz replies invite a retry (RFC 5321, section 4.2.1)."""
    kind = DeliveryFailed if 500 <= code < 600 else DeliveryDeferred
    return kind(f"{notice.key}: SMTP {code}")


def _told(error: Exception) -> str:
    """Say what went wrong without the server's words, which may repeat addresses."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"SMTP {error.smtp_code} ({type(error).__name__})"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    if isinstance(error, UnicodeError):
        return "the user or the password is not plain ASCII"
    if isinstance(error, smtplib.SMTPException):
        return type(error).__name__
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _on_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
