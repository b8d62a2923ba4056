"""Rounds against a real loopback web: what is collected, what is told, what is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from loopback import (
    AGENT,
    NOW,
    PARAGRAPHS,
    RSS,
    LoopbackWeb,
    Reply,
    Told,
    article,
    crawl,
    feed,
    loopback_web,
    rss,
)
from loopback_sources import SOURCES

from crawlers.item import Outcome


@pytest.fixture(scope="module")
def web() -> Iterator[LoopbackWeb]:
    with loopback_web() as server:
        yield server


@pytest.fixture(scope="module")
def told(web: LoopbackWeb) -> dict[str, Told]:
    """One round of many ordinary and less ordinary sources, told once for all tests below."""
    sources = [build(web) for build in SOURCES]
    return crawl(*sources, proxy=web.url)


def test_each_source_ends_exactly_once(told: dict[str, Told]) -> None:
    assert {name: len(one.ends) for name, one in told.items()} == dict.fromkeys(told, 1)


def test_feed_gives_items_of_its_article_pages(told: dict[str, Told]) -> None:
    items = {item.url: item for item in told["ordinary"].items}

    assert set(items) == {"http://bao.example/de-bao-1.htm", "http://bao.example/de-bao-2.htm"}
    first = items["http://bao.example/de-bao-1.htm"]
    assert first.title == "Đê bao sạt lở ở An Hòa"
    assert first.text.split("\n") == [
        "Đê bao sạt lở, vườn dừa ngập mỗi khi triều lên.",
        *PARAGRAPHS,
    ]
    assert first.published == datetime.fromisoformat("2026-11-23T08:00:00+07:00")
    assert first.external_id == "http://bao.example/de-bao-1.htm?utm_source=rss#x"
    assert (first.fetched_at, first.http_status, first.summary_only) == (NOW, 200, False)
    assert len(first.body_sha256) == 64
    second = items["http://bao.example/de-bao-2.htm"]
    assert second.published == datetime.fromisoformat("2026-11-24T07:30:00+07:00")


def test_feed_tells_what_it_could_not_get(told: dict[str, Told]) -> None:
    [gone] = told["ordinary"].pages
    assert (gone.url, gone.outcome, gone.http_status) == (
        "http://bao.example/mat.htm", Outcome.ERROR, 404,
    )  # fmt: skip
    end = told["ordinary"].end
    assert (end.outcome, end.items, end.etag) == (Outcome.NEW, 2, '"v1"')
    assert end.reason == "2 tin mới; 1 tin có liên kết hỏng, bỏ; 1 trang không lấy được"


def test_known_articles_are_not_fetched_again(told: dict[str, Told], web: LoopbackWeb) -> None:
    assert "/cu.htm" not in web.asked("bao.example")


def test_feed_without_articles_takes_its_summaries(told: dict[str, Told], web: LoopbackWeb) -> None:
    [item] = told["summaries"].items
    assert (item.title, item.text) == ("Chỉ tóm tắt", "Tóm tắt của Chỉ tóm tắt.")
    assert item.summary_only
    assert item.published == datetime.fromisoformat("2026-11-23T08:00:00+07:00")
    assert web.asked("tomtat.example") == ["/rss"]


def test_unchanged_feed_keeps_its_validators(told: dict[str, Told]) -> None:
    end = told["unchanged"].end
    assert (end.outcome, end.etag, end.last_modified) == (Outcome.NOT_MODIFIED, '"v1"', "Mon")


def test_empty_feed_is_told_apart_from_no_news(told: dict[str, Told]) -> None:
    assert told["empty"].end.outcome is Outcome.EMPTY


def test_page_of_html_is_not_a_feed(told: dict[str, Told]) -> None:
    end = told["html_feed"].end
    assert end.outcome is Outcome.NOT_A_FEED
    assert end.reason == "không phải bản tin RSS/Atom mà là trang HTML"


def test_three_addresses_of_one_article_are_one_item(told: dict[str, Told]) -> None:
    items = told["three_urls"].items + told["same_elsewhere"].items
    assert [item.url for item in items] == ["http://mot.example/bai-viet-12345.htm"]


def test_robots_refusal_of_a_page_leaves_the_summary(
    told: dict[str, Told], web: LoopbackWeb
) -> None:
    items = {item.url: item.summary_only for item in told["robots"].items}
    assert items == {"http://cam.example/kin/a.htm": True, "http://cam.example/mo.htm": False}
    [refused] = told["robots"].pages
    assert (refused.outcome, refused.reason) == (
        Outcome.BLOCKED, "robots.txt không cho phép lấy trang này",
    )  # fmt: skip
    assert "/kin/a.htm" not in web.asked("cam.example")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("robots_all", "robots.txt không cho phép lấy trang này"),
        ("robots_down", "robots.txt trả lời HTTP 503"),
    ],
)
def test_robots_refusal_of_a_source(
    told: dict[str, Told], web: LoopbackWeb, source: str, reason: str
) -> None:
    assert (told[source].end.outcome, told[source].end.reason) == (Outcome.BLOCKED, reason)
    assert web.asked({"robots_all": "camhet.example", "robots_down": "hong.example"}[source]) == []


@pytest.mark.parametrize(
    ("code", "outcome", "reason", "wait"),
    [
        (404, Outcome.ERROR, "HTTP 404: không tìm thấy trang", None),
        (410, Outcome.ERROR, "HTTP 410: trang đã bị gỡ hẳn", None),
        (403, Outcome.BLOCKED, "HTTP 403: máy chủ từ chối cho xem", None),
        (429, Outcome.ERROR, "HTTP 429: máy chủ yêu cầu hỏi thưa hơn", 120),
        (500, Outcome.ERROR, "HTTP 500: máy chủ lỗi", None),
    ],
)
def test_http_errors_have_reasons(
    told: dict[str, Told],
    code: int,
    outcome: Outcome,
    reason: str,
    wait: int | None,
) -> None:
    end = told[f"http_{code}"].end
    assert (end.outcome, end.reason, end.retry_after) == (outcome, reason, wait)
    assert end.http_status == code


def test_wrong_charset_is_seen_through(told: dict[str, Told]) -> None:
    assert [item.title for item in told["wrong_charset"].items] == ["Sai bảng mã"]


def test_lying_dates_are_dropped_with_a_note(told: dict[str, Told]) -> None:
    dates = {
        item.title: (item.published, item.date_note.partition(":")[0])
        for item in told["lying_dates"].items
    }
    assert dates == {
        "Tương lai": (None, "future"),
        "Tuổi Trẻ": (datetime.fromisoformat("2026-10-08T13:38:00+07:00"), ""),
        "Không ngày": (None, "missing"),
    }


def test_listing_finds_articles_by_rule(told: dict[str, Told]) -> None:
    assert sorted(item.title for item in told["listing"].items) == [
        f"Bài số {n} của báo" for n in range(4)
    ]
    assert told["listing"].end.outcome is Outcome.NEW


def test_listing_takes_what_its_selector_finds(told: dict[str, Told]) -> None:
    assert [item.title for item in told["listing_by_selector"].items] == ["Bài chọn bằng bộ chọn"]


def test_listing_without_articles_is_empty(told: dict[str, Told]) -> None:
    end = told["listing_empty"].end
    assert end.outcome is Outcome.EMPTY
    assert end.reason.endswith("không thấy liên kết bài viết nào trên trang")


def test_listing_of_a_feed_is_told(told: dict[str, Told]) -> None:
    end = told["listing_of_a_feed"].end
    assert (end.outcome, end.reason) == (Outcome.NOT_A_FEED, f"không phải trang HTML ({RSS})")


def test_hints_of_a_source_are_used(told: dict[str, Told]) -> None:
    [item] = told["hints"].items
    assert (item.title, item.text) == ("Tên theo gợi ý", PARAGRAPHS[0])
    assert item.published == datetime.fromisoformat("2026-11-23T09:40:00+07:00")


def test_errors_are_not_asked_twice(told: dict[str, Told], web: LoopbackWeb) -> None:
    asked = {code: web.asked(f"http{code}.example") for code in (404, 410, 403, 429, 500)}
    assert asked == {code: ["/rss"] for code in asked}


def test_pages_that_are_no_articles_are_told(told: dict[str, Told]) -> None:
    reasons = {page.url: page.reason for page in told["not_articles"].pages}
    assert reasons == {
        "http://la.example/pdf.htm": "không phải trang HTML (application/pdf)",
        "http://la.example/go.htm": "bài đã bị gỡ (chuyển về trang chủ)",
        "http://la.example/trong.htm": "trang trống",
    }


def test_bad_configuration_is_told_without_the_values(told: dict[str, Told]) -> None:
    assert told["bad_options"].end.reason == "cấu hình sai: options.token: khóa lạ"
    assert told["unknown_type"].end.reason == (
        "cấu hình sai: không có loại nguồn “telepathy” (có: fanpage, feed, listing, sitemap, upload)"
    )


def test_upload_source_waits_for_a_file(told: dict[str, Told]) -> None:
    assert told["by_hand"].end.outcome is Outcome.NONE


def test_every_request_names_the_crawler_and_keeps_no_cookies(
    told: dict[str, Told], web: LoopbackWeb
) -> None:
    assert {headers["user-agent"] for _, headers in web.seen} == {AGENT}
    assert [one for _, one in web.seen if {"cookie", "referer"} & set(one)] == []


def test_a_page_that_fails_for_now_withholds_the_validators() -> None:
    """Else the next poll would hear "not modified" and the page would never be asked for."""
    with loopback_web() as web:
        web.put("tam.example/a.htm", Reply("x", status=503))
        answer = replace(rss(("http://tam.example/a.htm", "a")), headers={"ETag": '"v1"'})
        many = [(f"http://tam.example/n{n}.htm", f"Bài {n}") for n in range(4)]
        for link, title in many:
            web.put(link.removeprefix("http://"), article(title))
        long = replace(rss(*many), headers={"ETag": '"v1"'})

        told = crawl(
            feed("failing", web.put("tam.example/rss", answer)),
            feed("long", web.put("tam.example/dai", long)),
            proxy=web.url,
            max_articles=3,
        )

    assert (told["failing"].end.outcome, told["failing"].end.etag) == (Outcome.NONE, "")
    assert told["failing"].items == []
    assert (len(told["long"].items), told["long"].end.etag) == (3, "")
    assert told["long"].end.reason == "3 tin mới; còn 1 tin để lượt sau"
