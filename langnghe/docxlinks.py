"""What the parts of a Word document say of each other and of the world: links, and kinds of parts.

They are read as XML, the way Word reads them: a search for words is evaded by another way
to write the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.parsers import expat

from langnghe.refused import AttachmentRefused

BROKEN = "Tệp Word hỏng, không đọc được."
ACTS = "Tệp Word có macro hoặc tệp nhúng; hãy lưu lại thành PDF."
SWOLLEN = "Tệp Word phình quá lớn khi mở, không nhận."
#: Ten thousand links take less.
_MOST_BYTES = 2 * 2**20
_FETCHES = "Tệp Word tải nội dung từ nơi khác khi mở; hãy lưu lại thành PDF."
_ODD_LINK = (
    "Tệp Word có liên kết lạ (chỉ nhận liên kết http, https và mailto); hãy lưu lại thành PDF."
)
_BAD_TYPE = re.compile(r"macroEnabled|vbaProject|activeX|oleObject", re.IGNORECASE)
#: Kinds of parts that act or hold other files, by the last word of a relationship's type.
_ACTING = re.compile(
    r"/(vbaProject\w*|wordVbaData|oleObject|package|control|activeX\w*|aFChunk)$", re.IGNORECASE
)
_HYPERLINK = re.compile(
    r"http://(schemas\.openxmlformats\.org/officeDocument/2006|purl\.oclc\.org/ooxml/officeDocument)"
    r"/relationships/hyperlink"
)
#: A place of the document itself, or one that a reader opens by a click and in a browser or mail.
_GOOD_LINK = re.compile(r"#|https?://|mailto:", re.IGNORECASE)
#: A target that is none of the file's own parts, whatever is said of it: file:, //host, \\host.
_ELSEWHERE = re.compile(r"([a-z][a-z0-9+.-]*:|[/\\]{2})", re.IGNORECASE)


def check_relations(part: bytes) -> None:
    """Refuse a .rels part that makes Word fetch, run or unpack something.

    Links that are followed by a click alone may lead to the web and to mail. Raises
    `AttachmentRefused`.
    """
    _read(part, _check_relation)


def check_types(part: bytes) -> None:
    """Refuse a list of parts that names macros, controls or embedded objects."""
    _read(part, _check_type)


def _check_relation(name: str, given: dict[str, str]) -> None:
    if name != "Relationship":
        return
    kind, target = given.get("Type", "").strip(), given.get("Target", "").strip()
    if _ACTING.search(kind):
        raise AttachmentRefused(ACTS)
    if given.get("TargetMode", "Internal") == "Internal" and not _ELSEWHERE.match(target):
        return
    if not _HYPERLINK.fullmatch(kind):
        raise AttachmentRefused(_FETCHES)
    if not _GOOD_LINK.match(target):
        raise AttachmentRefused(_ODD_LINK)


def _check_type(_name: str, given: dict[str, str]) -> None:
    if any(_BAD_TYPE.search(value) for value in given.values()):
        raise AttachmentRefused(ACTS)


def _read(part: bytes, judge: Callable[[str, dict[str, str]], None]) -> None:
    """Show every element to `judge`: its name without a prefix, and its attributes.

    Raises `AttachmentRefused` for what is no XML, or declares entities: Word never does.
    """
    if len(part) > _MOST_BYTES:
        raise AttachmentRefused(SWOLLEN)

    def begin(name: str, given: dict[str, str]) -> None:
        judge(name.rpartition(" ")[2], given)

    def declared(*_: object) -> None:
        raise AttachmentRefused(BROKEN)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = declared
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two: an odd encoding
        raise AttachmentRefused(BROKEN) from error
