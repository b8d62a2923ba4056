"""What keeps the pages safe whatever they show: headers, whose request it is, how many."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from litestar.types import Message, Scope

from config.settings import WebSettings
from langnghe.app import App
from langnghe.links import PATH
from langnghe.web.pages import AnyRequest
from storage import rates

#: No inline style or script, nothing from elsewhere, no frame around us.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
#: The console's own scripts; the answer page has none.
CONSOLE_POLICY = POLICY + "; script-src 'self'; connect-src 'self'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
#: One year, as browsers' lists ask for.
_HSTS = "max-age=31536000; includeSubDomains"
WINDOW = timedelta(hours=1)


class Headers:
    """Adds the headers to every answer, errors too. Pages are never kept by a browser."""

    def __init__(self, app: App) -> None:
        self._every = dict(HEADERS)
        if app.settings.public_url.startswith("https:"):
            self._every["Strict-Transport-Security"] = _HSTS

    async def __call__(self, message: Message, scope: Scope) -> None:
        """Add them to the message that begins an answer."""
        if message["type"] != "http.response.start":
            return
        static = str(scope["path"]).startswith("/static/") and message["status"] in (200, 304)
        keep = "public, max-age=86400" if static else "no-store"
        ours = self._every | {"Cache-Control": keep}
        if not str(scope["path"]).startswith(PATH):
            ours["Content-Security-Policy"] = CONSOLE_POLICY
        names = {name.lower().encode() for name in ours}
        others = [one for one in message["headers"] if one[0].lower() not in names]
        added = [(name.lower().encode(), value.encode()) for name, value in ours.items()]
        message["headers"] = [*others, *added]


#: Headers by which proxies say that they pass a request on.
_PASSED_ON = ("x-forwarded-for", "forwarded", "via", "x-real-ip")


def from_own_page(app: App, request: AnyRequest) -> bool:
    """Say whether a form was sent by a page of ours, as far as the browser tells.

    A browser that tells (`Sec-Fetch-Site`) is believed. An older one sends `Origin`, which
    is "null" from our own pages, because they hide their address (`Referrer-Policy`); then
    the form's signed mark alone decides.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("origin", "null")
    if origin == "null":
        return True
    public = urlsplit(app.settings.public_url)
    own = {request.headers.get("host", ""), public.netloc}
    return urlsplit(origin).netloc in own - {""}


def client_address(request: AnyRequest, web: WebSettings) -> str:
    """Return the address that a request comes from.

    A proxy's word counts only where the proxy is trusted: of the addresses in
    `client_header`, the last that no trusted proxy has.
    """
    peer = request.client.host if request.client else ""
    if not _trusted(peer, web):
        return peer
    named = request.headers.get(web.client_header, "").split(",")
    for address in reversed([one.strip() for one in named]):
        if not _is_address(address):
            break
        if not _trusted(address, web):
            return address
    return peer


def may_see_metrics(request: AnyRequest, web: WebSettings) -> bool:
    """Say whether a request comes from this machine, or from a network that may see metrics.

    What a proxy passes on does not come from this machine, though the proxy may run on it.
    """
    peer = request.client.host if request.client else ""
    address = client_address(request, web)
    if not _is_address(address):
        return False
    passed_on = any(name in request.headers for name in (*_PASSED_ON, web.client_header))
    if passed_on and address == peer:
        return False
    known = ip_address(address)
    return known.is_loopback or any(known in network for network in web.metrics_from)


def too_many(app: App, counted: Sequence[tuple[str, str, int]], now: datetime) -> bool:
    """Count a form for each (what, value, limit), and say whether one has had too many this hour.

    Values are kept hashed: neither an address nor a link stands in the table.
    """
    over = False
    with app.sessions.begin() as session:
        rates.forget(session, now)
        for what, value, limit in counted:
            key = f"{what}:{hashlib.sha256(value.encode()).hexdigest()[:32]}"
            over |= rates.count(session, key, now, WINDOW) > limit
    return over


def _trusted(address: str, web: WebSettings) -> bool:
    return _is_address(address) and any(
        ip_address(address) in network for network in web.trusted_proxies
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
