"""The landfill of An Hiệp, 2023 to 2025: one event, one case an outbreak, two maps.

Dates are the true ones; the words are ours.
"""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import ZONE
from langnghe.app import App
from langnghe.correspond import correspond
from langnghe.deciding import Actor, act
from langnghe.delivering import deliver
from langnghe.importing import import_file
from langnghe.pressfolder import BUNDLED
from langnghe.rounds import understand
from storage import cases
from storage.cases import StoredCase
from triage.act import Act, Kind, MoveRefused
from triage.case import CaseOutcome, CaseState, Veracity

ANALYST = Actor("analyst:trực ban")

PAPERS: dict[str, dict[str, str]] = json.loads(
    (Path(__file__).parent / "data" / "story_an_hiep.json").read_text("utf-8")
)


class Story:
    """A committee at work: papers come in, rounds run, people decide, the clock is turned."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(BUNDLED / "config", folder)
        self.now = datetime(2023, 7, 17, 8, tzinfo=ZONE)
        self.app = App(folder, clock=lambda: self.now)
        self._file = folder.parent / "tin.jsonl"

    def paper(self, source: str, paper: str, at: datetime) -> None:
        """Bring one article in and run the round that finds it."""
        self.now = at
        url = f"https://{source}.example/{at:%Y%m%d}/bai.html"
        row = {
            "id": url,
            "url": url,
            "published": at.isoformat(),
            **PAPERS[paper],
        }
        self._file.write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
        import_file(self.app, self._file, source, read=False)
        self.round()

    def round(self) -> None:
        """Run the stages of a round that need no web."""
        understand(self.app)
        correspond(self.app, f"{self.now:%Y%m%dT%H%M%S}")
        deliver(self.app)

    def do(self, number: int, asked: Act, actor: Actor = ANALYST) -> None:
        """Decide something."""
        with self.app.sessions.begin() as session:
            act(self.app, session, number, asked, actor)

    def cases(self) -> list[StoredCase]:
        """All cases, oldest first."""
        with self.app.views() as session:
            return cases.find(session)[::-1]

    def history(self, number: int) -> list[str]:
        """What happened to a case, in order."""
        with self.app.views() as session:
            told = cases.show(session, number)
        assert told is not None
        return [entry.kind for entry in told.entries]

    def mails(self) -> list[tuple[str, str]]:
        """Key and recipient of everything about cases that was ever queued, oldest first."""
        with self.app.views() as session:
            found = {
                (key, recipient)
                for case in cases.find(session)
                for key, recipient, _, _ in cases.show(session, case.brief.case_id).notices  # type: ignore[union-attr]
            }
        return sorted(found)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path / "operator")


@pytest.mark.slow
def test_one_event_one_case_an_outbreak_over_two_maps(story: Story) -> None:
    story.paper("xanhnambo", "first", datetime(2023, 7, 17, 9, tzinfo=ZONE))
    first = story.cases()[0]
    assert first.brief.state is CaseState.PROPOSED, "a gathering always waits for a person"
    assert "tụ tập" in (first.hold or "")
    assert first.brief.unit_id == "ubnd-huyen-ba-tri"
    assert story.mails() == []

    story.do(first.brief.case_id, Act(Kind.APPROVE))
    story.now += timedelta(minutes=15)
    story.round()
    alerted = story.mails()
    assert [to for _, to in alerted] == ["vp.batri@bentre.example"]

    story.paper("balai", "second", datetime(2023, 7, 18, 16, tzinfo=ZONE))
    assert len(story.cases()) == 1, "the second paper is the same event, already alerted"

    huyen = Actor("unit:ubnd-huyen-ba-tri", unit_id="ubnd-huyen-ba-tri")
    number = first.brief.case_id
    story.do(number, Act(Kind.ACKNOWLEDGE), huyen)
    story.now = datetime(2023, 10, 6, 17, tzinfo=ZONE)
    promised = Act(
        Kind.ANSWER,
        "Đã đối thoại với các hộ dân ngày 6-10. Bãi rác quá tải, nước rỉ tràn là có thật. "
        "Huyện đắp bờ bao, hút nước rỉ và phủ bạt xong trước mùa mưa.",
        veracity=Veracity.TRUE,
        outcome=CaseOutcome.SCHEDULED,
        due=date(2024, 4, 30),
    )
    story.do(number, promised, huyen)
    story.now = datetime(2023, 10, 9, 8, tzinfo=ZONE)
    story.do(number, Act(Kind.CLOSE))

    story.paper("datdua", "third", datetime(2024, 7, 11, 9, tzinfo=ZONE))
    second = story.cases()[-1]
    assert second.brief.event_id == first.brief.event_id
    assert second.brief.recurs_of == number
    assert second.brief.unit_id == "ubnd-huyen-ba-tri"
    assert any("Lời hứa đến ngày 30/04/2024 chưa được thực hiện" in why for why in second.brief.why)
    assert "promise_late" in story.history(number)
    story.do(second.brief.case_id, Act(Kind.APPROVE))
    story.now += timedelta(minutes=15)  # a unit gets one mail a round
    story.round()
    story.do(
        second.brief.case_id,
        Act(Kind.CLOSE, "Đã thông xe.", veracity=Veracity.TRUE, outcome=CaseOutcome.FIXED),
    )

    story.paper("balai", "fourth", datetime(2025, 7, 22, 9, tzinfo=ZONE))
    third = story.cases()[-1]
    assert third.brief.event_id == first.brief.event_id
    assert third.brief.recurs_of == second.brief.case_id
    assert third.brief.unit_id == "ubnd-xa-an-hiep"
    assert len(story.cases()) == 3


def test_bare_name_of_two_communes_is_held(story: Story) -> None:
    story.paper("balai", "bare", datetime(2023, 8, 4, 15, tzinfo=ZONE))
    held = story.cases()[0]
    assert held.brief.state is CaseState.PROPOSED
    assert held.brief.unit_id == "hang-doi-tinh-ben-tre", "two communes bore that name"
    with pytest.raises(MoveRefused, match="địa chỉ"):
        story.do(held.brief.case_id, Act(Kind.APPROVE))
    story.do(held.brief.case_id, Act(Kind.CORRECT, place_key=held.candidates[0]))
    assert story.cases()[0].brief.unit_id == "ubnd-huyen-ba-tri"
    assert len(held.candidates) >= 2
    assert story.mails() == []
