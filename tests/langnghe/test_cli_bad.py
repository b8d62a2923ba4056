"""What the command does with bad input: a clear line, an exit status, nothing lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from typer.testing import CliRunner, Result

from config.errors import ConfigError
from config.settings import ZONE
from langnghe.app import App
from langnghe.cli import app
from langnghe.demo import replay
from langnghe.jobs import schedule
from langnghe.telling import tell


def call(*words: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=stdin)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "langnghe.toml").write_text('data_dir = "data"\n', "utf-8")
    return tmp_path


def test_import_goes_on_behind_a_broken_line_and_says_so(folder: Path) -> None:
    (folder / "data").mkdir()
    path = folder / "data" / "b.jsonl"
    path.write_text('{"id": "1", "text": "Đường ngập"}\n{broken\n{"id": "3", "text": "Cầu yếu"}\n')

    result = call("-c", folder, "import", path, "--no-read")

    assert (result.exit_code, json.loads(result.stdout)["import"]["kept"]) == (1, 2)
    assert "tệp có 1 dòng hỏng (dòng 2: không phải JSON); 2 tin mới" in result.stderr


def test_import_says_why_a_file_gave_nothing(folder: Path) -> None:
    result = call("-c", folder, "import", folder / "khong-co.csv", "--no-read")

    assert result.exit_code == 1
    assert "không mở được tệp" in result.stderr


def test_export_into_no_folder_is_a_line(folder: Path) -> None:
    result = call("-c", folder, "export", "--out", folder / "x" / "y.csv")

    assert (result.exit_code, type(result.exception)) == (2, SystemExit)
    assert "--out: No such file or directory" in result.stderr


def test_analyse_takes_half_a_character(folder: Path) -> None:
    line = '{"id": "\\ud800", "title": "a", "text": "\\ud800 xã An Hiệp, Ba Tri"}'

    result = call("-c", folder, "analyse", stdin=line)

    assert result.exit_code == 0
    assert json.loads(result.stdout)["masked_text"] == "xã An Hiệp, Ba Tri"


def test_serve_ends_at_once_where_data_cannot_be_kept(folder: Path) -> None:
    (folder / "data").write_text("một tệp")

    result = call("-c", folder, "serve")

    assert result.exit_code == 2
    assert str(folder / "data") in result.stderr


def test_extract_of_no_page_fails(folder: Path) -> None:
    page = folder / "trong.html"
    page.write_text("")

    result = call("extract", page, "--url", "http://bao.example/a")

    assert result.exit_code == 1
    assert "no main text found" in result.stderr


def test_a_day_that_was_never_told_is_said_to_be_today(folder: Path) -> None:
    result = call("-c", folder, "digest", "--on", "2020-01-01")

    assert result.exit_code == 0
    assert "2020-01-01: ngày này chưa lập bản tin" in result.stderr


@pytest.mark.parametrize("day", ["2999-01-01", "1890-01-01"])
def test_a_day_of_which_nothing_can_be_told_is_refused(folder: Path, day: str) -> None:
    result = call("-c", folder, "digest", "--on", day)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{day} is not between 1997-01-01 and" in result.stderr


def test_check_tells_of_every_file_though_the_first_is_broken(folder: Path) -> None:
    (folder / "langnghe.toml").write_text('digest_at = "25:99"\n', "utf-8")
    (folder / "units").mkdir()
    (folder / "units" / "xa-a.toml").write_text("nonsense = 1\n", "utf-8")

    result = call("check", folder)

    assert result.exit_code == 2
    told = result.stdout + result.stderr
    assert "langnghe.toml: digest_at: " in told
    assert "units/xa-a.toml: name: " in told


def test_demo_leaves_what_it_did_not_make(tmp_path: Path) -> None:
    kept = tmp_path / "outbox" / "giu.eml"
    kept.parent.mkdir()
    kept.write_text("của tôi")

    result = call("demo", "--dir", tmp_path)

    assert result.exit_code == 2
    assert "holds outbox that no demo made" in result.stderr
    assert kept.read_text() == "của tôi"
    with pytest.raises(ConfigError, match="no demo made"):
        replay(tmp_path, None, lambda _: None)


@pytest.mark.parametrize(
    ("hour", "told", "at_once"), [(9, False, True), (9, True, False), (5, False, False)]
)
def test_a_digest_that_was_missed_is_made_at_start(
    folder: Path, hour: int, told: bool, at_once: bool
) -> None:
    now = datetime(2026, 11, 25, hour, tzinfo=ZONE).astimezone(UTC)
    installation = App(folder, clock=lambda: now)
    if told:
        tell(installation, now.astimezone(ZONE).date())
    scheduler = schedule(installation, BackgroundScheduler(timezone=ZONE))

    scheduler.start(paused=True)

    first = scheduler.get_job("digest").next_run_time
    scheduler.shutdown()
    assert (first == now.replace(second=1)) is at_once


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        (
            "langnghe.toml",
            '[mail]\ndigest_to = ["bad address"]',
            "langnghe.toml: mail.digest_to: not an e-mail address: 'bad address'",
        ),
        ("langnghe.toml", 'model = "/khong/co"', "langnghe.toml: model: no such file: /khong/co"),
        (
            "langnghe.toml",
            'province = "Atlantis"',
            "langnghe.toml: province: no such province: 'Atlantis'",
        ),
        (
            "contacts.toml",
            '[contacts]\nubnd-huyen-ba-tri = "văn@xa.vn"',
            "contacts.toml: contacts.ubnd-huyen-ba-tri: mail cannot be sent to 'văn@xa.vn'",
        ),
        (
            "units/don-vi.toml",
            'name = "Đơn vị"\nplace = "99999"',
            "units/don-vi.toml: place: no such code on the map: '99999'",
        ),
        (
            "sources/nguon.toml",
            'name = "Nguồn"\ntype = "upload"\nhome = "Atlantis"',
            "sources/nguon.toml: home: no such province: 'Atlantis'",
        ),
        (
            "sources/trang.toml",
            'name = "Trang"\ntype = "fanpage"\n[options]\npage = "1"\ntoken_file = "/khong/co"',
            "sources/trang.toml: options.token_file: no such file",
        ),
        (
            "sources/muc.toml",
            'name = "M"\ntype = "listing"\n[options]\nurl = "http://a.vn"\nback_to = 9000-01-01',
            "sources/muc.toml: options.back_to: 9000-01-01 lies in the future",
        ),
    ],
)
def test_check_finds_what_would_fail_later(
    tmp_path: Path, file: str, content: str, problem: str
) -> None:
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, "utf-8")

    result = call("-c", tmp_path, "check")

    assert result.exit_code == 2
    assert problem in result.stdout + result.stderr


def test_a_call_without_a_folder_says_where_its_data_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    first, second = call("cases", "list"), call("cases", "list")

    assert f"data in {tmp_path / 'data'}" in first.stderr
    assert (first.exit_code, second.stderr) == (0, "")


def test_import_shows_what_it_would_keep_and_keeps_nothing(folder: Path) -> None:
    path = folder / "a.csv"
    path.write_text("Vấn đề;Ngày gửi;Người gửi\nNgập, gọi 0912345678;20/11/2026;Ai Đó\n")

    shown = call("-c", folder, "import", path, "--column", "text=Vấn đề", "--dry-run")

    told = json.loads(shown.stdout)
    assert (shown.exit_code, told["items"], told["unused"]) == (0, 1, ["Người gửi"])
    assert told["columns"] == {"text": "Vấn đề", "published": "Ngày gửi"}
    assert "0912345678" not in shown.stdout
    assert not (folder / "data").exists()


@pytest.mark.parametrize("given", ["text", "text=", "author=Người gửi"])
def test_import_refuses_a_column_of_nothing(folder: Path, given: str) -> None:
    result = call("-c", folder, "import", folder / "a.csv", "--column", given)

    assert result.exit_code == 2
    assert result.stderr.startswith("--column: ")


def test_export_refuses_a_period_that_runs_back(folder: Path) -> None:
    result = call("-c", folder, "export", "--from", "2026-02-01", "--to", "2026-01-01")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "--to: 2026-01-01 is before --from 2026-02-01" in result.stderr


def test_find_refuses_what_is_no_address(folder: Path) -> None:
    result = call("-c", folder, "sources", "find", "foo")

    assert (result.exit_code, result.stderr) == (2, "foo: -: not a web address (write https://…)\n")


def test_two_lists_that_number_alike_lose_nothing(folder: Path) -> None:
    files = folder / "data"
    files.mkdir()
    for name, words in (("a", "Cầu ấp 3 gãy nhịp giữa"), ("b", "Rác ùn ở chợ")):
        (files / f"{name}.csv").write_text(f"Số phiếu;Nội dung\n1;{words}\n")
    kept = [
        json.loads(call("-c", folder, "import", files / f"{name}.csv", "--no-read").stdout)
        for name in ("a", "b", "a")
    ]

    found = [(one["import"]["kept"], one["import"]["changed"]) for one in kept]
    assert found == [(1, 0), (1, 0), (0, 0)]
