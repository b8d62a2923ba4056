"""Daily lists of evidence, chained by hash: nobody changes a text afterwards without it being seen.

For each day that is over there is one file, `evidence/YYYY-MM-DD.jsonl` in the data
folder: a head that names the hash of the file of the day before, and a line for each text
that came. Who keeps the last hash elsewhere (printed, mailed) can prove all before it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from config.errors import LangNgheError
from config.settings import ZONE
from langnghe.app import App, make_folder, write_whole
from nlp.reading import seen
from storage import erasing, versions
from storage.ledger import address_mark

_DAY = timedelta(days=1)
_BATCH = 1000
NOTHING = "0" * 64
#: The hash of a text whose words were deleted.
_BLANK = hashlib.sha256(seen(erasing.ERASED, "").encode()).hexdigest()


class SealError(LangNgheError):
    """A list of evidence that cannot be gone on from."""

    reason = "evidence"


@dataclass(frozen=True, slots=True)
class Sealed:
    """The list of one day. `seal` is the hash of its file, `before` that of the day before."""

    day: date
    texts: int
    before: str
    seal: str


@dataclass(frozen=True, slots=True)
class Break:
    """The first thing that does not fit. `what` is told in Vietnamese."""

    day: date
    what: str


def seal(app: App) -> list[Sealed]:
    """Write the lists of all days that are over and have none; repeating it adds nothing.

    Raises `SealError` where a list that is there cannot be read.
    """
    done = sealed(app)
    with app.views() as session:
        first = versions.first_seen(session)
    if first is None:
        return []
    day = done[-1].day + _DAY if done else first.astimezone(ZONE).date()
    before = done[-1].seal if done else NOTHING
    made = []
    while day < app.today():
        made.append(_write(app, day, before))
        before, day = made[-1].seal, day + _DAY
    return made


def sealed(app: App) -> list[Sealed]:
    """Return the lists there are, oldest first, as their files stand."""
    return [_head(path) for path in _files(app)]


def verify(app: App) -> tuple[int, Break | None]:
    """Compare all lists with each other and with the tables.

    Returns how many texts fit, and the first thing that does not.
    """
    texts, before, next_day = 0, NOTHING, None
    for path in _files(app):
        day = date.fromisoformat(path.stem)
        if next_day is not None and day != next_day:
            return texts, Break(next_day, "thiếu danh mục của ngày này")
        try:
            head, proofs = _read(path)
        except (ValueError, KeyError, TypeError):
            return texts, Break(day, "danh mục không đọc được")
        if head["before"] != before or head["day"] != day.isoformat():
            return texts, Break(day, "không nối được với danh mục của ngày trước")
        if head["texts"] != len(proofs):
            return texts, Break(day, f"phải có {head['texts']} văn bản, nay còn {len(proofs)}")
        if wrong := _wrong(app, proofs):
            return texts, Break(day, wrong)
        texts, before, next_day = texts + len(proofs), _hash(path), day + _DAY
    return texts, None


def _wrong(app: App, proofs: list[dict[str, Any]]) -> str:
    """Compare the lines of one list with what is kept; say the first difference."""
    lines = iter(proofs)
    while part := list(islice(lines, _BATCH)):
        with app.views() as session:
            kept = versions.as_kept(session, [(one["item"], one["version"]) for one in part])
            gone = erasing.erased(session, {one["item"] for one in part})
        for line in part:
            found = kept.get((line["item"], line["version"]))
            if wrong := _differs(line, found, gone.get(line["item"])):
                return f"tin {line['item']}, bản {line['version']}: {wrong}"
    return ""


def _differs(line: dict[str, Any], found: versions.Proof | None, told: set[str] | None) -> str:
    """Compare one line with what is kept. `told`: what the ledger names, where words are deleted.

    Words that are gone and named there fit, and so does an address that is gone; all else of
    such a text has to fit as that of any other.
    """
    if found is None:
        return "không còn được lưu"
    now = _plain(found)
    if told is not None and now["text_sha256"] == _BLANK:
        if line["text_sha256"] not in told:
            return "lời đã xóa mà sổ xóa không ghi"
        now["text_sha256"] = line["text_sha256"]
    if told is not None and now["url"] == f"erased:{address_mark(line['url'])}":
        now["url"] = line["url"]
    changed = [key for key, value in line.items() if now.get(key) != value]
    return f"khác với lúc nhận ({', '.join(changed)})" if changed else ""


def _write(app: App, day: date, before: str) -> Sealed:
    begin = datetime.combine(day, time(), tzinfo=ZONE)
    with app.views() as session:
        lines = [_plain(one) for one in versions.between(session, begin, begin + _DAY)]
    head = {"day": day.isoformat(), "texts": len(lines), "before": before}
    body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in (head, *lines))
    folder = _folder(app)
    make_folder(folder)
    path = folder / f"{day}.jsonl"
    write_whole(path, body.encode())
    return Sealed(day, len(lines), before, _hash(path))


def _plain(proof: versions.Proof) -> dict[str, Any]:
    return asdict(proof) | {"seen_at": proof.seen_at.astimezone(ZONE).isoformat()}


def _read(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    head, *lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    if not isinstance(head, dict):
        raise ValueError("no head")
    return head, lines


def _head(path: Path) -> Sealed:
    try:
        head, _ = _read(path)
        return Sealed(date.fromisoformat(path.stem), head["texts"], head["before"], _hash(path))
    except (ValueError, KeyError) as error:
        raise SealError(f"{path}: cannot be read; see `langnghe evidence verify`") from error


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(app: App) -> Iterator[Path]:
    yield from sorted(_folder(app).glob("????-??-??.jsonl"))


def _folder(app: App) -> Path:
    return app.settings.data_dir / "evidence"
