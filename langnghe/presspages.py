"""Pages of the press's sites, written as real outlets write them: feed, listing, article.

Around the story stand the things that extraction has to tell from it: navigation, a
banner, related stories, a box of the most read, and a footer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape

from config.settings import ZONE
from langnghe.pressfolder import Press, PressItem, Site, Version

_FEED_LENGTH = 20
_LISTING_LENGTH = 30
_RELATED = 3
_MENU = ("Trang chủ", "Thời sự", "Kinh tế", "Đời sống", "Nhà nông", "Thể thao", "Bạn đọc")
_BANNER = "Đặt mua nhà phố liền kề hôm nay, nhận ngay ưu đãi lên đến 10 chỉ vàng!"


def feed(press: Press, site: Site, now: datetime) -> bytes:
    """Return the RSS 2.0 of a site: its last twenty articles, newest first."""
    items = press.listed(site, now)[:_FEED_LENGTH]
    built = _pub_date(items[0].published, site.dates) if items else ""
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">',
        "<channel>",
        f"<title>{escape(site.section)} - {escape(site.name)}</title>",
        f"<link>http://{site.host}/</link>",
        f"<description>{escape(site.name)} RSS</description>",
        f'<atom:link rel="self" type="application/rss+xml" href="http://{site.host}{site.feed}"/>',
        "<generator>Press Portal</generator>",
        f"<lastBuildDate>{built}</lastBuildDate>",
        *(_feed_item(press, site, item, now) for item in items),
        "</channel>\n</rss>\n",
    ]
    return "\n".join(parts).encode()


def listing(press: Press, site: Site, now: datetime) -> bytes:
    """Return the section page of a site: its last articles, newest first."""
    items = press.listed(site, now)[:_LISTING_LENGTH]
    stories = "\n".join(_card(item, now) for item in items)
    body = (
        f'<div class="section-head"><h1>{escape(site.section)}</h1></div>\n'
        f'<div class="list-news">\n{stories}\n</div>\n'
        f'<div class="pager"><a href="{site.listing}?trang=2">Xem thêm</a></div>'
    )
    head = (
        f"<title>{escape(site.section)} | {escape(site.name)}</title>\n"
        '<meta property="og:type" content="website">'
    )
    return _document(press, site, head, body)


def article(press: Press, site: Site, item: PressItem, now: datetime) -> bytes:
    """Return the page of one article as it stands at `now`."""
    shown = item.at(now)
    others = [other for other in press.listed(site, now) if other.id != item.id][:_RELATED]
    story = _portal(site, item, shown) if site.layout == "portal" else _classic(site, item, shown)
    body = f"{_crumbs(site)}\n{story}\n{_related(press, others, now)}"
    return _document(press, site, _article_head(press, site, item, shown), body)


def front(press: Press, site: Site) -> bytes:
    """Return the front page, which only leads on."""
    target = site.listing or site.feed
    body = f'<p><a href="{target}">{escape(site.section)}</a></p>'
    return _document(press, site, f"<title>{escape(site.name)}</title>", body)


def missing(press: Press, site: Site, words: str) -> bytes:
    """Return the page of an address that shows nothing, for 404, 410 and outages."""
    return _document(press, site, f"<title>{words}</title>", f"<h1>{words}</h1>")


def _feed_item(press: Press, site: Site, item: PressItem, now: datetime) -> str:
    shown = item.at(now)
    url = press.url(item)
    link = f"{url}?{site.feed_query}" if site.feed_query else url
    image = f"http://{site.host}/anh/{item.id}.jpg"
    summary = (
        f'<a href="{escape(link)}"><img src="{image}"></a></br>{escape(_sapo(shown), quote=False)}'
    )
    return (
        f"<item>\n<title>{escape(shown.title, quote=False)}</title>\n"
        f"<link>{escape(link)}</link>\n"
        f'<guid isPermaLink="false">{site.id}-{item.id}</guid>\n'
        f"<pubDate>{_pub_date(item.published, site.dates)}</pubDate>\n"
        f"<description><![CDATA[{summary}]]></description>\n</item>"
    )


def _pub_date(moment: datetime, form: str) -> str:
    """Write a date in one of the forms that real outlets of the country use."""
    local = moment.astimezone(ZONE)
    if form == "us":
        return f"{local.month}/{local.day}/{local.year} {local.hour % 12 or 12}:{local:%M:%S %p}"
    if form == "gmt7":
        return format_datetime(local).replace("+0700", "GMT+7")
    return format_datetime(local)


def _sapo(shown: Version) -> str:
    """Return the lead in: the given one, else the first sentence of the text."""
    return shown.sapo or shown.text.split("\n")[0].split(". ")[0].rstrip(".") + "."


def _card(item: PressItem, now: datetime) -> str:
    shown = item.at(now)
    return (
        f'<article class="item-news"><h3 class="title-news"><a href="{item.path}" '
        f'title="{escape(shown.title)}">{escape(shown.title)}</a></h3>\n'
        f'<p class="description">{escape(_sapo(shown))}</p>'
        f'<span class="time">{item.published.astimezone(ZONE):%d/%m/%Y %H:%M}</span></article>'
    )


def _article_head(press: Press, site: Site, item: PressItem, shown: Version) -> str:
    url, sapo = press.url(item), _sapo(shown)
    published = item.published.astimezone(ZONE).isoformat()
    modified = shown.at.astimezone(ZONE).isoformat()
    linked = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": shown.title,
        "mainEntityOfPage": {"@type": "WebPage", "@id": url},
        "datePublished": published,
        "dateModified": modified,
        "publisher": {"@type": "Organization", "name": site.name},
    }
    script = json.dumps(linked, ensure_ascii=False).replace("</", "<\\/")
    return "\n".join(
        [
            f"<title>{escape(shown.title)} | {escape(site.name)}</title>",
            f'<meta name="description" content="{escape(sapo)}">',
            f'<link rel="canonical" href="{url}">',
            '<meta property="og:type" content="article">',
            f'<meta property="og:site_name" content="{escape(site.name)}">',
            f'<meta property="og:title" content="{escape(shown.title)}">',
            f'<meta property="og:description" content="{escape(sapo)}">',
            f'<meta property="og:url" content="{url}">',
            f'<meta property="article:published_time" content="{published}">',
            f'<meta property="article:modified_time" content="{modified}">',
            f'<meta property="article:section" content="{escape(site.section)}">',
            f'<script type="application/ld+json">{script}</script>',
        ]
    )


def _classic(site: Site, item: PressItem, shown: Version) -> str:
    """One story in the layout of an older news site."""
    sapo = f'<h2 class="sapo">{escape(shown.sapo)}</h2>\n' if shown.sapo else ""
    return (
        f'<article class="article-detail">\n<h1 class="article-title">{escape(shown.title)}</h1>\n'
        f'<div class="article-meta"><span class="date">{_long_date(item.published)}</span></div>\n'
        f'{sapo}<div class="article-body" itemprop="articleBody">\n{_paragraphs(shown)}\n</div>\n'
        f'<div class="article-source">{escape(site.name)}</div>\n</article>'
    )


def _portal(site: Site, item: PressItem, shown: Version) -> str:
    """One story in the layout of a portal: nested boxes, a picture, a share bar."""
    sapo = f'<p class="lead"><strong>{escape(shown.sapo)}</strong></p>\n' if shown.sapo else ""
    return (
        f'<div class="detail-wrap"><div class="detail-left">\n<h1>{escape(shown.title)}</h1>\n'
        f'<time datetime="{item.published.astimezone(ZONE).isoformat()}">'
        f"{_long_date(item.published)}</time>\n"
        '<div class="share-bar"><a href="#">Chia sẻ</a> <a href="#">In bài</a></div>\n'
        f'<div class="content-detail">\n{sapo}<figure><img src="/anh/{item.id}.jpg" alt="">'
        f"<figcaption>Ảnh: {escape(site.name)}</figcaption></figure>\n{_paragraphs(shown)}\n"
        "</div></div></div>"
    )


def _paragraphs(shown: Version) -> str:
    return "\n".join(f"<p>{escape(part)}</p>" for part in shown.text.split("\n\n"))


def _long_date(moment: datetime) -> str:
    local = moment.astimezone(ZONE)
    day = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
    return f"{day[local.weekday()]}, {local.day}/{local.month}/{local.year} {local:%H:%M} (GMT+7)"


def _crumbs(site: Site) -> str:
    target = site.listing or "/"
    return (
        f'<div class="breadcrumb"><a href="/">Trang chủ</a> › '
        f'<a href="{target}">{escape(site.section)}</a></div>'
    )


def _related(press: Press, others: Sequence[PressItem], now: datetime) -> str:
    links = "\n".join(
        f'<li><a href="{press.url(other)}">{escape(other.at(now).title)}</a></li>'
        for other in others
    )
    return f'<div class="related-news"><h4>Tin liên quan</h4>\n<ul>\n{links}\n</ul></div>'


def _document(press: Press, site: Site, head: str, body: str) -> bytes:
    menu = "".join(
        f'<li><a href="/muc/{number}">{name}</a></li>' for number, name in enumerate(_MENU)
    )
    side = "".join(
        f'<li><a href="{item.path}">{escape(item.title)}</a></li>'
        for item in press.items
        if item.unlisted and item.site == site.id
    )
    page = (
        '<!DOCTYPE html>\n<html lang="vi">\n<head>\n<meta charset="utf-8">\n'
        f"{head}\n</head>\n<body>\n"
        f'<header class="site-header"><a class="logo" href="/">{escape(site.name)}</a>\n'
        f'<nav class="main-menu"><ul>{menu}</ul></nav></header>\n'
        f'<div class="banner-top ads"><a href="http://quangcao.example/c">{_BANNER}</a></div>\n'
        f"<main>\n{body}\n</main>\n"
        '<aside class="sidebar"><h4>Tiện ích</h4><ul><li><a href="/xo-so">Xổ số</a></li>'
        f"{side}</ul></aside>\n"
        f"<footer><p>© {escape(site.name)}. Trang trình diễn, tòa soạn không có thật.</p>"
        "<p>Chỉ được phát hành lại thông tin khi có sự đồng ý của tòa soạn.</p></footer>\n"
        "</body>\n</html>\n"
    )
    return page.encode()
