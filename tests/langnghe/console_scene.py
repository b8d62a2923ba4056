"""A morning in a province: cases in every state, for tests that look at all pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from console_desk import PASSWORD
from sqlalchemy import Engine
from web_samples import DAY, NOW, installation, sent_case

from langnghe import accounts
from langnghe.accounts import Role
from langnghe.app import App
from nlp.normalise import fold
from storage import accounts as stored
from storage import cases, contacts, search, silences, sources
from storage.accounts import AuditLine
from storage.search import Folded
from triage.case import Deadlines

#: Title, gist, topic, level, unit's id, state.
TOLD = (
    (
        "Nước rỉ từ bãi rác chảy ra kênh, bà con không dám tưới rau",
        "waste",
        2,
        "an-hiep",
        "proposed",
    ),
    (
        "Cầu khỉ vào ấp gãy nhịp, học trò phải lội qua rạch",
        "infrastructure",
        3,
        "an-hiep",
        "proposed",
    ),
    ("Trạm bơm hư ba tuần, ruộng khô nứt", "agriculture", 2, "an-dinh", "proposed"),
    ("Lò nấu mỡ bốc mùi khét về đêm", "pollution", 2, "ba-tri", "answered"),
    ("Lộ nhựa mới làm đã lún, xe tải vẫn chạy", "infrastructure", 1, "ba-tri", "sent"),
    ("Sạt lở bờ sông ăn vào sân nhà văn hóa", "safety", 3, "an-dinh", "acknowledged"),
    ("Nước máy đục và mặn từ giữa tháng", "water_climate", 3, "ba-tri", "approved"),
    ("Chợ tự phát lấn hết lề đường trước trường", "governance", 1, "an-hiep", "closed"),
)
STATEMENT = "Đã kiểm tra tại chỗ: lò nấu hoạt động ban đêm, đã lập biên bản và yêu cầu dừng."


@dataclass
class Scene:
    """The installation, its people (login by role) and its cases in the order of `TOLD`."""

    app: App
    logins: dict[Role, str] = field(default_factory=dict)
    cases: list[int] = field(default_factory=list)


def unit_id(short: str) -> str:
    return f"ubnd-xa-{short}"


def place_of(app: App, unit: str) -> tuple[str, str]:
    """Return key and full name of the commune that a unit governs."""
    entry = app.catalog.units[unit]
    place = app.gazetteer.by_code(entry.place, app.today())
    assert place is not None
    return place.key, f"{place.name}, tỉnh Vĩnh Long"


def scene(engine: Engine, folder: Path) -> Scene:
    """Return a province on its morning, on an empty database, to be served on loopback."""
    app = installation(
        engine, folder, public_url="http://langnghe.example", web={"port": 0, "sign_in_tries": 100}
    )
    made = Scene(app)
    for unit in ("an-hiep", "an-dinh", "ba-tri"):
        with app.sessions.begin() as session:
            contacts.confirm(session, unit_id(unit), f"{unit}@vidu.example", "test", NOW)
    for number, told in enumerate(TOLD, 1):
        made.cases.append(_case(app, number, *told))
    index(app)
    for role in Role:
        made.logins[role] = person(app, role)
    _surroundings(app)
    return made


def person(app: App, role: Role, unit: str = "an-hiep") -> str:
    """Make an account, and return its login."""
    login = f"ban-{role.value}"
    bound = unit_id(unit) if role is Role.UNIT else None
    with app.sessions.begin() as session:
        secret = accounts.make_invite(app, session, login, role, bound)
        assert accounts.accept_invite(app, session, secret, f"Bàn {role.value}", PASSWORD)
    return login


def _case(app: App, number: int, title: str, topic: str, level: int, unit: str, state: str) -> int:
    key, place = place_of(app, unit_id(unit))
    case = sent_case(
        app,
        number,
        title=title,
        gist=f"Bà con cho hay: {title[0].lower()}{title[1:]}.",
        topics=(topic,),
        severity=level,
        place_key=key,
        place=place,
        unit_id=unit_id(unit),
        unit_name=app.catalog.units[unit_id(unit)].name,
        opened_at=NOW - number * DAY / 2,
    )
    values: dict[str, Any] = {"state": state}
    if state in ("proposed", "approved"):
        values |= {"sent_at": None}
    if state == "proposed":
        values |= {"hold": "chỉ có một trang đăng tin"}
    if state == "answered":
        values |= {
            "statement": STATEMENT,
            "proposed_veracity": "true",
            "answered_at": NOW,
            "acknowledged_at": NOW - DAY,
        }
    if state == "closed":
        values |= {"closed_at": NOW - DAY / 4, "veracity": "true", "outcome": "fixed"}
    with app.sessions.begin() as session:
        cases.change(session, case, **values)
        if state == "sent":
            past = Deadlines(NOW - DAY, NOW + 4 * DAY, NOW + 19 * DAY)
            cases.set_deadlines(session, case, past)
    return case


def index(app: App) -> None:
    """Make all items searchable."""
    with app.sessions.begin() as session:
        waiting = search.unindexed(session, 1000)
        words = [Folded(one.id, one.version, fold(f"{one.title}\n{one.text}")) for one in waiting]
        search.index(session, words)


def _surroundings(app: App) -> None:
    """Add what other pages show: polls of sources, a silence, lines of the audit."""
    entries = list(app.catalog.sources.values())
    with app.sessions.begin() as session:
        silences.add(
            session,
            author="lead:ban-lead",
            reason="Đang sửa chữa theo kế hoạch đã công bố",
            at=NOW,
            until=NOW + timedelta(days=5),
            topics=["infrastructure"],
        )
        sources.switch(session, entries[0].id, on=False, note="đổi địa chỉ, chờ cập nhật")
        for action in ("signed_in", "looked", "decided"):
            stored.note(session, AuditLine(NOW, "account:ban-lead", action, "case:1", {}))
