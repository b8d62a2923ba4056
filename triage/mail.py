"""Make the notices to the committee's own people, and what all mails share.

A notice is complete when it is made: same arguments, same key, same Message-ID, same
words. Whether and when it goes out is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.catalog import PolicyEntry
from config.settings import ZONE
from triage.case import CaseBrief
from triage.digest import DigestData
from triage.message import message_id
from triage.notice import WAITING, Notice
from triage.render import fit_mail, render, render_digest
from triage.wording import day_text, one_line


@dataclass(frozen=True, slots=True)
class Letterhead:
    """In whose name the mails speak, and how their Message-IDs end.

    `agency` is the office that runs the system; `reply_to` where answers by mail go,
    empty when a reply to the sender reaches it. `topics` gives topic ids their names;
    `console` is the address of the pages, empty where they have none.
    """

    domain: str
    agency: str = ""
    reply_to: str = ""
    topics: Mapping[str, str] | None = None
    console: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that waits for a person of the committee since then, and for what.

    `told` says that an earlier mail told it in full.
    """

    brief: CaseBrief
    since: datetime
    why: str = ""
    told: bool = False


#: So many cases that an earlier mail told are named again; the others are counted.
_NAMED_AGAIN = 5


def waiting_notice(
    proposed: Sequence[Waiting],
    answered: Sequence[Waiting],
    recipient: str,
    *,
    day: date,
    now: datetime,
    letterhead: Letterhead,
) -> Notice:
    """Return the mail that reminds the committee's people of what waits for them.

    `proposed` wait to be approved, `answered` to be confirmed and closed; the oldest stands
    first. What was told before is only named, the gravest first, and beyond a few counted.
    One a day and reader. Raises `ValueError` where nothing waits.
    """
    if not proposed and not answered:
        raise ValueError("nothing waits")
    new, given = _parted(proposed), _parted(answered)
    counted = ((len(proposed), "chờ duyệt"), (len(answered), "đã trả lời, chờ xác nhận"))
    heading = ", ".join(f"{count} vụ việc {what}" for count, what in counted if count)
    sections = [
        ("Chờ duyệt", "Chưa gửi cho đơn vị nào.", *new),
        ("Chờ xác nhận", "Đơn vị đã trả lời; chưa ai kết luận.", *given),
    ]
    context = {"heading": heading, "sections": sections, "now": now, "letterhead": letterhead}
    key = f"waiting:{day.isoformat()}:{recipient}"
    return Notice(
        key=key,
        kind=WAITING,
        recipient=recipient,
        subject=one_line(f"[Lắng Nghe] {heading}"),
        text=render("waiting.txt", context),
        html=render("waiting.html", context),
        message_id=message_id(key, letterhead.domain),
        created_at=now,
        not_before=now,
        case_ids=_shown(new, given),
    )


def digest_key(day: date, recipient: str) -> str:
    """Return the key of the one digest that a reader gets of a day."""
    return f"digest:{day.isoformat()}:{recipient}"


def digest_notice(
    data: DigestData,
    recipient: str,
    *,
    now: datetime,
    not_before: datetime,
    domain: str,
    console: str = "",
) -> Notice:
    """Return the mail that carries the day's digest to one reader, short enough to stay whole."""
    cap = fit_mail(data)
    key = digest_key(data.day, recipient)
    return Notice(
        key=key,
        kind="digest",
        recipient=recipient,
        subject=one_line(f"[Lắng Nghe] {day_text(data.day)}: {data.headline}"),
        text=render_digest(data, "text", cap, console),
        html=render_digest(data, "html", cap, console),
        message_id=message_id(key, domain),
        created_at=now,
        not_before=not_before,
    )


def quiet_until(now: datetime, policy: PolicyEntry, *, urgent: bool = False) -> datetime:
    """Return the first moment at or after `now` at which a mail may go out.

    `now` itself outside the quiet hours and for what is urgent; else the end of the
    quiet hours, which may run over midnight. Equal ends mean no quiet hours.
    """
    local = now.astimezone(ZONE)
    begin, end = policy.quiet_from, policy.quiet_to
    clock = local.time()
    over_midnight = begin > end
    quiet = (clock >= begin or clock < end) if over_midnight else begin <= clock < end
    if urgent or not quiet:
        return now
    morning = local.date() + timedelta(days=1 if over_midnight and clock >= begin else 0)
    return datetime.combine(morning, end, tzinfo=ZONE)


def _shown(*parts: tuple[list[Waiting], list[Waiting], int]) -> tuple[int, ...]:
    """Return the cases of which a mail repeats words: those that it only counts are not."""
    return tuple(sorted({one.brief.case_id for new, named, _ in parts for one in (*new, *named)}))


def _parted(waiting: Sequence[Waiting]) -> tuple[list[Waiting], list[Waiting], int]:
    """Return what is told in full, what is only named again, and how many more there are."""
    ordered = sorted(waiting, key=lambda one: (one.since, one.brief.case_id))
    again = sorted((one for one in ordered if one.told), key=lambda one: -one.brief.severity)
    named = again[:_NAMED_AGAIN]
    return [one for one in ordered if not one.told], named, len(again) - len(named)
