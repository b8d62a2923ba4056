"""/cai-dat: one's language and password, silences, and the rules that the files set."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from langnghe import accounts, silencing
from langnghe.accounts import Right
from langnghe.app import App
from langnghe.passwords import BadPassword
from langnghe.silencing import BadSilence
from langnghe.web.console.guard import SIGN_IN, Answer, Desk, Form, Visit
from storage import rates, silences, trained
from storage.silences import StoredSilence

#: So many wrong old passwords in a quarter of an hour, then nothing is tried.
TRIES, WINDOW = 10, timedelta(minutes=15)
_MOST_OVER = 20
_REASON = 500


def routes(_: App, desk: Desk) -> list[Any]:
    """Return the routes of the page and of its forms."""
    return [
        desk.look("/cai-dat", Right.SELF, _show),
        desk.do("/cai-dat/mat-khau", Right.SELF, _password),
        desk.do("/cai-dat/tam-ngung", Right.DECIDE, _silence),
        desk.do("/cai-dat/tam-ngung/{number:str}/ket-thuc", Right.DECIDE, _end),
    ]


def _show(
    visit: Visit, *, status: int = 200, problem: str = "", at: str = "", typed: Form | None = None
) -> Answer:
    app = visit.app
    now = app.clock()
    with app.views() as session:
        every = silences.every(session)
        model = trained.in_use(session)
    holding = [one for one in every if one.ended_at is None and one.until > now]
    over = [one for one in every if one not in holding][:_MOST_OVER]
    versions = {
        "Cấu hình": app.catalog.hash,
        "Danh mục địa bàn": app.gazetteer.version,
        "Mô hình đọc": model.version if model else "mô hình kèm theo",
        "Cơ sở dữ liệu": app.engine.dialect.name,
    }
    context = {
        "holding": [(one, about(app, one)) for one in holding],
        "over": [(one, about(app, one)) for one in over],
        "policy": app.catalog.policy.model_dump(mode="json", exclude={"id", "clocks", "weights"}),
        "clocks": app.catalog.policy.clocks,
        "weights": app.catalog.policy.weights,
        "versions": versions,
        "topics": list(app.catalog.topics.values()),
        "typed": typed or {},
    }
    return visit.page("console/settings.html", status=status, problem=problem, at=at, **context)


def about(app: App, one: StoredSilence) -> str:
    """Say in words what a silence is about."""
    if one.event_id is not None:
        return f"sự việc {one.event_id}"
    topics = [app.catalog.topics[t].name if t in app.catalog.topics else t for t in one.topics]
    places = [app.gazetteer.get(key).name for key in one.places if key in app.gazetteer]
    return "; ".join(", ".join(dict.fromkeys(part)) for part in (topics, places) if part)


def _password(visit: Visit, form: Form) -> Answer:
    app, new = visit.app, form.get("new", "")
    if new != form.get("again"):
        words = "Hai lần nhập mật khẩu không giống nhau."
        return _show(visit, status=422, problem=words, at="password")
    with app.sessions.begin() as session:
        tried = rates.count(session, f"password:{visit.me.id}", app.clock(), WINDOW)
    if tried > TRIES:
        words = "Thử quá nhiều lần. Hãy đợi 15 phút rồi thử lại."
        return _show(visit, status=429, problem=words, at="password")
    try:
        with app.sessions.begin() as session:
            done = accounts.change_password(app, session, visit.me, form.get("old", ""), new)
    except BadPassword as error:
        return _show(visit, status=422, problem=str(error), at="password")
    if not done:
        return _show(visit, status=422, problem="Mật khẩu cũ không đúng.", at="password")
    return visit.to(SIGN_IN)


def _silence(visit: Visit, form: Form) -> Answer:
    event = form.get("event", "").strip()
    try:
        if event and not (event.isascii() and event.isdecimal() and len(event) <= 15):
            raise BadSilence("event", "Số sự việc không đúng.")
        with visit.app.sessions.begin() as session:
            number = silencing.add(
                visit.app,
                session,
                author=f"analyst:{visit.me.login}",
                reason=form.get("reason", "")[:_REASON],
                until=_day(form.get("until", "")),
                event=int(event) if event else None,
                topics=[form["topic"]] if form.get("topic") else (),
                places=[form["place"].strip()] if form.get("place", "").strip() else (),
            )
            visit.note(session, "silence_added", str(number))
    except BadSilence as error:
        return _show(visit, status=422, problem=error.why, at="silence", typed=form)
    return visit.to("/cai-dat#tam-ngung")


def _day(text: str) -> datetime:
    try:
        return datetime.combine(datetime.fromisoformat(text.strip()).date(), time())
    except ValueError:
        raise BadSilence("until", "Ngày không đúng.") from None


def _end(visit: Visit, _: Form) -> Answer:
    number = visit.number()
    with visit.app.sessions.begin() as session:
        woken = silencing.end(visit.app, session, number, f"analyst:{visit.me.login}")
        if woken is not None:
            visit.note(session, "silence_ended", str(number), woken=woken)
    return visit.to("/cai-dat#tam-ngung")
