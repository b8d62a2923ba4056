"""Turn a notice into the bytes of one e-mail, the same bytes every time.

Nothing that was read on the web can add a header: subjects and names are brought to
one line, addresses that are not plain are refused, and the key is quoted.
"""

from __future__ import annotations

import hashlib
import re
from email.header import Header
from email.headerregistry import (
    Address,
    HeaderRegistry,
    UniqueAddressHeader,
    UniqueUnstructuredHeader,
)
from email.message import EmailMessage
from email.policy import SMTP, Policy
from typing import Annotated, Final
from urllib.parse import quote

from pydantic import AfterValidator

from config.catalog import Email
from config.settings import ZONE
from triage.notice import DeliveryFailed, Fault, Notice
from triage.wording import one_line

KEY_HEADER: Final = "X-LangNghe-Key"
#: Most servers fold or cut longer subjects; a title within it is shortened first.
_SUBJECT_LIMIT = 180
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_ADDRESS = re.compile(rf"(?=.{{3,254}}\Z){_ATEXT}(?:\.{_ATEXT})*@{_LABEL}(?:\.{_LABEL})+", re.ASCII)


def is_address(text: str) -> bool:
    """Say whether `text` is one plain ASCII address (RFC 5321 dot-string) and nothing else.

    What looks like an encoded word is none: mail programs would decode it, line breaks and all.
    """
    return "=?" not in text and _ADDRESS.fullmatch(text) is not None


def is_domain(text: str) -> bool:
    """Say whether `text` is a plain host name, as a Message-ID may end in."""
    return len(text) <= 253 and _DOMAIN.fullmatch(text) is not None


def _plain_address(text: str) -> str:
    if not is_address(text):
        raise ValueError("not a plain e-mail address")
    return text


#: An address that mail can be sent from; what an operator writes is checked when it is read.
PlainAddress = Annotated[Email, AfterValidator(_plain_address)]


def message_id(key: str, domain: str) -> str:
    """Return the Message-ID of the notice with this key: fixed, so that a repeat is known.

    Raises `ValueError` for a domain that is not a plain host name.
    """
    if not is_domain(domain):
        raise ValueError(f"{domain!r} is not a domain")
    return f"<{_mark(key)}@{domain}>"


def build_message(
    notice: Notice, sender: str, *, sender_name: str = "", reply_to: str = ""
) -> EmailMessage:
    """Return the message of `notice`: plain text first, then HTML, both quoted-printable.

    Date and Message-ID are the notice's own, and the parts' boundary follows from its
    key, so that the same notice always gives the same bytes. `Auto-Submitted` keeps
    absence notices away (RFC 3834). Raises `DeliveryFailed` for an address that is not
    plain or a Message-ID of another form: a person has to look.
    """
    if not is_address(notice.recipient):
        raise DeliveryFailed("the recipient is not a plain e-mail address", Fault.RECIPIENT)
    for role, address in (("sender", sender), ("reply address", reply_to or sender)):
        if not is_address(address):
            raise DeliveryFailed(f"the {role} is not a plain e-mail address", Fault.MESSAGE)
    local, _, domain = notice.message_id[1:-1].rpartition("@")
    if notice.message_id != f"<{local}@{domain}>" or not re.fullmatch(_ATEXT, local):
        raise DeliveryFailed("the Message-ID is malformed", Fault.MESSAGE)
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(one_line(sender_name), addr_spec=sender)
    message["To"] = Address(addr_spec=notice.recipient)
    if reply_to:
        message["Reply-To"] = Address(addr_spec=reply_to)
    # A title that looks like an encoded word would be decoded, line breaks and all.
    message["Subject"] = one_line(notice.subject, _SUBJECT_LIMIT).replace("=?", "= ?")
    message["Date"] = notice.created_at.astimezone(ZONE)
    message["Message-ID"] = notice.message_id
    message["Auto-Submitted"] = "auto-generated"
    message[KEY_HEADER] = quote(notice.key, safe=":@.-_+", errors="replace")
    message.set_content(_body(notice.text), cte="quoted-printable")
    message.add_alternative(_body(notice.html), subtype="html", cte="quoted-printable")
    # "=_" cannot stand in quoted-printable text, so the boundary never occurs in a part.
    message.set_boundary(f"=_{_mark(notice.key)}")
    return message


class _Subject(UniqueUnstructuredHeader):
    """A subject whose blanks survive.

    The library's own folding puts plain blanks between encoded words, which readers must
    drop (RFC 2047, section 6.2; seen in Python 3.11): here all words are encoded.
    """

    def fold(self, *, policy: Policy) -> str:
        """Return the header as it is sent."""
        text = str(self)
        encoded = text if text.isascii() and len(text) < 60 else _encoded(text, "Subject")
        return f"Subject: {encoded}{policy.linesep}"


class _Sender(UniqueAddressHeader):
    """One address with a name that is treated as a subject is."""

    def fold(self, *, policy: Policy) -> str:
        """Return the header as it is sent."""
        (address,) = self.addresses
        name = f"{_encoded(address.display_name, 'From')}\r\n " if address.display_name else ""
        return f"From: {name}<{address.addr_spec}>{policy.linesep}"


def _encoded(text: str, header: str) -> str:
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


def _policy() -> Policy:
    registry = HeaderRegistry()
    # The registry mixes BaseHeader in itself; its type hint asks for it beforehand.
    registry.map_to_type("subject", _Subject)  # type: ignore[arg-type]
    registry.map_to_type("from", _Sender)  # type: ignore[arg-type]
    return SMTP.clone(header_factory=registry)


_POLICY: Final = _policy()


def _mark(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]


def _body(text: str) -> str:
    """Return `text` without what a mail cannot carry: lone surrogates and NUL."""
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\0", "")
