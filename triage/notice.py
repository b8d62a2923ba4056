"""One message to one recipient, before and after it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from config.errors import LangNgheError

#: The kind of mail that names cases to the committee's own people.
WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message. `key` is unique for ever: the same notice is never queued twice.

    `kind` is what it is: "cases" where it puts cases to a unit, "round" for what else a unit is
    told, "waiting" and "digest" for the committee's own people. `message_id` is fixed
    when the notice is made, so that a mail in flight at a crash repeats under the
    same Message-ID. `not_before` keeps it back (quiet hours). `case_ids` are the cases whose
    words it repeats; which of them it was to tell a unit of, see `for_units`.
    """

    key: str
    kind: str
    recipient: str
    subject: str
    text: str
    html: str
    message_id: str
    created_at: datetime
    not_before: datetime
    case_ids: tuple[int, ...] = ()

    @property
    def for_units(self) -> tuple[int, ...]:
        """The cases of which it tells a unit: none where it goes to the committee's people."""
        return for_units(self.kind, self.case_ids)


def for_units(kind: str, case_ids: tuple[int, ...]) -> tuple[int, ...]:
    """Return the cases in whose history a mail of this kind counts; none for people's own."""
    return () if kind == WAITING else case_ids


def round_key(unit_id: str, round_id: str) -> str:
    """Return the key of the one mail of a round to a unit."""
    return f"round:{unit_id}:{round_id}"


def unit_of(key: str) -> str | None:
    """Return the unit that a mail with this key goes to; None for mails to no unit."""
    kind, _, rest = key.partition(":")
    return rest.partition(":")[0] if kind == "round" else None


class Fault(StrEnum):
    """Whose doing it is that a notice did not go."""

    #: The address takes no mail: no such mailbox, closed, full.
    RECIPIENT = "recipient"
    #: This message is not taken: too large, taken for spam.
    MESSAGE = "message"
    #: The way: every other notice would have fared the same. An operator has to look.
    SERVER = "server"
    #: It may be any of them; time may tell.
    UNCLEAR = "unclear"


class DeliveryError(LangNgheError):
    """A notice was not delivered.

    `step` names where it ended, for whoever explains it in words: "connect", "tls",
    "login", "hello", "sender", "recipient", "data", "folder"; empty where there was none.
    """

    reason = "delivery"

    def __init__(self, message: str, fault: Fault = Fault.UNCLEAR, step: str = "") -> None:
        super().__init__(message)
        self.fault = fault
        self.step = step


class DeliveryDeferred(DeliveryError):
    """Try again later: 4yz reply, lost connection, folder not writable, log-in refused."""

    reason = "delivery_deferred"
    retryable = True


class DeliveryFailed(DeliveryError):
    """Trying again cannot help: 5yz reply to the recipient or the message. A person has to look."""

    reason = "delivery_failed"
