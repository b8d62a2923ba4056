"""What passes over the pipe, and which source types there are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from loopback import NOW, limits

from crawlers.graph import retry_wait, usage
from crawlers.item import Fetch, Item, Outcome
from crawlers.job import Addresses, DueSource, Job
from crawlers.registry import check_options, load_type, source_types
from crawlers.wire import from_line, job_from_json, job_to_json, to_line

ITEM = Item(
    source_id="s",
    url="https://bao.vn/a",
    external_id="1",
    title="Đê\nvỡ",
    text="“x”\u2028y",
    published=NOW,
    fetched_at=NOW,
    body_sha256="0" * 64,
    engagement={"shares": 2},
)
FETCH = Fetch("s", Outcome.BLOCKED, "lý do", NOW, http_status=403, retry_after=60)


@pytest.mark.parametrize("record", [ITEM, replace(ITEM, published=None), FETCH])
def test_records_come_back_as_they_went(record: Item | Fetch) -> None:
    line = to_line(record)

    assert from_line(line) == record
    assert line.isascii()
    assert "\n" not in line


@pytest.mark.parametrize(
    "line",
    ["", "{", "[]", "{}", to_line(ITEM)[:-9], to_line(FETCH).replace("blocked", "x"),
     to_line(ITEM).replace('"kind": "item"', '"kind": "fetch"'),
     to_line(FETCH).replace('"items"', '"author"')],
)  # fmt: skip
def test_broken_lines_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not a record"):
        from_line(line)


def test_job_comes_back_as_it_went() -> None:
    known, tried = Addresses.of(["http://u.vn/a", "v"]), Addresses.of(["w"])
    source = DueSource("s", "feed", {"url": "x"}, etag="e", cursor="c", known=known, tried=tried)
    job = Job(NOW, (source,), limits())

    assert job_from_json(job_to_json(job)) == job


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"sources": [], "now": 1, "limits": {}}'])
def test_broken_jobs_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a job"):
        job_from_json(text)


def test_only_records_can_be_written() -> None:
    with pytest.raises(TypeError, match="set"):
        to_line(replace(ITEM, engagement={"x": {1}}))  # type: ignore[dict-item]


def test_files_are_the_registry() -> None:
    assert source_types() == ("fanpage", "feed", "listing", "sitemap", "upload")
    assert {name: hasattr(load_type(name), "poll") for name in source_types()} == dict.fromkeys(
        source_types(), True
    )


@pytest.mark.parametrize(
    ("kind", "options", "problems"),
    [
        ("feed", {"url": "https://bao.vn/rss"}, []),
        ("feed", {"url": "bao.vn:rss"}, ["options.url: phải là địa chỉ http:// hoặc https://"]),
        ("feed", {}, ["options.url: thiếu"]),
        ("feed", {"url": "https://a.vn", "autor": 1}, ["options.autor: khóa lạ"]),
        (
            "feed",
            {"url": "https://a.vn", "hints": {"body": "..["}},
            ["options.hints.body: không đọc được bộ chọn CSS “..[”"],
        ),
        (
            "listing",
            {"url": "ftp://a.vn", "links": "a["},
            [
                "options.url: phải là địa chỉ http:// hoặc https://",
                "options.links: không đọc được bộ chọn CSS “a[”",
            ],
        ),
        ("fanpage", {"page": "1", "token": "x"}, []),
        (
            "fanpage",
            {"page": "1"},
            ["options: cần đúng một trong hai: token hoặc token_file"],
        ),
        (
            "telepathy",
            {},
            ["type: không có loại nguồn “telepathy” (có: fanpage, feed, listing, sitemap, upload)"],
        ),
    ],
)
def test_options_are_checked_key_by_key(
    kind: str, options: dict[str, object], problems: list[str]
) -> None:
    assert check_options(kind, options) == problems


def test_usage_headers_are_read_in_all_their_shapes() -> None:
    groups = '{"1": [{"call_count": 12, "total_time": 97, "estimated_time_to_regain_access": 3}]}'
    assert usage({"x-business-use-case-usage": groups}) == 97
    assert usage({"x-page-usage": "{'call_count' : 85, 'total_cputime' : 56}"}) == 85
    assert [usage({"x-app-usage": odd}) for odd in ("", "[1]", '{"call_count": "x"}')] == [0] * 3
    assert retry_wait({"x-business-use-case-usage": groups}) == 180
    assert retry_wait({"x-business-use-case-usage": '{"1": 5}'}) == 3600


def test_a_secret_is_never_repeated() -> None:
    told = check_options("fanpage", {"page": "1", "token": ["EAA-bi-mat"], "version": "EAA-bi-mat"})
    assert [problem for problem in told if "EAA" in problem] == []
    assert len(told) == 2
