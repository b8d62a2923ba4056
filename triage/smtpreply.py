"""What a mail server's reply means: whose doing it is, and whether trying again can help.

A 5yz reply is final (RFC 5321, section 4.2.1), but of what? One wrong password or one
blocked sender refuses a whole day's mails; that must neither throw them away nor mark a
hundred good addresses as dead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from triage.notice import DeliveryDeferred, DeliveryError, DeliveryFailed, Fault

#: Enhanced status (RFC 3463) at the start of a reply's text.
_ENHANCED = re.compile(rb"\s*([245])\.(\d{1,3})\.(\d{1,3})(?!\d)")
#: Servers without enhanced codes say with a bare 550 that they do not relay, or not for us.
_POLICY = re.compile(
    rb"relay|authenti|polic|denied|block|spam|reputation|blacklist|rbl|spf|dkim|dmarc|rate|quota",
    re.IGNORECASE,
)
#: Replies to RCPT that speak of the mailbox where nothing else is said (RFC 5321, 4.2.3).
_MAILBOX = (550, 551, 552, 553)
#: Status 5.1.7 and 5.1.8 blame the sender's address.
_SENDERS = (7, 8)
#: Status 5.4.1 (Exchange: no such recipient in the directory) and 5.4.4 (its domain has no mail).
_UNROUTABLE = (1, 4)
#: Unknown or misplaced commands: the programs misunderstand each other, whatever the mail.
_MISUNDERSTOOD = (500, 501, 502, 503, 504, 530, 535, 538)


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer at a step: connect, hello, tls, login, sender, recipient or data.

    `text` may repeat addresses and is never shown or kept; `told` is what may be.
    """

    step: str
    code: int
    text: bytes = b""

    @property
    def status(self) -> tuple[int, int, int] | None:
        """The enhanced status, as numbers; None where the server gave none."""
        found = _ENHANCED.match(self.text)
        return None if found is None else (int(found[1]), int(found[2]), int(found[3]))

    @property
    def told(self) -> str:
        """The reply without the server's words."""
        status = f" {'.'.join(map(str, self.status))}" if self.status else ""
        return f"SMTP {self.code}{status} ({self.step})"

    @property
    def fault(self) -> Fault:
        """Whose doing it is."""
        if self.step == "recipient":
            return Fault.RECIPIENT if self._blames_the_mailbox(bare=True) else Fault.UNCLEAR
        if self.step == "data":
            return self._of_data()
        too_large = self.code == 552 or (self.status or (0, 0, 0))[1:] == (3, 4)
        # SIZE is told with MAIL, so that a server may refuse the one large mail there.
        return Fault.MESSAGE if self.step == "sender" and too_large else Fault.SERVER

    def error(self) -> DeliveryError:
        """Return the error to raise: failed only where a 5yz blames this recipient or message."""
        fault = self.fault
        final = 500 <= self.code < 600 and fault in (Fault.RECIPIENT, Fault.MESSAGE)
        return (DeliveryFailed if final else DeliveryDeferred)(self.told, fault, self.step)

    def _of_data(self) -> Fault:
        if not 500 <= self.code < 600 or self.code in _MISUNDERSTOOD:
            return Fault.UNCLEAR
        return Fault.RECIPIENT if self._blames_the_mailbox(bare=False) else Fault.MESSAGE

    def _blames_the_mailbox(self, *, bare: bool) -> bool:
        if not 500 <= self.code < 600:
            return False
        if self.status is None:
            return bare and self.code in _MAILBOX and _POLICY.search(self.text) is None
        _, subject, detail = self.status
        if subject == 1:
            return detail not in _SENDERS
        return subject == 2 or (bare and subject == 4 and detail in _UNROUTABLE)
