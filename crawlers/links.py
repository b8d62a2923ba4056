"""Find the articles that a section page lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from lxml.html import HtmlElement

from crawlers.pagemeta import select
from crawlers.plain import plain_title
from crawlers.urls import canonical, repair, site

MIN_STRONG = 3
_STOP_PATH = re.compile(
    r"(?:^|/)(?:topic|chu-de|chu-de-\w+|event|events|su-kien|tags?|tac-gia|author|collection|static"
    r"|search|tim-kiem|login|dang-nhap|dang-ky\w*|rss|lien-he|gioi-thieu|category|chuyen-muc|user"
    r"|nhom-chu-de|podcast|videos?|print|trang-\d+|page|thong-tin-tai-khoan)(?:/|\.|$)",
    re.IGNORECASE,
)
_STOP_SLUG = re.compile(r"^(?:chinh-sach-bao-mat|dieu-khoan|quy-che-hoat-dong|thoa-thuan-su-dung)")
_STOP_HOST = re.compile(r"^(?:sso|id|raovat|quangcao|dangky|account|shop|static|img|cdn|video)\.")
_FILES = re.compile(r"\.(?:jpe?g|png|gif|webp|pdf|docx?|xlsx?|mp[34]|zip|rss|xml)$", re.IGNORECASE)
_PAGER = re.compile(r"-(?:p|trang|page)-?\d{1,4}$", re.IGNORECASE)
_SUFFIX = re.compile(r"\.(?:html?|chn|tpo|ldo|vov|vnp|aspx?|php|epi|antd|news)$", re.IGNORECASE)
_ID = re.compile(r"\d{5,}|(?=[a-f\d]*\d)(?=\d*[a-f])[a-f\d]{7,}$", re.IGNORECASE)
_PAGE_KEYS = frozenset({"p", "page", "trang"})
_QUERY_ID = re.compile(r"(?:^|&)(?:id|articleid|newsid|itemid|newid|idtin|p)=\w*\d", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ArticleLink:
    """A link to an article: `link` to fetch, `url` its identity, and the title it shows."""

    url: str
    link: str
    title: str


def article_links(root: HtmlElement, url: str, selector: str = "") -> list[ArticleLink]:
    """Return the articles linked from a page, in its order, each once.

    With `selector` (CSS, of links or of boxes around them) exactly those that it
    finds on http(s). Without, links of the same site are judged by their address: a
    hyphenated slug with an article number; where fewer than three have a number, long
    slugs under a long link text and links that are headings of four words and more count
    too. Topics, tags, pagers, files and the page
    itself never do.
    """
    if selector:
        found = [link for box in select(root, selector) for link in _anchors(box, url)]
        return _unique(found, {})
    every = [link for link in _anchors(root, url) if _may_be_article(link, url)]
    texts: dict[str, str] = {}
    for link in every:
        texts[link.url] = max(texts.get(link.url, ""), link.title, key=len)
    strong = [link for link in every if _words(link.url) >= 3 and _numbered(link.url)]
    chosen = _unique(strong, texts)
    if len(chosen) >= MIN_STRONG:
        return chosen
    likely = {link.url for link in strong} | (_headlines(root, url) & set(texts))
    likely |= {one for one, text in texts.items() if _words(one) >= 5 and len(text) >= 25}
    return _unique((link for link in every if link.url in likely), texts)


def _anchors(box: HtmlElement, base: str) -> Iterator[ArticleLink]:
    for anchor in box.iter("a"):
        link = repair(anchor.get("href") or "", base)
        if link and (address := canonical(link)):
            text = anchor.get("title") or anchor.text_content()
            yield ArticleLink(address, link, plain_title(text)[:300])


def _headlines(root: HtmlElement, base: str) -> set[str]:
    """Return the identities of links that stand in a heading, or around one."""
    return {
        link.url
        for heading in root.iter("h2", "h3", "h4", "h5")
        for box in (heading, *(one for one in heading.iterancestors("a")))
        for link in _anchors(box, base)
        if len(link.title.split()) >= 4
    }


def _may_be_article(link: ArticleLink, base: str) -> bool:
    parts = urlsplit(link.url)
    return not (
        site(link.url) != site(base)
        or link.url.partition("#")[0] == canonical(base).partition("#")[0]
        or _is_pager(link.url, base)
        or _STOP_HOST.match(parts.netloc)
        or _STOP_PATH.search(parts.path)
        or _STOP_SLUG.match(_slug(link.url))
        or _FILES.search(parts.path)
        or _PAGER.search(_SUFFIX.sub("", parts.path.rstrip("/")))
    )


def _is_pager(url: str, base: str) -> bool:
    """Say whether a link is another page of this very section: `?p=2`."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query)
    numbered = pairs and all(key.lower() in _PAGE_KEYS and len(value) < 4 for key, value in pairs)
    return bool(numbered) and parts.path == urlsplit(canonical(base)).path


def _slug(url: str) -> str:
    return _SUFFIX.sub("", unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2])


def _words(url: str) -> int:
    parts = urlsplit(url)
    longest = max((piece.count("-") for piece in parts.path.split("/")), default=0)
    return longest + 1 if longest else 3 * bool(_QUERY_ID.search(parts.query))


def _numbered(url: str) -> bool:
    parts = urlsplit(url)
    return bool(_ID.search(_slug(url)) or _QUERY_ID.search(parts.query))


def _unique(links: Iterable[ArticleLink], texts: dict[str, str]) -> list[ArticleLink]:
    kept: dict[str, ArticleLink] = {}
    for link in links:
        known = kept.get(link.url)
        if known is None or (not known.title and link.title):
            kept[link.url] = link
    return [
        link if link.title else ArticleLink(link.url, link.link, texts.get(link.url, ""))
        for link in kept.values()
    ]
