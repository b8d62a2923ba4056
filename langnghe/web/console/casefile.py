"""Everything the page of one case shows, gathered in one reading transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from langnghe.app import App
from langnghe.contract import full_name
from langnghe.judging import unit_name
from langnghe.web.console.marking import marked
from storage import answers, attachments, board, dossier, evidence
from storage.answers import LinkedCase
from storage.attachments import StoredFile
from storage.cases import StoredCase
from storage.commitments import Entry
from storage.db import Session
from storage.dossier import Dossier
from storage.evidence import Evidence
from storage.sightings import Sighting, sightings
from triage.case import CaseState
from triage.moves import ALLOWED

#: Of how many items the whole text is shown, and how many are listed.
TEXTS, LISTED = 5, 60
_ALIKE = 10
Pieces = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Witness:
    """One item of the evidence, with what was seen of it; `pieces` is its marked text or ()."""

    item: Evidence
    seen: Sighting | None
    pieces: Pieces


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case as its page shows it.

    `can` are the moves its state allows, `claimed_by` who else looks at it, `left_out` how many
    items of the evidence are not listed.
    """

    kept: Dossier
    linked: LinkedCase
    originals: tuple[Witness, ...]
    copies: tuple[Witness, ...]
    left_out: int
    chain: tuple[StoredCase, ...]
    alike: tuple[StoredCase, ...]
    promises: tuple[Entry, ...]
    files: tuple[StoredFile, ...]
    can: frozenset[str]
    claimed_by: str
    unit_then: str
    candidates: tuple[tuple[str, str, str], ...]
    can_undo: bool


def open_file(app: App, session: Session, number: int, me: int) -> CaseFile | None:
    """Return a case with all about it, None without it."""
    kept, linked = dossier.open_dossier(session, number), answers.linked(session, number)
    if kept is None or linked is None:
        return None
    case, brief = kept.case, kept.case.brief
    originals, copies, left_out = _witnesses(session, brief.event_id)
    others = board.chain(session, number, brief.event_id, brief.recurs_of)
    known = {one.brief.case_id for one in others}
    alike = board.alike(session, brief.topics, case.place_key, number, _ALIKE)
    return CaseFile(
        kept=kept,
        linked=linked,
        originals=originals,
        copies=copies,
        left_out=left_out,
        chain=tuple(others),
        alike=tuple(one for one in alike if one.brief.case_id not in known),
        promises=kept.promises,
        files=tuple(attachments.of_case(session, number)),
        can=_can(brief.state),
        claimed_by=board.claims(session, [number], me, app.clock()).get(number, ""),
        unit_then=unit_name(app, case.unit_then) if case.unit_then else "",
        candidates=_candidates(app, case),
        can_undo=any("before" in entry.data for entry in kept.entries),
    )


def _can(state: CaseState) -> frozenset[str]:
    return frozenset(kind.value for kind, states in ALLOWED.items() if state in states)


def _candidates(app: App, case: StoredCase) -> tuple[tuple[str, str, str], ...]:
    """Return what the machine would choose from: ("unit" or "place", key, name)."""
    found = []
    for key in case.candidates:
        if key in app.catalog.units:
            found.append(("unit", key, unit_name(app, key)))
        elif key in app.gazetteer:
            found.append(("place", key, full_name(key, app.gazetteer) or key))
    return tuple(found)


def _witnesses(
    session: Session, event_id: int
) -> tuple[tuple[Witness, ...], tuple[Witness, ...], int]:
    line = evidence.of_events(session, [event_id]).get(event_id)
    every = line.evidence if line else ()
    shown = every[:LISTED]
    seen = sightings(session, [one.item_id for one in shown])
    made = [_witness(one, seen, text=n < TEXTS) for n, one in enumerate(shown)]
    originals = tuple(one for one in made if not one.item.copy)
    copies = tuple(one for one in made if one.item.copy)
    return originals, copies, len(every) - len(shown)


def _witness(one: Evidence, seen: Mapping[int, Sighting], *, text: bool) -> Witness:
    sighting = seen.get(one.item_id)
    return Witness(one, sighting, marked(sighting) if sighting and text else ())
