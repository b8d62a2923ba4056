"""Private addresses stay out of reach, at full number: `python benchmarks/torture/ssrf.py`.

Plan T8: URL forms that mean an inner address are given as a source, as the target of a
redirect, as what a name answers the second time (rebinding), and behind a proxy. All
addresses of the world are this machine (`island.py`), so that every connection arrives
and tells what was dialled: none to an inner address may. A last round with the guard off
shows that the canary sings. Prints one JSON object; status 1 where it sang before.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote, unquote

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "crawlers"), str(Path(__file__).parent)]

from island import AAAA, A, go_there, island, listen_everywhere  # noqa: E402
from loopback import NOW, feed, limits  # noqa: E402

from crawlers.item import Item  # noqa: E402
from crawlers.job import DueSource, Job  # noqa: E402
from crawlers.round import run_round  # noqa: E402

PUBLIC4, PUBLIC6 = "93.184.216.34", "2606:2800:220:1::1946"
PROXY_PORT = 3128
PORTS = (22, 80, 443, 8080, 8443, PROXY_PORT)
V4 = """127.0.0.1 127.255.255.254 127.8.9.10 0.0.0.0 10.0.0.1 10.255.255.255 172.16.0.1
172.31.255.254 192.168.0.1 192.168.1.1 169.254.169.254 169.254.170.2 100.64.0.1
100.100.100.200 192.0.0.1 192.0.0.192 198.18.0.1 198.19.255.254 240.0.0.1 0.1.2.3
192.0.2.1 198.51.100.7 203.0.113.9 255.255.255.254""".split()
V6 = """::1 :: ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::127.0.0.1
64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::a00:1 2002:7f00:1:: 2002:a00:1::
2001:0:53aa:64c:0:fbff:80ff:fffe fe80::1 fc00::1 fd00:ec2::254 2001:db8::1 fec0::1
::ffff:0:127.0.0.1""".split()
ODD = """2130706433 0x7f000001 017700000001 127.1 127.0.1 0x7f.0.0.1 0177.0.0.1 0x7f.1
2852039166 0xa9fea9fe 0251.0376.0251.0376 167772161 127.0.0.1. 10.0.0.1.
①②⑦.⓪.⓪.① 127。0。0。1 １２７.0.0.1 %31%32%37.0.0.1""".split()
NAMES = {
    "localhost": ["127.0.0.1", "::1"], "LOCALHOST": ["127.0.0.1"], "localhost.": ["127.0.0.1"],
    "a.localhost": ["127.0.0.1"], "trong.test": ["10.0.0.1"], "meta.test": ["169.254.169.254"],
    "sau.test": ["::1"], "lan.test": ["::ffff:192.168.1.1"], "nat.test": ["64:ff9b::a9fe:a9fe"],
    "lon.test": [PUBLIC4, "10.0.0.1", "::1"],
}  # fmt: skip
TRICKS = [
    "http://bao.test@127.0.0.1/", "http://bao.test:80@10.0.0.1/", "http://127.0.0.1#@bao.test/",
    "http://127.0.0.1\\@bao.test/", "http://127.0.0.1:22/", "https://127.0.0.1/",
    "http://169.254.169.254:8080/latest/meta-data/", "gopher://127.0.0.1:80/_x",
    "ftp://127.0.0.1/", "file:///etc/passwd", "//127.0.0.1/", "http:127.0.0.1/",
    "http:/\\127.0.0.1/", " http://127.0.0.1/", "http://127.0.0.1\t/", "http://[::1%25lo]/",
]  # fmt: skip
FORMS = [
    *(f"http://{host}/" for host in [*V4, *ODD, *NAMES]),
    *(f"http://[{host}]/" for host in V6),
    *TRICKS,
]


@dataclass
class World:
    """What was dialled, and how often each name was asked for."""

    hits: list[tuple[str, int]] = field(default_factory=list)
    through_proxy: list[str] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    turned: bool = False

    def dns(self, name: str, kind: int) -> list[str] | None:
        """Answer: names of the list, names that turn inward (N.vong.test), or the public host."""
        self.asked[name] += 1
        turns = re.fullmatch(r"(\d+)\.vong\.test", name)
        inner = [*V4, *V6]
        if turns and self.turned:
            known = [inner[int(turns[1])]]
        else:
            known = {key.lower().rstrip("."): value for key, value in NAMES.items()}.get(
                name, [PUBLIC4, PUBLIC6]
            )
        return [one for one in known if (":" in one) == (kind == AAAA) and kind in (A, AAAA)]

    def serve(self, listener: socket.socket) -> None:
        """Answer whatever comes; note to whom it went."""
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        address, port = connection.getsockname()[:2]
        if port != PROXY_PORT:
            self.hits.append((address, port))
        with connection:
            try:
                path = connection.recv(65536).split(b" ", 2)[1].decode("latin-1")
            except (IndexError, OSError):
                return
            if port == PROXY_PORT:
                self.through_proxy.append(path)
            target = unquote(path.partition("/r/")[2])
            head, body = "200 OK\r\nContent-Type: text/xml", "<rss version='2.0'><channel/></rss>"
            if path.endswith("/robots.txt"):
                head = "404 Not Found"
            elif target:
                head = f"302 Found\r\nLocation: {target.strip()}"
            told = (
                f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
            )
            connection.sendall(told.encode("utf-8"))

    def inner(self) -> list[tuple[str, int]]:
        """Return the connections that went to an inner address."""
        return [hit for hit in self.hits if hit[0].partition("%")[0] not in (PUBLIC4, PUBLIC6)]


def _sources(urls: Iterable[str]) -> list[DueSource]:
    return [feed(f"s{number}", url) for number, url in enumerate(urls)]


def _round(urls: Iterable[str], **changed: object) -> Counter[str]:
    """Run a round; count how its sources ended."""
    sources = tuple(_sources(urls))
    given = {"allow_private": False, "concurrent": 64, "timeout": 5.0} | changed
    records = list(run_round(Job(NOW, sources, limits(**given))))
    ends = [one for one in records if not isinstance(one, Item) and not one.url]
    assert len(ends) == len(sources)
    return Counter(end.outcome.value for end in ends)


def _inward(address: str) -> bool:
    """Say whether a proxy would take this for an inner address without asking anybody."""
    host = re.sub(r"^\w+://", "", address).partition("/")[0].rpartition("@")[2]
    host = unquote(host).partition("]")[0].lstrip("[") if "[" in host else host.partition(":")[0]
    with suppress(OSError):
        host = socket.inet_ntoa(socket.inet_aton(host))
    try:
        return not ip_address(host.partition("%")[0]).is_global
    except ValueError:
        return host.lower().rstrip(".").endswith("localhost")


def main() -> None:
    """Run T8."""
    go_there()
    world, told = World(), dict[str, object]()
    with island(world.dns):
        for port in PORTS:
            for listener in listen_everywhere(port):
                threading.Thread(target=world.serve, args=(listener,), daemon=True).start()
        told["public_is_reached"] = dict(_round(["http://bao.test/", "http://bao.test/r//"]))
        reached = len(world.hits)
        told["direct"] = dict(_round(FORMS))
        told["redirect"] = dict(_round(f"http://bao.test/r/{quote(one, safe='')}" for one in FORMS))
        turning = [f"http://{number}.vong.test/" for number in range(len(V4) + len(V6))]
        told["before_the_turn"] = dict(_round(turning))
        world.turned = True
        told["rebind"] = dict(_round(turning))
        sang = world.inner()
        told["proxy"] = dict(_round(FORMS, proxy=f"http://127.0.0.1:{PROXY_PORT}"))
        given = [one for one in world.through_proxy if _inward(one)]
        sang += [(one, PROXY_PORT) for one in given] + world.inner()[len(sang) :]
        told["names_left_to_the_proxy"] = len(set(world.through_proxy) - set(given))
        _round(FORMS, allow_private=True)
        told["heard_with_the_guard_off"] = len(world.inner())
    told |= {"forms": len(FORMS), "attempts": 3 * len(FORMS) + len(turning), "heard": len(sang)}
    print(json.dumps(told | {"first_heard": sang[:10]}, ensure_ascii=False))
    sys.exit(bool(sang) or not reached or not told["heard_with_the_guard_off"])


if __name__ == "__main__":
    main()
