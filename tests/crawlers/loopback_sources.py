"""The sources of one round in the tests: ordinary, odd and broken ones, each on its own host."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from loopback import AGENT, HTML, PARAGRAPHS, RSS, LoopbackWeb, Reply, article, feed, rss

from crawlers.job import DueSource


def _ordinary(web: LoopbackWeb) -> DueSource:
    web.put("bao.example/de-bao-1.htm", article("Đê bao sạt lở ở An Hòa"))
    web.put("bao.example/de-bao-2.htm", article("Sạt lở tiếp diễn", date="24/11/2026 07:30"))
    web.put("bao.example/cu.htm", article("Bài cũ đã có"))
    entries = [
        ("http://bao.example/de-bao-1.htm?utm_source=rss#x", "Đê bao sạt lở"),
        ("http://bao.example/de-bao-2.htm", "Sạt lở tiếp diễn"),
        ("http://bao.example/cu.htm", "Bài cũ"),
        ("http://bao.example/mat.htm", "Bài đã gỡ"),
        ("javascript:alert(1)", "Liên kết độc"),
    ]
    answer = rss(*entries)
    url = web.put("bao.example/rss", replace(answer, headers={"ETag": '"v1"'}))
    return feed("ordinary", url, known=frozenset({"https://bao.example/cu.htm"}))


def _summaries(web: LoopbackWeb) -> DueSource:
    url = web.put("tomtat.example/rss", rss(("http://tomtat.example/a.htm", "Chỉ tóm tắt")))
    return feed("summaries", url, articles=False)


def _unchanged(web: LoopbackWeb) -> DueSource:
    def answer(request: object) -> Reply:
        headers = request.headers  # type: ignore[attr-defined]
        same = headers["If-None-Match"] == '"v1"' and headers["If-Modified-Since"] == "Mon"
        return Reply(status=304) if same else rss()

    url = web.put("yen.example/rss", answer)
    return feed("unchanged", url, etag='"v1"', last_modified="Mon")


def _empty(web: LoopbackWeb) -> DueSource:
    return feed("empty", web.put("rong.example/rss", rss()))


def _html_feed(web: LoopbackWeb) -> DueSource:
    page = Reply(article("Trang chủ"), HTML)
    return feed("html_feed", web.put("khongrss.example/rss", page))


def _three_urls(web: LoopbackWeb) -> DueSource:
    canonical = '<link rel="canonical" href="http://mot.example/bai-viet-12345.htm">'
    for path in ("bai-viet-12345.htm", "khac/bai-viet-12345.htm"):
        web.put(f"mot.example/{path}", article("Một bài ba địa chỉ", head=canonical))
    links = (
        "http://mot.example/bai-viet-12345.htm",
        "http://m.mot.example/bai-viet-12345.htm/amp?fbclid=1",
        "http://mot.example/khac/bai-viet-12345.htm",
    )
    url = web.put("mot.example/rss", rss(*((link, "Một bài") for link in links)))
    return feed("three_urls", url)


def _same_elsewhere(web: LoopbackWeb) -> DueSource:
    url = web.put("mot.example/rss-khac", rss(("http://mot.example/bai-viet-12345.htm", "Một bài")))
    return feed("same_elsewhere", url)


def _robots(web: LoopbackWeb) -> DueSource:
    web.put("cam.example/robots.txt", Reply("User-agent: *\nDisallow: /kin/\n", "text/plain"))
    web.put("cam.example/kin/a.htm", article("Trang kín"))
    web.put("cam.example/mo.htm", article("Trang mở"))
    links = [("http://cam.example/kin/a.htm", "Kín"), ("http://cam.example/mo.htm", "Mở")]
    return feed("robots", web.put("cam.example/rss", rss(*links)))


def _robots_all(web: LoopbackWeb) -> DueSource:
    text = f"User-agent: {AGENT.partition('/')[0]}\nDisallow: /\n"
    web.put("camhet.example/robots.txt", Reply(text, "text/plain"))
    return feed("robots_all", web.put("camhet.example/rss", rss()))


def _robots_down(web: LoopbackWeb) -> DueSource:
    web.put("hong.example/robots.txt", Reply("x", status=503))
    return feed("robots_down", web.put("hong.example/rss", rss()))


def _status(code: int) -> Callable[[LoopbackWeb], DueSource]:
    def build(web: LoopbackWeb) -> DueSource:
        headers = {"Retry-After": "120"} if code in (429, 503) else {}
        host = f"http{code}.example"
        return feed(
            f"http_{code}", web.put(f"{host}/rss", Reply("x", status=code, headers=headers))
        )

    return build


def _wrong_charset(web: LoopbackWeb) -> DueSource:
    page = article("Sai bảng mã").replace('charset="utf-8"', 'charset="iso-8859-1"')
    web.put("ma.example/a.htm", Reply(page, "text/html; charset=iso-8859-1"))
    return feed("wrong_charset", web.put("ma.example/rss", rss(("http://ma.example/a.htm", "x"))))


def _lying_dates(web: LoopbackWeb) -> DueSource:
    feed_xml = (
        '<rss version="2.0"><channel><title>t</title>'
        "<item><title>Tương lai</title><link>http://ngay.example/a.htm</link>"
        "<pubDate>Mon, 23 Nov 2099 08:00:00 +0700</pubDate></item>"
        "<item><title>Tuổi Trẻ</title><link>http://ngay.example/b.htm</link>"
        "<pubDate>10/8/2026 1:38:00 PM</pubDate></item>"
        "<item><title>Không ngày</title><link>http://ngay.example/c.htm</link></item>"
        "</channel></rss>"
    )
    return feed("lying_dates", web.put("ngay.example/rss", Reply(feed_xml, RSS)), articles=False)


def _listing(web: LoopbackWeb) -> DueSource:
    links = "".join(
        f'<h3><a href="/bai-so-{n}-cua-bao-2026{n}.htm">Bài số {n} của báo</a></h3>'
        for n in range(4)
    )
    menu = '<nav><a href="/thoi-su.htm">Thời sự</a></nav><a href="/tag/de-bao-12345.htm">đê bao</a>'
    for n in range(4):
        web.put(f"muc.example/bai-so-{n}-cua-bao-2026{n}.htm", article(f"Bài số {n} của báo"))
    return DueSource(
        "listing",
        "listing",
        {"url": web.put("muc.example/thoi-su", menu + f"<html>{links}</html>")},
    )


def _listing_by_selector(web: LoopbackWeb) -> DueSource:
    other = '<a href="/bai-khac-cua-muc-123456.htm">x</a>'
    page = f'<html><div class="hop"><a href="/mot">Một</a></div>{other}</html>'
    web.put("chon.example/mot", article("Bài chọn bằng bộ chọn"))
    options = {"url": web.put("chon.example/muc", page), "links": ".hop"}
    return DueSource("listing_by_selector", "listing", options)


def _listing_empty(web: LoopbackWeb) -> DueSource:
    page = "<html><body><p>Đang bảo trì</p></body></html>"
    return DueSource("listing_empty", "listing", {"url": web.put("baotri.example/", page)})


def _listing_of_a_feed(web: LoopbackWeb) -> DueSource:
    return DueSource("listing_of_a_feed", "listing", {"url": web.put("nham.example/rss", rss())})


def _hints(web: LoopbackWeb) -> DueSource:
    page = (
        "<html><head><title>Báo Gợi Ý</title></head><body><div class='ten'>Tên theo gợi ý</div>"
        "<span class='luc'>Thứ hai, 23/11/2026, 09:40 (GMT+7)</span><div class='than'>"
        f"<p>{PARAGRAPHS[0]}</p><p class='bo'>Câu phải bỏ đi.</p></div></body></html>"
    )
    web.put("goiy.example/a", page)
    url = web.put("goiy.example/rss", rss(("http://goiy.example/a", "x")))
    hints = {"title": ".ten", "date": ".luc", "body": ".than", "remove": [".bo"]}
    return feed("hints", url, hints=hints)


def _not_articles(web: LoopbackWeb) -> DueSource:
    web.put("la.example/", article("Trang chủ"))
    web.put("la.example/pdf.htm", Reply(b"%PDF-1.7 ...", "application/pdf"))
    web.put("la.example/go.htm", Reply("", status=302, headers={"Location": "/"}))
    web.put("la.example/trong.htm", Reply("   "))
    paths = ("pdf.htm", "go.htm", "trong.htm")
    url = web.put("la.example/rss", rss(*((f"http://la.example/{p}", p) for p in paths)))
    return feed("not_articles", url)


def _bad_options(web: LoopbackWeb) -> DueSource:
    return DueSource("bad_options", "feed", {"url": "http://x.example/", "token": "bí mật"})


def _unknown_type(web: LoopbackWeb) -> DueSource:
    return DueSource("unknown_type", "telepathy", {})


def _by_hand(web: LoopbackWeb) -> DueSource:
    return DueSource("by_hand", "upload", {})


SOURCES = (
    _ordinary, _summaries, _unchanged, _empty, _html_feed, _three_urls, _same_elsewhere, _robots,
    _robots_all, _robots_down, _status(404), _status(410), _status(403), _status(429),
    _status(500), _wrong_charset, _lying_dates, _listing, _listing_by_selector, _listing_empty,
    _listing_of_a_feed, _hints, _not_articles, _bad_options, _unknown_type, _by_hand,
)  # fmt: skip
