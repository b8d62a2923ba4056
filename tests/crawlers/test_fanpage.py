"""Page posts over a stand-in of the Graph API: paging, cursors, errors, and no people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from loopback import JSON, NOW, LoopbackWeb, Reply, Told, crawl, loopback_web

from crawlers.item import Outcome
from crawlers.job import DueSource
from crawlers.wire import to_line

TOKEN = "EAA-bi-mat-123"
_FORBIDDEN = """Facebook báo lỗi 200: mã truy cập thiếu quyền đọc trang: \
cần quyền pages_read_engagement"""
_MISSING = """Facebook báo lỗi 100: không có trang này hoặc mã truy cập không được đọc nó: \
xem lại page và token"""
FIRST = datetime.fromisoformat("2026-11-20T08:00:00+07:00")


def _post(number: int, page: int = 77, **more: Any) -> dict[str, Any]:
    made = FIRST + timedelta(hours=number)
    return {
        "id": f"{page}_{number}",
        "message": f"Bà con ấp {number} phản ánh\nđường ngập sâu.",
        "created_time": made.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "permalink_url": f"https://www.facebook.com/{page}/posts/{number}",
        "from": {"name": "Nguyễn Thị Riêng Tư", "id": "9"},
        "shares": {"count": number},
        "comments": {"data": [], "summary": {"total_count": 3}},
        "reactions": {"data": [], "summary": {"total_count": 5}},
        **more,
    }


def _page(posts: list[dict[str, Any]], query: dict[str, list[str]], *, cursors: bool) -> Reply:
    since = int(query.get("since", ["0"])[0])
    until = int(query.get("until", ["99999999999"])[0])
    times = [datetime.fromisoformat(one["created_time"]).timestamp() for one in posts]
    kept = [one for one, at in zip(posts, times, strict=True) if since <= at <= until]
    start = int(query.get("after", query.get("__paging_token", ["0"]))[0])
    size = int(query["limit"][0])
    paging: dict[str, Any] = {}
    if start + size < len(kept):
        base = f"http://graph.example/v23.0/{'c' if cursors else 't'}"
        paging["next"] = (
            f"{base}/posts?limit={size}&__paging_token={start + size}&access_token={TOKEN}"
        )
        if cursors:
            paging["cursors"] = {"before": "x", "after": str(start + size)}
    return Reply(json.dumps({"data": kept[start : start + size], "paging": paging}), JSON)


def _serve(posts: list[dict[str, Any]], *, cursors: bool) -> Callable[[Any], Reply]:
    def answer(request: Any) -> Reply:
        query = parse_qs(urlsplit(request.path).query)
        if query.get("access_token") != [TOKEN]:
            return _error(190)
        return _page(posts, query, cursors=cursors)

    return answer


def _error(code: int, subcode: int = 0, status: int = 400, **headers: str) -> Reply:
    error = {"message": f"(#{code}) secret access_token={TOKEN}", "type": "OAuthException"}
    error |= {"code": code} | ({"error_subcode": subcode} if subcode else {})  # type: ignore[dict-item]
    return Reply(json.dumps({"error": error}), JSON, status, headers)


def _source(
    page: str, *, cursor: str = "", known: frozenset[str] = frozenset(), **more: Any
) -> DueSource:
    options = {"page": page, "token": TOKEN, "base_url": "http://graph.example", "page_size": 4}
    return DueSource(page, "fanpage", options | more, cursor=cursor, known=known)


def _cut_after_one_page(web: LoopbackWeb) -> None:
    posts = [_post(number, 66) for number in range(9, 0, -1)]

    def answer(request: Any) -> Reply:
        query = parse_qs(urlsplit(request.path).query)
        return _page(posts, query, cursors=True) if "after" not in query else _error(32, status=403)

    web.put("graph.example/v23.0/cut/posts", answer)


def _address(number: int) -> str:
    return f"https://www.facebook.com/77/posts/{number}"


@pytest.fixture(scope="module")
def round_(request: pytest.FixtureRequest) -> Iterator[tuple[dict[str, Told], LoopbackWeb]]:
    posts = [_post(number) for number in range(9, 0, -1)]
    odd = [
        _post(5, 99, permalink_url="https://www.facebook.com/77/posts/pfbid02abc"),
        _post(4, 99, message="", attachments={"data": [{"media_type": "photo", "title": "Ảnh"}]}),
        _post(
            3,
            99,
            message="Xem bài",
            attachments={
                "data": [
                    {"media_type": "link", "title": "Tựa bài báo", "description": "Mô tả bài báo"},
                    {"media_type": "album", "title": "Trần Văn Tên"},
                ]
            },
        ),
        _post(2, 99, id=12),
    ]
    shapes = [
        _post(1, 22, shares=5, comments={"summary": 3}, reactions=[], attachments={"data": 5}),
        _post(0, 22, attachments="không"),
    ]  # fmt: skip
    waits = {
        "X-Business-Use-Case-Usage": json.dumps({"1": [{"estimated_time_to_regain_access": 42}]})
    }
    with loopback_web() as web:
        web.put("graph.example/robots.txt", Reply("User-agent: *\nDisallow: /\n", "text/plain"))
        web.put("graph.example/v23.0/c/posts", _serve(posts, cursors=True))
        timed = [_post(number, 88) for number in range(9, 0, -1)]
        web.put("graph.example/v23.0/t/posts", _serve(timed, cursors=False))
        web.put("graph.example/v23.0/odd/posts", _serve(odd, cursors=True))
        web.put("graph.example/v23.0/shapes/posts", _serve(shapes, cursors=True))
        web.put("graph.example/v23.0/quiet/posts", Reply('{"data": []}', JSON))
        web.put("graph.example/v23.0/empty/posts", Reply('{"data": []}', JSON))
        web.put("graph.example/v23.0/number/posts", Reply('{"data": 5}', JSON))
        paging = json.dumps({"data": [_post(1, 33)], "paging": 5})
        web.put("graph.example/v23.0/lost/posts", Reply(paging, JSON))
        away = {
            "data": [_post(1, 55)],
            "paging": {"next": f"http://thu.example/?access_token={TOKEN}"},
        }
        web.put("graph.example/v23.0/away/posts", Reply(json.dumps(away), JSON))
        more = {"next": "http://graph.example/v23.0/full/posts?x"}
        full = json.dumps({"data": [_post(1, 44)], "paging": more})
        usage = {"X-App-Usage": '{"call_count":95,"total_time":2,"total_cputime":1}'}
        web.put("graph.example/v23.0/full/posts", Reply(full, JSON, headers=usage))
        _cut_after_one_page(web)
        web.put("graph.example/v23.0/expired/posts", _error(190, 463))
        web.put("graph.example/v23.0/password/posts", _error(190, 460))
        for code in (4, 17, 32, 613):
            web.put(f"graph.example/v23.0/limit{code}/posts", _error(code, status=403, **waits))
        web.put("graph.example/v23.0/nolimit/posts", _error(4, status=403))
        web.put("graph.example/v23.0/forbidden/posts", _error(200, status=403))
        web.put("graph.example/v23.0/missing/posts", _error(100))
        web.put("graph.example/v23.0/strange/posts", _error(999))
        web.put("graph.example/v23.0/html/posts", Reply("<html>", status=502))
        web.put(
            "graph.example/v23.0/moved/posts",
            Reply(status=302, headers={"Location": "http://thu.example/"}),
        )
        names = """odd empty away full expired password limit4 limit17 limit32 limit613 nolimit
            forbidden missing strange html moved number lost shapes"""
        told = crawl(
            _source("c"),
            _source("t"),
            _source("cut", cursor="2026-11-20T01:00:00+07:00"),
            _source("quiet", cursor="2026-11-20T01:00:00+07:00"),
            *(_source(name) for name in names.split()),
            proxy=web.url,
        )  # fmt: skip
        yield told, web


@pytest.fixture(scope="module")
def told(round_: tuple[dict[str, Told], LoopbackWeb]) -> dict[str, Told]:
    return round_[0]


def test_all_posts_are_taken_once_by_cursor(told: dict[str, Told]) -> None:
    assert [item.url for item in told["c"].items] == [_address(n) for n in range(9, 0, -1)]
    end = told["c"].end
    assert (end.outcome, end.items, end.cursor) == (
        Outcome.NEW,
        9,
        _post(9)["created_time"][:-2] + ":00",
    )


def test_all_posts_are_taken_once_by_time_paging(told: dict[str, Told]) -> None:
    assert [item.external_id for item in told["t"].items] == [f"88_{n}" for n in range(9, 0, -1)]


def test_post_keeps_words_and_counts_but_no_people(told: dict[str, Told]) -> None:
    item = told["c"].items[0]
    assert (item.title, item.text) == (
        "Bà con ấp 9 phản ánh",
        "Bà con ấp 9 phản ánh\nđường ngập sâu.",
    )
    assert item.external_id == "77_9"
    assert item.published == FIRST + timedelta(hours=9)
    assert item.engagement == {"shares": 9, "comments": 3, "reactions": 5}
    lines = [to_line(one) for page in told.values() for one in (*page.items, *page.ends)]
    assert [
        line for line in lines if TOKEN in line or "Riêng" in json.loads(line).get("text", "")
    ] == []


def test_permalinks_that_change_are_replaced_and_bare_photos_left_out(
    told: dict[str, Told],
) -> None:
    items = {item.external_id: item for item in told["odd"].items}
    assert {name: item.url for name, item in items.items()} == {
        "99_5": "https://www.facebook.com/99_5",
        "99_3": "https://www.facebook.com/99/posts/3",
    }


def test_shared_link_gives_its_headline_but_no_album_its_title(told: dict[str, Told]) -> None:
    [item] = [item for item in told["odd"].items if item.external_id == "99_3"]
    assert item.text == "Xem bài\nTựa bài báo\nMô tả bài báo"


def test_next_page_elsewhere_never_gets_the_token(
    round_: tuple[dict[str, Told], LoopbackWeb],
) -> None:
    _, web = round_
    assert web.asked("thu.example") == []


def test_poll_that_was_cut_tells_the_next_one_what_is_missing(told: dict[str, Told]) -> None:
    end, newest, oldest = told["cut"].end, FIRST + timedelta(hours=9), FIRST + timedelta(hours=6)
    cursor = f"2026-11-20T01:00:00+07:00;{newest.isoformat()};{oldest.isoformat()}"
    assert (end.outcome, end.cursor) == (Outcome.ERROR, cursor)
    assert (len(told["cut"].items), end.items) == (4, 4)


def test_nearly_spent_limit_stops_the_paging(told: dict[str, Told]) -> None:
    assert told["full"].end.reason.endswith("gần hết hạn mức gọi Facebook, để lượt sau đọc tiếp")


def test_quiet_page_is_not_an_empty_one(told: dict[str, Told]) -> None:
    assert (told["quiet"].end.outcome, told["empty"].end.outcome) == (Outcome.NONE, Outcome.EMPTY)
    assert told["quiet"].end.cursor == "2026-11-20T01:00:00+07:00"


def test_expired_token_is_told_with_what_to_do(told: dict[str, Told]) -> None:
    end = told["expired"].end
    assert (end.outcome, end.http_status) == (Outcome.BLOCKED, 400)
    assert end.reason == (
        "Facebook báo lỗi 190/463: mã truy cập đã hết hạn: người quản trị trang cần tạo lại mã truy"
        " cập dài hạn của trang (Meta Business Suite, hoặc Graph API Explorer → Get Page Access"
        " Token) và ghi vào token của nguồn này"
    )
    assert "đổi mật khẩu" in told["password"].end.reason


@pytest.mark.parametrize("code", [4, 17, 32, 613])
def test_limits_say_when_to_ask_again(told: dict[str, Told], code: int) -> None:
    end = told[f"limit{code}"].end
    assert (end.outcome, end.retry_after) == (Outcome.ERROR, 42 * 60)
    assert end.reason == f"Facebook báo lỗi {code}: hết hạn mức gọi Facebook, thử lại sau 42 phút"


def test_limit_without_a_header_waits_an_hour(told: dict[str, Told]) -> None:
    assert told["nolimit"].end.retry_after == 3600


@pytest.mark.parametrize(
    ("page", "outcome", "reason"),
    [
        ("forbidden", Outcome.BLOCKED, _FORBIDDEN),
        ("missing", Outcome.ERROR, _MISSING),
        ("strange", Outcome.ERROR, "Facebook báo lỗi 999: (#999) secret access_token=***"),
        ("html", Outcome.NOT_A_FEED, "HTTP 502: câu trả lời không phải của Graph API"),
        ("number", Outcome.NOT_A_FEED, "HTTP 200: câu trả lời không phải của Graph API"),
        ("moved", Outcome.ERROR, "HTTP 302: chuyển hướng không đi tiếp được"),
    ],
)  # fmt: skip
def test_other_errors_are_told(
    told: dict[str, Told], page: str, outcome: Outcome, reason: str
) -> None:
    assert (told[page].end.outcome, told[page].end.reason) == (outcome, reason)


def test_parts_of_another_shape_cost_no_post(told: dict[str, Told]) -> None:
    assert {item.external_id: item.engagement for item in told["shapes"].items} == {
        "22_1": {},
        "22_0": {"shares": 0, "comments": 3, "reactions": 5},
    }
    assert [item.external_id for item in told["lost"].items] == ["33_1"]


def test_next_poll_takes_only_what_is_newer(capfd: pytest.CaptureFixture[str]) -> None:
    posts = [_post(number) for number in range(60, 0, -1)]
    known = frozenset(_address(number) for number in range(1, 58))
    cursor = (FIRST + timedelta(hours=57)).isoformat()
    with loopback_web() as web:
        web.put("graph.example/v23.0/c/posts", _serve(posts, cursors=True))
        web.put(
            "graph.example/v23.0/few/posts",
            _serve([_post(n + 100) for n in range(9, 0, -1)], cursors=True),
        )
        told = crawl(
            _source("c", cursor=cursor, known=known, page_size=50),
            _source("few", max_posts=3),
            DueSource("no_file", "fanpage", {"page": "c", "token_file": "/khong/co"}),
            proxy=web.url,
        )
        asked = [path for path in web.asked("graph.example") if "/c/" in path]

    assert [item.url for item in told["c"].items] == [_address(number) for number in (60, 59, 58)]
    assert told["c"].end.cursor == (FIRST + timedelta(hours=60)).isoformat()
    assert len(asked) == 1
    assert len(told["few"].items) == 4
    assert told["no_file"].end.reason == (
        "không đọc được tệp mã truy cập token_file (No such file or directory)"
    )
    assert TOKEN not in capfd.readouterr().err
    assert told["c"].items[0].fetched_at == NOW


def test_cursor_in_the_future_is_none() -> None:
    with loopback_web() as web:
        web.put("graph.example/v23.0/c/posts", _serve([_post(1)], cursors=True))
        told = crawl(_source("c", cursor="2099-01-01T00:00:00+07:00"), proxy=web.url)
    assert [item.external_id for item in told["c"].items] == ["77_1"]
