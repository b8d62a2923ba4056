"""One message to one recipient, before and after it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from config.errors import LangNgheError


@dataclass(frozen=True, slots=True)
class Notice:
    """One message. `key` is unique for ever: the same notice is never queued twice.

    `kind` is what it is (cases, reminder, escalation, closing, digest). `message_id` is fixed
    when the notice is made, so that a mail in flight at a crash repeats under the
    same Message-ID. `not_before` keeps it back (quiet hours).
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


class DeliveryError(LangNgheError):
    """A notice was not delivered."""

    reason = "delivery"


class DeliveryDeferred(DeliveryError):
    """Try again later: 4yz reply, lost connection, folder not writable."""

    reason = "delivery_deferred"
    retryable = True


class DeliveryFailed(DeliveryError):
    """Trying again cannot help: 5yz reply. A person has to look."""

    reason = "delivery_failed"
