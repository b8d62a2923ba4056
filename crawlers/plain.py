"""Turn markup and bytes from strangers into clean plain text."""

from __future__ import annotations

import html
import re
import unicodedata

import lxml.html
from lxml import etree

from config.marks import cut_marks, drop_marks, many_marks

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,2000}>|<!--.{0,2000}?-->|<br\s*/?>", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
# Controls that say nothing (PostgreSQL refuses NUL), soft hyphens, zero-width marks
# and lone surrogates, which no encoding can carry.
_JUNK = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u2028-\u202e"
    "\u2060\ufeff\ud800-\udfff\ufffe\uffff]"
)
_NOT_XML = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
    r"|&#0*(?:[0-8]|1[124-9]|2\d|3[01]|6553[45])(?!\d);?"
    r"|&#[xX]0*(?:[0-8b-cB-CeEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF])(?![\da-fA-F]);?"
)
_SPACE = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
_SILENT = frozenset(
    ["script", "style", "noscript", "template", "iframe", "svg", "object", "head", "title"]
)
#: Marks of a page that cost nothing to put in order, all on one letter.
_MANY_MARKS = 2_000
_META_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]{2,40})", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"']([a-zA-Z0-9_:.-]{2,40})")
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def clean(text: str) -> str:
    """Return `text` in NFC on one line, without controls, zero-width marks or lone surrogates."""
    return " ".join(unicodedata.normalize("NFC", cut_marks(_JUNK.sub("", text))).split())


def clean_lines(text: str) -> str:
    """Do the same, keeping one line break where there were any."""
    kept = cut_marks(_JUNK.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    return _LINES.sub("\n", _SPACE.sub(" ", unicodedata.normalize("NFC", kept))).strip()


def plain_title(markup: str) -> str:
    """Return a title as plain text: tags dropped, entities decoded even when encoded twice.

    Thanh Niên and VietNamNet write `&amp;apos;` inside CDATA. "A < B" is kept.
    """
    text = markup
    for _ in range(3):
        decoded = html.unescape(_TAG.sub(" ", text))
        if decoded == text:
            break
        text = decoded
    return clean(_TAG.sub(" ", text))


def plain_text(markup: str) -> str:
    """Return an HTML fragment as plain text, one line for each block; scripts are left out."""
    if "<" not in markup and "&" not in markup:
        return clean_lines(markup)
    text = _fragment_text(markup)
    if _ENTITY.search(text) or _TAG.search(text):
        text = _fragment_text(text)
    return clean_lines(text)


def node_text(node: lxml.html.HtmlElement) -> str:
    """Return the text of a parsed element, one line for each block inside it."""
    parts: list[str] = []
    for event, element in etree.iterwalk(node, events=("start", "end")):
        if event == "start":
            tag = element.tag
            if not isinstance(tag, str) or tag in _SILENT:
                continue
            if tag in _BLOCKS:
                parts.append("\n")
            parts.append(element.text or "")
        elif element is not node:
            if element.tag in _BLOCKS:
                parts.append("\n")
            parts.append(element.tail or "")
    return clean_lines("".join(parts))


def parse(text: str) -> lxml.html.HtmlElement | None:
    """Return the tree of a page, or None where there is none.

    Characters that XML has not, and references to them, are dropped: lxml reads them
    in, and then refuses to write them when an element is moved.
    """
    cleaned = _NOT_XML.sub("", text)
    if not cleaned.strip():
        return None
    try:
        # Bytes, because lxml refuses a str that states an encoding of its own.
        parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True)
        return lxml.html.document_fromstring(cleaned.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def few_marks(root: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    """Return a tree whose text anybody may normalise, however its pieces are put together.

    Where it holds very many combining marks, only those are kept that are part of a letter.
    """
    if many_marks(str(root.text_content()), _MANY_MARKS):
        for element in root.iter():
            element.text = element.text and drop_marks(element.text)
            element.tail = element.tail and drop_marks(element.tail)
    return root


def decode(body: bytes, declared: str = "") -> str:
    """Decode a page whose stated encoding may be a lie.

    A byte-order mark wins; then UTF-8 if the bytes are valid UTF-8 (prose in another
    encoding practically never is), then what the page or `declared` (the header) says,
    then UTF-8 with replacement marks. Never raises.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start > len(body) - 4 or body.count(b"\xe1\xba") + body.count(b"\xe1\xbb") > 20:
            return body.decode("utf-8", "replace")  # cut off, or UTF-8 with a few bad bytes
    found = _XML_CHARSET.search(body[:1024]) or _META_CHARSET.search(body[:4096])
    for name in (found[1].decode("ascii") if found else "", declared, "windows-1258"):
        if name and name.lower().replace("-", "") != "utf8":
            try:
                return body.decode(name, "replace")
            except (LookupError, UnicodeError):  # the second where it has no replacement marks
                continue
    return body.decode("utf-8", "replace")


def _fragment_text(markup: str) -> str:
    try:
        node = lxml.html.fragment_fromstring(_JUNK.sub("", markup), create_parent="div")
    except (etree.LxmlError, ValueError, AssertionError):
        return html.unescape(_TAG.sub(" ", markup))
    return node_text(node)
