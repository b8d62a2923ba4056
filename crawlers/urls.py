"""Give each article one address, however it was linked."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import (
    SplitResult,
    parse_qsl,
    quote,
    unquote_plus,
    urlencode,
    urljoin,
    urlsplit,
    urlunsplit,
)

from pydantic import AfterValidator

_JUNK = re.compile(r"[\x00-\x1f\x7f\u00a0\u200b-\u200f\u2028\u2029\ufeff\ud800-\udfff]+")
_SLASHES = re.compile(r"^(https?):?/*(?=[^/:])", re.IGNORECASE)
_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*:")
_TRACKING = re.compile(
    r"^(?:utm_\w+|itm_\w+|vn_(?:source|medium|campaign|term|zone|aid)|mc_[ce]id|_g[al]|ga_\w+"
    r"|hsa_\w+|__(?:tn|cft)__.*|fbclid|gclid|gclsrc|dclid|wbraid|gbraid|msclkid|twclid|ttclid"
    r"|yclid|igsh(?:id)?|zarsrc|gidzl|zalo\w*|cmpid|s_cid|spm|mibextid|ref_?src|gads_t_sig)$",
    re.IGNORECASE,
)
_VARIANT_VALUES = frozenset({"", "1", "true", "amp", "print", "mobile", "m"})
_VARIANT_KEYS = frozenset({"amp", "print", "view", "outputtype", "mobile", "m", "display"})
_VARIANT_HOST = re.compile(r"^(?:m|amp|mobile|wap|touch)\.(?=[^.]+\.[^.]+)")
_VARIANT_HEAD = re.compile(r"^/(?:amp|print)(?=/.)", re.IGNORECASE)
_VARIANT_TAIL = re.compile(
    r"(?:/(?:amp|print)/?|[.-]amp)(?=(?:\.html?|\.chn|\.tpo|\.aspx)?/?$)", re.IGNORECASE
)
_FRONT = re.compile(
    r"^/(?:\w+/)?(?:index|default|home|main|trang-?chu)(?:\.\w{2,5})?/?$", re.IGNORECASE
)
_ROUTE = re.compile(r"[!/]+\w")
_NUMBER = re.compile(r"\d{5,}")
# Parameters that name an article (`id`, `ItemID`, `idtin`, `p`), and those that never do.
_ID_KEY = re.compile(
    r"^(?:\w*id|id\w{1,6}|p|n|no|ma\w*|tin|bai\w*|news|article|post|item|story|slug|alias)$",
    re.IGNORECASE,
)
_NO_ID_KEY = re.compile(
    r"^(?:page|trang|rss|v|ver|version|t|ts|time\w*|lang\w*|from|ref\w*|src|source|s(?:ession)?id)$",
    re.IGNORECASE,
)
_ID_VALUE = re.compile(r"\d{3,}|\w+-\w+-\w+")
_PORTS = {"http": 80, "https": 443}
#: No address is longer, as it is fetched and as it identifies: PostgreSQL indexes texts of up
#: to 2,700 bytes, and the address stands there beside the id of its source.
MAX_LENGTH = 2_400
_SECOND_LEVEL = frozenset(
    ["ac", "biz", "com", "edu", "gov", "health", "info", "int", "name", "net", "org", "pro"]
)
_PATH_SAFE = "/%:@!$&'()*+,;=~-._"


def repair(link: str, base: str = "") -> str:
    """Return an absolute http(s) URL that can be fetched, or "" where there is none.

    Mends what sites really emit: `http:moc.gov.vn/…`, `https//…`, white space in the
    middle, quotes and brackets after the end. Relative links are joined to `base`.
    A fragment is dropped, unless it is the route of an application (`/#!/tin/1`).
    Anything but http and https (javascript:, mailto:, data:) gives "".
    """
    text = _JUNK.sub("", link.strip().strip("\"'<>"))
    text = text.rstrip("\"'<>;,\\")
    if not text or len(text) > MAX_LENGTH:
        return ""
    if text[:4].lower() == "http":
        text = _SLASHES.sub(lambda found: f"{found[1].lower()}://", text, count=1)
    elif _SCHEME.match(text) and not re.match(r"^[\w.-]+:\d+(?:/|$)", text):
        return ""
    try:
        joined = urljoin(base, text) if base else text
        parts = urlsplit(joined)
        host = _host(parts.hostname or "")
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _PORTS or not host:
        return ""
    netloc = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    path = quote(parts.path or "/", safe=_PATH_SAFE)
    query = quote(parts.query, safe=_PATH_SAFE + "?[]")
    return _bounded(urlunsplit((parts.scheme, netloc, path, query, _route(parts))))


def canonical(link: str, base: str = "") -> str:
    """Return the address that identifies the article behind `link`, or "" if none.

    Host in lower case; fragments that are no route, default ports, user names, tracking
    parameters and the AMP, print and mobile variants dropped; remaining parameters in
    alphabetical order. Idempotent. The result is for identity: fetch what `repair` returns.
    """
    url = repair(link, base)
    if not url:
        return ""
    parts = urlsplit(url)
    netloc = _VARIANT_HOST.sub("", parts.netloc)
    path = _VARIANT_TAIL.sub("", _VARIANT_HEAD.sub("", parts.path)) or "/"
    pairs = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.match(key)
        and not (key.lower() in _VARIANT_KEYS and value.lower() in _VARIANT_VALUES)
    ]
    query = urlencode(sorted(pairs))
    return _bounded(urlunsplit((parts.scheme, netloc, path, query, parts.fragment)))


def _bounded(url: str) -> str:
    """Return an address as it is, "" where quoting made it too long: half of one leads nowhere."""
    return url if len(url) <= MAX_LENGTH else ""


def _route(parts: SplitResult) -> str:
    """Return the fragment of an address where it alone names the article.

    An address with a number of its own needs none: there it is a gallery or a comment.
    """
    route = _ROUTE.match(parts.fragment) and not _NUMBER.search(parts.path)
    return quote(parts.fragment, safe=_PATH_SAFE + "?") if route else ""


def page_address(url: str, stated: str) -> str:
    """Return the identity of a page fetched from `url` that calls itself `stated`.

    The page's own canonical link wins when it is on the same site and tells this article
    apart from others. A careless template states for every article the front page, the
    section, or its own path without the query; then the address fetched counts, since one
    article kept twice harms less than ten kept as one.
    """
    own = canonical(url)  # "" where it is too long
    said = canonical(stated, url) if stated.strip() else ""
    if said and site(said) == site(url) and not _front(said) and not _says_less(own, said):
        return said
    return own


def _front(url: str) -> bool:
    """Say whether an address is a front page: `/`, or `/Default.aspx` without a query."""
    parts = urlsplit(url)
    return not parts.path.strip("/") or bool(_FRONT.match(parts.path) and not parts.query)


def _says_less(own: str, said: str) -> bool:
    """Say whether `said` has lost what tells the article `own` apart: its number, its name."""
    one, other = urlsplit(own), urlsplit(said)
    here, there = one.path.rstrip("/"), other.path.rstrip("/")
    if here != there and (_named(said) or _NUMBER.search(there)):
        return False  # another address, with a number of its own
    if here.startswith(f"{there}/") and not _NUMBER.search(there):
        return True  # the section that the article stands in
    rest = f"{there}?{'&'.join(value for _, value in parse_qsl(other.query))}"
    lost = [not re.search(rf"(?<!\w){re.escape(mark)}(?!\w)", rest) for mark in _named(own)]
    return (any(lost) if here == there else all(lost)) if lost else False


def _named(url: str) -> list[str]:
    """Return what in a query looks like the number or the name of an article."""
    if _NUMBER.search(urlsplit(url).path):
        return []  # the path tells it already
    return [
        value
        for key, value in parse_qsl(urlsplit(url).query)
        if not _NO_ID_KEY.match(key) and (_ID_KEY.match(key) or _ID_VALUE.search(value))
    ]


def _web_address(value: str) -> str:
    if not (address := repair(value)):
        raise ValueError("phải là địa chỉ http:// hoặc https://")
    return address


#: An option that must be an address on the web; told in words where it is none.
WebAddress = Annotated[str, AfterValidator(_web_address)]


def site(url: str) -> str:
    """Return the registrable domain of `url`: "kinhdoanh.vnexpress.net" is "vnexpress.net"."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    labels = host.split(".")
    if host.replace(".", "").isdigit() or ":" in host:
        return host
    keep = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-keep:])


def redact(text: str) -> str:
    """Hide access tokens and secrets in a text that may quote a URL."""
    return re.sub(
        r"(?i)(access_token|appsecret_proof|client_secret|__paging_token)(=|%3D)[^&\s\"'<>]+",
        r"\1\2***",
        text,
    )


def _host(name: str) -> str:
    host = unquote_plus(name).rstrip(".").lower()
    if ":" in host:
        return f"[{host}]"
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    return host if re.fullmatch(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?", host) else ""
