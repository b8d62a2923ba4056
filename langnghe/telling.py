"""The stage that tells: the day's digest, made once, kept, and written out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import TypeAdapter

from langnghe.app import App, make_folder, write_whole
from langnghe.digesting import entries, pledges, unheard
from langnghe.hearing import coverage
from storage import digests
from storage.db import Session
from storage.digests import StoredDigest
from triage.assemble import assemble
from triage.digest import DigestData
from triage.docx import Agency, render_docx
from triage.render import render_digest

_FORM = TypeAdapter(DigestData)
_WEEK = timedelta(days=7)
#: A digest so many days older than a week still serves to compare with.
_NEAR = 2


def tell(app: App, day: date) -> Path:
    """Make the digest of `day` if it was not made, and return its HTML file.

    Keeping it and remembering what was told is one transaction: a repeat tells the same.
    """
    with app.sessions.begin() as session:
        data = told(session, day)
        if data is None:
            data = build(app, session, day)
            digests.save(session, StoredDigest(day, data.made_at, as_plain(data)), _told(data))
    return write_files(app, data)


def told(session: Session, day: date) -> DigestData | None:
    """Return the digest of a day as it was told; None if none was."""
    stored = digests.get(session, day)
    return None if stored is None else of_plain(stored.data)


def as_plain(data: DigestData) -> dict[str, Any]:
    """Return a digest as it is kept."""
    plain: dict[str, Any] = _FORM.dump_python(data, mode="json")
    return plain


def of_plain(plain: Mapping[str, Any]) -> DigestData:
    """Return a digest that was kept."""
    return _FORM.validate_python(plain)


def was_told(app: App, day: date) -> bool:
    """Say whether the digest of a day was made on that day."""
    with app.views() as session:
        return digests.get(session, day) is not None


def digest_bytes(app: App, day: date, form: str) -> bytes:
    """Return the digest of a day as html, text, json or docx.

    As it was told that day; if none was, as it would be told now, keeping nothing.
    """
    with app.views() as session:
        data = told(session, day) or build(app, session, day)
    if form == "docx":
        return render_docx(data, agency(app))
    return render_digest(data, cast(Literal["html", "text", "json"], form)).encode()


def agency(app: App) -> Agency:
    """Return in whose name reports are written."""
    return Agency(app.settings.agency, place=app.settings.province)


def build(app: App, session: Session, day: date) -> DigestData:
    """Put the digest of `day` together from the tables, as they stand now."""
    now = app.clock()
    found = entries(app, session, digests.candidates(session, digests.last_before(session, day)))
    before = digests.near(session, day - _WEEK, _NEAR)
    return assemble(
        found,
        digests.told_before(session, [entry.event_id for entry in found], day),
        day=day,
        province=app.settings.province,
        made_at=now,
        coverage=coverage(app, session, now),
        floor=app.catalog.policy.digest_floor,
        pledges=pledges(app, session, day),
        unheard=unheard(app, session, now),
        week_before=None if before is None else of_plain(before.data),
    )


def _told(data: DigestData) -> Iterator[tuple[int, str, str]]:
    where = {entry.event_id: section.value for section, found in data.sections() for entry in found}
    for event, fingerprint in data.told:
        yield event, where.get(event, "counted"), fingerprint


def file_of(app: App, day: date) -> Path:
    """Return the HTML file of the digest of a day, whether it is there or not."""
    return app.settings.data_dir / "digests" / f"{day.isoformat()}.html"


def write_files(app: App, data: DigestData) -> Path:
    """Write a digest as HTML and as text, and return the HTML file."""
    path = file_of(app, data.day)
    make_folder(path.parent)
    write_whole(path, render_digest(data, "html").encode())
    write_whole(path.with_suffix(".txt"), render_digest(data, "text").encode())
    return path
