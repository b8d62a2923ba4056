"""Keep the crawler out of private networks, on the address it really dials."""

from __future__ import annotations

import ipaddress
import socket
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from config.marks import cut_marks
from crawlers.job import Limits

PORTS = frozenset({80, 443, 8080, 8443})
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
#: Of IPv6 only this part is given to the public (IANA); of IPv4 Python's list lacks a block in
#: which one cloud keeps its metadata.
_UNICAST = ipaddress.IPv6Network("2000::/3")
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")
_INNER_NAMES = (".localhost", ".local", ".internal", ".home.arpa", ".lan")


class BlockedError(IgnoreRequest):
    """The address is not one the crawler may visit; the message says why, in Vietnamese."""


def address_problem(address: str) -> str:
    """Say why an IP address may not be dialled, or "". What is not an IP address may not.

    Private, loopback, link-local (cloud metadata), multicast, reserved and unspecified
    addresses are refused, also where an IPv6 address carries them inside (mapped, 6to4,
    Teredo, NAT64).
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return "không phải địa chỉ IP"
    inner: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = [ip]
    if isinstance(ip, ipaddress.IPv6Address):
        inner += [one for one in (ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())) if one]
        if ip in _NAT64:
            inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        if ip.ipv4_mapped or ip in _NAT64:
            inner.remove(ip)
    return "" if all(map(_is_public, inner)) else f"địa chỉ mạng nội bộ {ip}"


def _is_public(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    given = ip in _UNICAST if ip.version == 6 else ip not in _PROTOCOLS
    return given and ip.is_global and not ip.is_multicast


def url_problem(url: str) -> str:
    """Say why a URL may not be fetched judged by its text alone, or ""."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return "địa chỉ hỏng"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return f"giao thức “{parts.scheme}” không được phép"
    if port not in PORTS:
        return f"cổng {port} không được phép"
    return _host_problem(parts.hostname)


def _host_problem(host: str) -> str:
    """Say why a host may not be asked, read as the most generous of proxies would read it."""
    name = unicodedata.normalize("NFKC", cut_marks(unquote(host))).replace("。", ".").rstrip(".")
    with suppress(OSError, ValueError):
        name = socket.inet_ntoa(socket.inet_aton(name))  # 2130706433, 0x7f.1, 0177.0.0.1
    if _is_ip(name):
        return address_problem(name)
    if "." not in name or name.lower().endswith(_INNER_NAMES):
        return f"tên máy nội bộ “{name}”"
    return ""


def guarded(
    dial: Callable[..., Any], allowed: frozenset[tuple[str, int]] = frozenset()
) -> Callable[..., Any]:
    """Wrap a reactor's `connectTCP`: every connection is checked on the address it dials.

    Names were resolved before this point, so a second, different answer of the DNS
    (rebinding) cannot slip past. `allowed` are exceptions: the proxy.
    """

    def connect(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        problem = "" if (host, port) in allowed else address_problem(host)
        if problem:
            raise BlockedError(f"bị chặn: {problem}")
        return dial(host, port, *args, **kwargs)

    return connect


def install(reactor: Any, limits: Limits) -> None:
    """Put the guard on a reactor, unless `limits` allow private addresses."""
    if not limits.allow_private:
        reactor.connectTCP = guarded(reactor.connectTCP, _proxy_addresses(limits.proxy))


class GuardMiddleware:
    """Refuses a URL by scheme and port, and sends each request through the round's proxy.

    It sees robots.txt requests and every step of a redirect too. With a proxy no name is
    resolved here: the proxy does it.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> GuardMiddleware:
        """Build the middleware from the round's limits."""
        return cls(crawler.settings["ROUND_LIMITS"])

    def process_request(self, request: Request) -> None:
        """Refuse with `BlockedError`, or let pass."""
        if not self._limits.allow_private and (problem := url_problem(request.url)):
            raise BlockedError(f"bị chặn: {problem}")
        request.meta["proxy"] = self._limits.proxy or None
        # A redirect inherits these from the host it left; it belongs to the one it goes to.
        request.meta.pop("download_slot", None)
        request.meta.pop("autothrottle_dont_adjust_delay", None)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _proxy_addresses(proxy: str) -> frozenset[tuple[str, int]]:
    if not proxy:
        return frozenset()
    parts = urlsplit(proxy)
    host, port = parts.hostname or "", parts.port or 80
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, port)}
    except OSError:
        found = set()
    return frozenset((one, port) for one in {host, *found})
