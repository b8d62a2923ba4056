"""The press's Graph API: paging by cursor, fields, and errors with Graph's codes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.settings import ZONE
from langnghe.pressfolder import Press, Site, load_press
from langnghe.pressgraph import graph_answer

END = datetime(2026, 4, 1, tzinfo=ZONE)
PRESS = load_press()
PAGE = next(site for site in PRESS.sites if site.id == "hoi-nguoi-xu-dua")
POSTS = f"http://graph.example/v21.0/{PAGE.page}/posts"
FIELDS = (
    "id,message,created_time,updated_time,permalink_url,shares,"
    "attachments{media_type,title},comments.limit(0).summary(total_count)"
)


def ask(url: str, now: datetime = END, press: Press = PRESS, page: Site = PAGE) -> Any:
    status, body = graph_answer(press, [page], url, now)
    return status, json.loads(body)


def test_posts_are_paged_by_cursor_to_the_end() -> None:
    url, pages, messages = f"{POSTS}?access_token={PAGE.token}&limit=5", 0, []

    while url:
        status, page = ask(url)
        assert status == 200
        messages += [post["message"] for post in page["data"]]
        pages += 1
        url = page["paging"].get("next", "")

    expected = [post.text for post in PRESS.listed(PAGE, END)]
    assert messages == expected
    assert pages == -(-len(expected) // 5)


def test_post_has_the_keys_that_were_asked_for() -> None:
    posts = PRESS.listed(PAGE, END)
    shared = next(post for post in posts if post.id == "tam-hiep-c")
    quiet = next(post for post in posts if post.shares == 0)

    _, page = ask(f"{POSTS}?access_token={PAGE.token}&fields={FIELDS}")

    by_id = {post["id"]: post for post in page["data"]}
    assert by_id[f"{PAGE.page}_tam-hiep-c"] == {
        "id": f"{PAGE.page}_tam-hiep-c",
        "message": shared.text,
        "created_time": "2024-04-02T05:10:00+0000",
        "updated_time": "2024-04-02T05:10:00+0000",
        "permalink_url": "http://fanpage.example/hoi-nguoi-xu-dua/posts/tam-hiep-c",
        "shares": {"count": 140},
        "comments": {"data": [], "summary": {"total_count": 233}},
    }
    assert "shares" not in by_id[f"{PAGE.page}_{quiet.id}"]


def test_posts_of_the_future_are_not_there() -> None:
    first = datetime(2023, 2, 15, 6, 30, tzinfo=ZONE)

    _, page = ask(f"{POSTS}?access_token={PAGE.token}", first)
    _, nothing = ask(f"{POSTS}?access_token={PAGE.token}", first - timedelta(days=300))

    assert [post["id"].partition("_")[2] for post in page["data"]] == ["chao-ngay-moi-a"]
    assert nothing == {"data": []}


@pytest.mark.parametrize(
    "since", ["2026-01-01T00:00:00", "2026-01-01T07:00:00%2B07:00", "1767225600"]
)
def test_since_leaves_older_posts_out(since: str) -> None:
    _, page = ask(f"{POSTS}?access_token={PAGE.token}&since={since}")

    assert [post["id"].partition("_")[2] for post in page["data"]] == ["ban-dat-a"]


def test_since_that_is_no_time_leaves_nothing_out() -> None:
    _, page = ask(f"{POSTS}?access_token={PAGE.token}&since=hom-qua&limit=100")

    assert len(page["data"]) == len(PRESS.listed(PAGE, END))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (POSTS, 104),
        (f"{POSTS}?access_token=sai", 190),
        ("http://graph.example/v21.0/999/posts?access_token=x", 100),
        ("http://graph.example/v21.0/me?access_token=x", 2500),
    ],
    ids=["no-token", "wrong-token", "no-page", "no-edge"],
)
def test_error_has_the_code_of_graph(url: str, code: int) -> None:
    status, page = ask(url)

    assert (status, page["error"]["code"], page["error"]["type"]) == (400, code, "OAuthException")


def test_token_that_is_over_says_since_when() -> None:
    ended = PAGE.model_copy(update={"token_ends": END - timedelta(hours=1)})

    status, page = ask(f"{POSTS}?access_token={PAGE.token}", page=ended)

    assert status == 400
    assert (page["error"]["code"], page["error"]["error_subcode"]) == (190, 463)
    assert page["error"]["message"] == (
        "Error validating access token: Session has expired on Tuesday, 31-Mar-26 16:00:00 UTC. "
        "The current time is Tuesday, 31-Mar-26 17:00:00 UTC."
    )
