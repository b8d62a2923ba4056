"""All pages of the console. A page file exports `routes(app, desk)`."""

from __future__ import annotations

from typing import Any

from langnghe.accounts import MAY, Right, Role
from langnghe.app import App
from langnghe.web.console import (
    audit,
    case,
    event,
    item,
    login,
    ownunit,
    queue,
    search,
    settings,
    sources,
    tiles,
    today,
    trends,
    units,
    users,
)
from langnghe.web.console.guard import Answer, Desk, Visit

_PAGES = (
    login,
    today,
    queue,
    case,
    event,
    item,
    ownunit,
    tiles,
    trends,
    search,
    sources,
    units,
    audit,
    users,
    settings,
)


def console_routes(app: App) -> list[Any]:
    """Return the routes of the console."""
    desk = Desk(app)
    return [desk.first(_first), *(one for page in _PAGES for one in page.routes(app, desk))]


def _first(visit: Visit) -> Answer:
    unit = Right.ANSWER in MAY[Role(visit.me.role)]
    return visit.to("/don-vi-cua-toi" if unit else "/hom-nay")
