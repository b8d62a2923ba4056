"""What all mails and the digest tell in one way: the letterhead and the evidence."""

from __future__ import annotations

from config.settings import ZONE
from langnghe.app import App
from storage.evidence import EventLine
from triage.mail import Letterhead

_MOST_LINKS = 6


def letterhead(app: App) -> Letterhead:
    """Return in whose name mails speak."""
    names = {topic.id: topic.name for topic in app.catalog.topics.values()}
    return Letterhead(
        app.settings.mail.domain,
        agency=app.settings.agency,
        topics=names,
        console=console(app),
    )


def console(app: App) -> str:
    """Return the address of the pages, without a slash at its end; "" where it is not set."""
    return app.settings.public_url.rstrip("/")


def links(line: EventLine, most: int = _MOST_LINKS) -> tuple[tuple[str, str, str], ...]:
    """Return the evidence as (outlet, title, address); of a fanpage post page, day and gist."""
    shown = []
    for one in [one for one in line.evidence if not one.copy][:most]:
        if one.kind == "fanpage":
            words = " ".join(one.text.split())
            day = f"{one.at.astimezone(ZONE):%d/%m/%Y}"
            shown.append((one.outlet, f"{day}: {words[:160]}{'…' if len(words) > 160 else ''}", ""))
        else:
            shown.append((one.outlet, one.title, one.url))
    return tuple(shown)
