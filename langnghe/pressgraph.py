"""Answers of the press's Graph API: posts of a page, by cursor, for a valid token."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from langnghe.pressfolder import Press, PressItem, Site

_EDGES = {"posts", "feed", "published_posts"}
_DEFAULT_FIELDS = "created_time,message"
_DEFAULT_LIMIT = 25
_MAX_LIMIT = 100
_TRACE = "AdemoTraceOfThePress"


def graph_answer(press: Press, sites: Sequence[Site], url: str, now: datetime) -> tuple[int, bytes]:
    """Answer `/v{N}.0/{page-id}/posts` as the Graph API does: HTTP status and JSON.

    `sites` are the pages of this host. Errors have Graph's own codes: 190 for a token
    that is wrong or over, 100 for an object that is not there, 2500 for another path.
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    steps = parts.path.strip("/").split("/")
    if len(steps) != 3 or steps[2] not in _EDGES:
        return _error(400, f"Unknown path components: {parts.path}", 2500)
    site = next((site for site in sites if site.page == steps[1]), None)
    if "access_token" not in query:
        return _error(400, "An access token is required to request this resource.", 104)
    if site is None:
        return _error(400, "(#100) Object does not exist, cannot be loaded due to missing "
                           "permission or reviewable feature", 100)  # fmt: skip
    if query["access_token"] != site.token:
        return _error(400, "Invalid OAuth access token - Cannot parse access token", 190)
    if site.token_ends is not None and site.token_ends <= now:
        return _error(
            400,
            f"Error validating access token: Session has expired on {_words(site.token_ends)}. "
            f"The current time is {_words(now)}.",
            190,
            463,
        )
    posts = press.listed(site, now)
    if since := query.get("since", ""):
        posts = [post for post in posts if post.published.timestamp() >= _epoch(since)]
    return 200, _json(_page(press, site, posts, query, parts.path))


def _page(
    press: Press, site: Site, posts: Sequence[PressItem], query: Mapping[str, str], path: str
) -> dict[str, object]:
    limit = min(_MAX_LIMIT, max(1, _number(query.get("limit", ""), _DEFAULT_LIMIT)))
    after = query.get("after", "")
    start = next((index + 1 for index, post in enumerate(posts) if _cursor(post) == after), 0)
    shown = posts[start : start + limit]
    fields = _fields(query.get("fields", "") or _DEFAULT_FIELDS)
    answer: dict[str, object] = {
        "data": [_post(press, site, post, fields) for post in shown],
    }
    if shown:
        paging: dict[str, object] = {
            "cursors": {"before": _cursor(shown[0]), "after": _cursor(shown[-1])}
        }
        if start + limit < len(posts):
            following = dict(query) | {"limit": str(limit), "after": _cursor(shown[-1])}
            paging["next"] = f"http://{site.host}{path}?{urlencode(following)}"
        answer["paging"] = paging
    return answer


def _post(press: Press, site: Site, post: PressItem, fields: set[str]) -> dict[str, object]:
    everything: dict[str, object] = {
        "created_time": _instant(post.published),
        "updated_time": _instant(post.versions[-1].at if post.versions else post.published),
        "message": post.text,
        "permalink_url": press.url(post),
        "status_type": "mobile_status_update",
        "comments": {"data": [], "summary": {"total_count": post.comments}},
    }
    if post.shares:  # Graph leaves the key out where nobody shared
        everything["shares"] = {"count": post.shares}
    chosen = {name: value for name, value in everything.items() if name in fields}
    return chosen | {"id": f"{site.page}_{post.id}"}


def _fields(wanted: str) -> set[str]:
    """Return the names in `fields`, without their own sub-fields and modifiers."""
    names, depth, name = set[str](), 0, ""
    for char in wanted + ",":
        depth += (char in "({") - (char in ")}")
        if char == "," and depth == 0:
            names.add(name.split(".")[0].strip())
            name = ""
        elif depth == 0 and char not in ")}":
            name += char
    return names


def _error(status: int, message: str, code: int, subcode: int = 0) -> tuple[int, bytes]:
    error: dict[str, object] = {"message": message, "type": "OAuthException", "code": code}
    if subcode:
        error["error_subcode"] = subcode
    return status, _json({"error": error | {"fbtrace_id": _TRACE}})


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _cursor(post: PressItem) -> str:
    return base64.urlsafe_b64encode(post.id.encode()).decode().rstrip("=")


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def _words(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%A, %d-%b-%y %H:%M:%S UTC")


def _number(value: str, default: int) -> int:
    return int(value) if value.isdecimal() else default


def _epoch(value: str) -> float:
    """Return `since` in seconds: Graph takes an epoch or a date."""
    if value.isdecimal():
        return float(value)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
