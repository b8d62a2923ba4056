"""Notifier type `smtp`: one message over one connection to the operator's mail server."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, SecretStr, model_validator

from config.catalog import Strict
from triage.message import PlainAddress, build_message
from triage.notice import DeliveryDeferred, Fault, Notice
from triage.smtpreply import Reply

#: One mail is given up after this many seconds, so that its sender's lease still holds: each
#: step has its own timeout, but a server that drips its answers could go on for ever.
_WHOLE_S = 240.0


class Options(Strict):
    """What an operator writes for a mail server. Seconds.

    `security` is "starttls" (usual on 587), "tls" (usual on 465) or "none" (a relay on
    this machine). The server's certificate is always verified, against the system's
    authorities or those in `ca_file`. `password_file` holds the password alone and is
    read at each connection, so that it can be changed while the program runs.
    """

    host: str = Field(pattern=r"^[A-Za-z0-9.:_-]+$")
    port: int = Field(default=587, ge=1, le=65535)
    sender: PlainAddress
    sender_name: str = "Lắng Nghe"
    reply_to: PlainAddress | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")
    password_file: Path | None = None
    ca_file: Path | None = None
    timeout: float = Field(default=30.0, gt=0, le=120)

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

    @property
    def where(self) -> str:
        """The server, for messages to the operator."""
        return f"{self._options.host}:{self._options.port}"

    def send(self, notice: Notice) -> None:
        """Hand `notice` to the server and return when it answered 250 to the data.

        Raises `DeliveryFailed` when the server refuses this recipient or message for good,
        and `DeliveryDeferred` otherwise: 4yz, no connection, a connection lost or silent
        before the answer. What is wrong with the way and not with the notice (log-in or
        sender refused, certificate not valid, no STARTTLS) is deferred too, so that a
        wrong password does not throw away a day's mails. `fault` says whose doing it is.
        """
        options = self._options
        content = build_message(
            notice,
            options.sender,
            sender_name=options.sender_name,
            reply_to=options.reply_to or "",
        ).as_bytes()
        smtp = self._open()
        try:
            smtp.sendmail(options.sender, [notice.recipient], content)
        except smtplib.SMTPSenderRefused as error:
            raise Reply("sender", error.smtp_code, _bytes(error.smtp_error)).error() from error
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise Reply("recipient", code, text).error() from error
        except smtplib.SMTPResponseException as error:
            raise Reply("data", error.smtp_code, _bytes(error.smtp_error)).error() from error
        except (OSError, smtplib.SMTPException) as error:
            # Also when the data was accepted and the answer lost: the repeat has the same id.
            raise DeliveryDeferred(_told(error, "lost")) from error
        finally:
            _leave(smtp)

    def probe(self) -> None:
        """Try the way without a mail: connection, greeting, TLS, log-in, and one idle command.

        Raises `DeliveryDeferred` with the step that failed.
        """
        smtp = self._open()
        try:
            code, text = smtp.noop()
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryDeferred(_told(error, "hello"), Fault.SERVER, "hello") from error
        finally:
            _leave(smtp)
        if code != 250:
            raise Reply("hello", code, text).error()

    def _open(self) -> smtplib.SMTP:
        """Return a session that is encrypted and logged in as the options ask."""
        options, step = self._options, "tls"
        smtp: smtplib.SMTP | None = None
        try:
            context = self._context() if options.security != "none" else None
            step = "connect"
            smtp = self._connect(context if options.security == "tls" else None)
            step = "hello"
            smtp.ehlo_or_helo_if_needed()
            if options.security == "starttls":
                step = "tls"
                smtp.starttls(context=context)
            if options.user:
                step = "login"
                smtp.login(options.user, self._password())
            step = "hello"
            smtp.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            if smtp is not None:
                _leave(smtp)
            step = "tls" if isinstance(error, ssl.SSLError) else step
            raise DeliveryDeferred(_told(error, step), Fault.SERVER, step) from error
        return smtp

    def _connect(self, tls: ssl.SSLContext | None) -> smtplib.SMTP:
        options = self._options
        # Without a name of our own smtplib asks the DNS for one, which can take minutes.
        hello = options.sender.rpartition("@")[2]
        if tls is None:
            return _Watched(options.host, options.port, hello, options.timeout)
        return _Tls(options.host, options.port, hello, timeout=options.timeout, context=tls)

    def _context(self) -> ssl.SSLContext:
        ca_file = self._options.ca_file
        return ssl.create_default_context(cafile=self._base / ca_file if ca_file else None)

    def _password(self) -> str:
        path = self._options.password_file
        if path is None:
            return self._options.password.get_secret_value()
        return (self._base / path).read_text("utf-8").strip()


class _Watched(smtplib.SMTP):
    """A session that is cut when it takes too long as a whole."""

    _watch: threading.Timer | None = None

    def connect(self, *where: Any, **more: Any) -> tuple[int, bytes]:
        self._watch = threading.Timer(_WHOLE_S, self._cut)
        self._watch.daemon = True
        self._watch.start()
        try:
            return super().connect(*where, **more)
        except BaseException:
            self._watch.cancel()
            raise

    def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        super().close()

    def _cut(self) -> None:
        """End the connection under the thread that waits for it; it sees a lost connection."""
        sock = self.sock
        if sock is not None:
            with suppress(OSError):
                # Of the socket itself: that of TLS would take the session from its reader.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


class _Tls(_Watched, smtplib.SMTP_SSL):
    """Encrypted from the start."""


def _leave(smtp: smtplib.SMTP) -> None:
    """Say good-bye. How the server takes it no longer matters: the message was answered."""
    with suppress(OSError, smtplib.SMTPException):
        smtp.quit()
    with suppress(OSError):
        smtp.close()


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")


def _told(error: Exception, step: str) -> str:
    """Say what went wrong without the server's words, which may repeat addresses."""
    if isinstance(error, smtplib.SMTPResponseException):
        return Reply(step, error.smtp_code, _bytes(error.smtp_error)).told
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    if isinstance(error, UnicodeError):
        return "the user or the password is not plain ASCII"
    if isinstance(error, smtplib.SMTPException):
        return f"{type(error).__name__} ({step})"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _on_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
