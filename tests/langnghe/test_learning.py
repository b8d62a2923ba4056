"""Training on one installation's labels: promoted unless worse, refused, rolled back, broken."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from langnghe import learning
from langnghe.app import App
from langnghe.cli import app as command
from langnghe.doctor import examine
from langnghe.learning import Trained, adopt, is_held_out, row_of, train_here, work_folder
from langnghe.promotion import Decision
from langnghe.rereading import compare
from langnghe.rounds import understand
from nlp.reader import Reader
from nlp.topics import OUTPUTS, SHIPPED, ModelError, load_model
from nlp.training import data
from storage import items, labels, lessons, readings, trained
from storage.items import KeptItem
from storage.trained import ModelState

NOW = datetime(2026, 3, 4, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
#: Topic and sentence of places, of which the shipped model knows nothing.
SUBJECTS = {
    "education": "Phụ huynh trường tiểu học ấp {n} xã Tân Thủy, huyện Ba Tri lo vì mái hiên nứt.",
    "infrastructure": "Cầu ván ấp {n} xã An Hiệp, huyện Ba Tri gãy nhịp, bà con không qua được.",
    "waste": "Rác chất đống ở chợ ấp {n} xã An Hiệp, huyện Ba Tri cả tuần chưa ai gom.",
}


@pytest.fixture
def app(engine: Engine, tmp_path: Path, shipped_parts: dict[str, Any]) -> App:
    url = engine.url.render_as_string(hide_password=False)
    made = App(None, clock=lambda: NOW, data_dir=tmp_path, database_url=url)
    vars(made).update(shipped_parts, engine=engine)
    return made


def keep(app: App, number: int, title: str, text: str) -> KeptItem:
    one = KeptItem(
        source_id="bao",
        outlet="Báo",
        kind="press",
        url=f"https://bao.example.vn/{number}",
        external_id=str(number),
        title=title,
        text=text,
        published=NOW - 5 * HOUR,
        fetched_at=NOW - 4 * HOUR,
        body_sha256=f"{number:064x}",
    )
    with app.sessions.begin() as session:
        items.keep(session, [one])
    return one


def some_items(app: App, count: int) -> list[int]:
    """Keep and read items on a few subjects, and return their ids."""
    subjects = list(SUBJECTS.values())
    for n in range(1, count + 1):
        keep(app, n, f"Tin {n}", subjects[n % len(subjects)].format(n=n))
    understand(app)
    with app.views() as session:
        return sorted(readings.by_items(session, range(1, count + 1)))


def say(app: App, ids: list[int], **said: Any) -> None:
    with app.sessions.begin() as session:
        labels.say(session, ids, said, "analyst:lan", NOW)


def copied(app: App, folder: Path, *, promote: bool = True) -> Trained:
    """Return a model that calls nothing an issue; else it is the shipped one."""
    import numpy as np

    from nlp.training import build

    with np.load(SHIPPED, allow_pickle=False) as held:
        arrays = {name: held[name] for name in held.files}
    limits = dict(zip(build.meta(arrays)["thresholds"], arrays["thresholds"].tolist(), strict=True))
    arrays["bias"][OUTPUTS.index("is_issue")] -= 50
    arrays = build.label(arrays, limits)
    np.savez_compressed(folder / "other.npz", allow_pickle=False, **arrays)
    version = str(build.meta(arrays)["version"])
    decision = Decision(promote, "vì vậy", ())
    return Trained(version, folder / "other.npz", 1, 0, decision)


def told(app: App) -> dict[str, Any]:
    return {finding.part: finding for finding in examine(app)}


def everything_read(app: App) -> list[dict[str, Any]]:
    with app.views() as session:
        found = readings.as_read(session, range(1, 99))
        return [asdict(found[item]) for item in sorted(found)]


def test_what_is_held_out_follows_from_the_address_alone() -> None:
    held = [n for n in range(500) if is_held_out(f"https://bao.example.vn/{n}")]

    assert 70 < len(held) < 130
    assert held == [n for n in range(500) if is_held_out(f"https://bao.example.vn/{n}")]


def test_a_row_says_what_people_said_and_leaves_the_rest_as_read(app: App) -> None:
    one, two = some_items(app, 2)
    say(app, [one], topics=["health"])
    say(app, [two], is_issue=False)

    with app.views() as session:
        first, second = map(row_of, lessons.lessons(session))

    assert (first["id"], first["gold"]["topics"]) == (f"item-{one}", ["health"])
    assert first["gold"]["is_issue"] is True
    assert 1 <= first["gold"]["severity"] <= 3
    assert (second["gold"]["is_issue"], second["gold"]["severity"]) == (False, 0)


def test_without_labels_there_is_nothing_to_learn(app: App, tmp_path: Path) -> None:
    some_items(app, 1)

    assert train_here(app, tmp_path) is None


@pytest.mark.slow
def test_labels_make_a_model_that_reads_from_the_next_round_on(app: App, tmp_path: Path) -> None:
    ids = some_items(app, 12)
    say(app, ids, is_issue=True)
    before = everything_read(app)

    with work_folder(app) as folder:
        made = train_here(app, Path(folder))
        assert made is not None
        kept = adopt(app, made)

    held = sum(is_held_out(f"https://bao.example.vn/{n}") for n in ids)
    assert made.held_out == held > 0
    assert 0 < made.learnt < 12 - held  # near-duplicates of what is held out are left out too
    assert {one.held_out for one in made.decision.differences} == {"shipped", "own"}
    assert kept.state is (ModelState.IN_USE if made.decision.promote else ModelState.REFUSED)
    assert (tmp_path / kept.path).is_file()
    assert [path.name for path in (tmp_path / "models").iterdir()] == [made.version]
    with app.sessions.begin() as session:
        trained.use(session, made.version, "bằng tay")
    keep(app, 50, "Tin 50", "Đường ấp 5 xã An Hiệp, huyện Ba Tri lún sụt, xe không qua được.")
    understand(app)
    assert everything_read(app)[:12] == before  # forward only
    assert everything_read(app)[12]["version"].startswith(made.version)


@pytest.mark.slow
def test_a_worse_model_is_refused_and_the_old_one_goes_on(app: App) -> None:
    # Somebody swears that every problem of the examples is none, and the reverse.
    wrong = [one for one in data.examples("train") if len(one.id) == 4]
    for n, one in enumerate(wrong, 1):
        keep(app, n, one.title or f"Tin {n}", f"{one.text} ({n})")
    understand(app)
    with app.sessions.begin() as session:
        for n, one in enumerate(wrong, 1):
            said = {"is_issue": not one.is_issue, "topics": ["business"]}
            labels.say(session, [n], said, "analyst:lan", NOW)

    with work_folder(app) as folder:
        made = train_here(app, Path(folder))
        assert made is not None
        kept = adopt(app, made)

    assert not made.decision.promote
    assert any(one.worse for one in made.decision.differences if one.held_out == "shipped")
    assert (kept.state, kept.why) == (ModelState.REFUSED, made.decision.why)
    app.renew_reader()
    assert app.reader.version.startswith(load_model().version)


def test_rollback_restores_the_very_same_readings(app: App, tmp_path: Path) -> None:
    some_items(app, 6)
    before = everything_read(app)
    shipped = app.reader.version

    made = copied(app, tmp_path)
    adopt(app, made)
    app.renew_reader()
    assert app.reader.version.startswith(made.version)
    assert everything_read(app) == before  # nothing is read again by itself
    differing = list(compare(app, app.reader, NOW - timedelta(days=9)))
    assert {shift.kind for shift in differing} == {"loses"}
    with app.sessions.begin() as session:
        assert trained.roll_back(session, "lùi") == ""
    app.renew_reader()

    assert app.reader.version == shipped
    assert list(compare(app, app.reader, NOW - timedelta(days=9))) == []
    assert everything_read(app) == before


def test_shifts_say_which_events_lose_their_case_and_change_nothing(
    app: App, tmp_path: Path
) -> None:
    ids = some_items(app, 3)
    before = everything_read(app)
    reader = Reader(load_model(copied(app, tmp_path).file), app.finder)

    shifts = list(compare(app, reader, NOW - timedelta(days=9)))

    assert [(shift.kind, shift.event, shift.after["verdict"]) for shift in shifts] == [
        ("loses", event, "nothing") for event in ids
    ]
    assert everything_read(app) == before
    say(app, ids, is_issue=True, severity=3, topics=["waste"])
    assert list(compare(app, reader, NOW - timedelta(days=9))) == []  # a person's word stands
    assert list(compare(app, reader, NOW)) == []


def test_an_item_that_would_become_an_issue_gains_a_case(app: App, tmp_path: Path) -> None:
    shipped = app.reader
    adopt(app, copied(app, tmp_path))
    some_items(app, 1)

    (gained,) = compare(app, shipped, NOW - timedelta(days=9))

    assert (gained.kind, gained.event, gained.item) == ("gains", None, 1)
    assert gained.before == {"verdict": "no issue"}


@pytest.mark.parametrize("broken", [None, b"not a model"])
def test_a_lost_or_broken_model_falls_back_loudly(
    app: App, tmp_path: Path, capsys: pytest.CaptureFixture[str], broken: bytes | None
) -> None:
    some_items(app, 1)
    shipped = app.reader.version
    kept = adopt(app, copied(app, tmp_path))
    file = tmp_path / kept.path
    good = file.read_bytes()
    file.unlink() if broken is None else file.write_bytes(broken)

    keep(app, 9, "Tin 9", SUBJECTS["waste"].format(n=9))
    understand(app)

    assert everything_read(app)[-1]["version"] == shipped
    said = capsys.readouterr()  # the logs of an earlier test of this process may write to either
    assert "model unusable" in said.out + said.err
    assert not told(app)["model"].ok
    assert str(file) in told(app)["model"].what
    file.write_bytes(good)
    app.renew_reader()
    assert app.reader.version != shipped
    assert told(app)["model"].ok


def test_the_model_of_the_settings_wins_and_lies_in_the_operators_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "langnghe.toml").write_text('model = "my/model.npz"\n', "utf-8")
    (tmp_path / "my").mkdir()
    made = copied(App(None), tmp_path)
    (tmp_path / "my" / "model.npz").write_bytes(made.file.read_bytes())
    monkeypatch.chdir("/")

    app = App(tmp_path)

    assert app.settings.model == tmp_path / "my" / "model.npz"
    assert app.reader.version.startswith(made.version)
    (tmp_path / "my" / "model.npz").unlink()
    assert App(tmp_path).chosen.fault.startswith(str(tmp_path))


def test_a_model_that_was_named_for_this_once_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        _ = App(None, model=tmp_path / "none.npz").reader


def test_an_unreachable_database_does_not_keep_a_text_from_being_read(tmp_path: Path) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"

    app = App(None, data_dir=tmp_path, database_url=url)

    assert app.reader.version.startswith(load_model().version)


def call(folder: Path, *words: str) -> tuple[int, list[Any], str]:
    result = CliRunner().invoke(command, ["--config", str(folder), *words])
    return (
        result.exit_code,
        [json.loads(line) for line in result.stdout.splitlines()],
        result.stderr,
    )


def test_models_are_listed_used_and_rolled_back_by_command(tmp_path: Path) -> None:
    (tmp_path / "langnghe.toml").write_text('data_dir = "data"\n', "utf-8")
    app = App(tmp_path)
    made = copied(app, tmp_path)
    adopt(app, made)
    shipped = load_model().version

    code, listed, _ = call(tmp_path, "models", "list")
    assert code == 0
    assert [(one["version"], one["state"]) for one in listed] == [
        (made.version, "in_use"),
        (shipped, "kept"),
    ]
    code, (back,), _ = call(tmp_path, "models", "rollback")
    assert (code, back["version"], back["reader"].partition(".")[0]) == (0, "shipped", shipped)
    code, _, words = call(tmp_path, "models", "rollback")
    assert (code, "không còn mô hình nào" in words) == (1, True)
    code, (used,), _ = call(tmp_path, "models", "use", made.version)
    assert (code, used["reader"].partition(".")[0]) == (0, made.version)
    assert call(tmp_path, "models", "use", "cccc")[0] == 1
    code, (used,), _ = call(tmp_path, "models", "use", "shipped")
    assert (code, used["version"]) == (0, "shipped")
    (tmp_path / "data" / "models" / made.version / learning.FILE).write_bytes(b"?")
    assert call(tmp_path, "models", "use", made.version)[0] == 1


def test_training_by_command_says_when_nobody_said_anything(tmp_path: Path) -> None:
    (tmp_path / "langnghe.toml").write_text('data_dir = "data"\n', "utf-8")

    code, (found,), _ = call(tmp_path, "train")

    assert (code, found["version"], found["state"]) == (0, None, "none")
    assert call(tmp_path, "reread") == (0, [], "")
