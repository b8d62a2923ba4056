"""The command: forms of its results, its exit status, and what it says of bad input."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from langnghe.cli import app

SHARED = Path(__file__).parent.parent.parent.parent / "shared"
CONFIG = """\
data_dir = "data"
[mail]
digest_to = ["lanhdao@vidu.example"]
"""
ITEMS = [
    {
        "id": "rac-1",
        "title": "Rác chất đống trước chợ An Hiệp, Ba Tri, dân kêu hôi thối",
        "text": "Hơn mười ngày nay, rác sinh hoạt chất cao trước chợ xã An Hiệp, huyện Ba Tri, "
        "tỉnh Bến Tre mà không có xe tới gom. Nước rỉ ra mặt lộ bốc mùi hôi thối, hàng trăm hộ "
        "dân quanh chợ không buôn bán được. Gọi số 0912 345 678 không ai nghe.",
        "published": "2023-07-26T08:00:00+07:00",
        "url": "http://bao.example/rac-1.html",
    },
    {
        "id": "bong-da",
        "title": "Đội tuyển nữ giành chiến thắng",
        "text": "Tối qua, đội tuyển bóng đá nữ thắng trận giao hữu với tỷ số 2-0 trên sân nhà.",
        "published": "2023-07-26T22:00:00+07:00",
        "url": "http://bao.example/bong-da.html",
    },
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "langnghe.toml").write_text(CONFIG, "utf-8")
    (tmp_path / "contacts.toml").write_text(
        '[contacts]\nubnd-huyen-ba-tri = "vp.batri@vidu.example"\n'
    )
    return tmp_path


@pytest.fixture
def items(tmp_path: Path) -> Path:
    home = tmp_path / "data"
    home.mkdir(exist_ok=True)
    path = home / "items.jsonl"
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in ITEMS), "utf-8")
    return path


def call(*words: str | Path, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=stdin)


def lines(result: Result) -> list[Any]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_analyse_prints_one_contract_line_an_item(items: Path) -> None:
    result = call("analyse", items)

    assert result.exit_code == 0
    first, second = lines(result)
    assert [first["id"], second["id"]] == ["rac-1", "bong-da"]
    assert first["is_issue"] is True
    assert first["topics"][0]["topic"] == "waste"
    assert first["places"][0]["district"] == "huyện Ba Tri"
    assert first["places"][0]["province"] == "Bến Tre"
    assert first["unit_then"].endswith("tỉnh Bến Tre")
    assert first["unit_now"].endswith("tỉnh Vĩnh Long")
    assert "0912" not in first["masked_text"]
    assert set(first) >= {"issue_score", "severity", "mentions", "hold", "reasons", "masked_title"}
    assert (second["is_issue"], second["severity"], second["places"]) == (False, 0, [])
    whole = f"{ITEMS[0]['title']}\n{ITEMS[0]['text']}"
    assert all(0 <= one["start"] <= one["end"] <= len(whole) for one in first["reasons"])


def test_analyse_goes_on_after_a_bad_line_and_says_so() -> None:
    good = json.dumps(ITEMS[1], ensure_ascii=False)

    result = call(
        "analyse", "-", stdin=f"not json\n{good}\n[1]\n" + '{"id":1,"published":"hôm qua"}'
    )

    assert result.exit_code == 1
    assert [line["id"] for line in lines(result)] == ["bong-da"]
    assert [line.partition(":")[0] for line in result.stderr.splitlines()] == [
        "line 1",
        "line 3",
        "line 4",
    ]


def test_group_puts_a_copy_with_its_original(items: Path) -> None:
    copy = ITEMS[0] | {"id": "rac-2"}

    result = call("group", "-", stdin="".join(json.dumps(one) + "\n" for one in (*ITEMS, copy)))

    events = {line["id"]: line["event"] for line in lines(result)}
    assert events["rac-2"] == events["rac-1"] != events["bong-da"]


def test_extract_and_feed_print_their_forms(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<html><head><title>Sạt lở bờ sông</title>"
        '<meta property="article:published_time" content="2026-03-01T09:51:00+07:00"></head><body>'
        "<article><h1>Sạt lở bờ sông</h1>"
        + "<p>Bờ sông sạt dài hơn trăm mét trong đêm.</p>" * 9
        + "</article></body></html>",
        "utf-8",
    )
    feed = tmp_path / "feed.xml"
    feed.write_text(
        '<rss version="2.0"><channel><title>t</title><item><title>Tin</title>'
        "<link>http://bao.example/tin.html</link><description>Lời</description>"
        "<pubDate>Tue, 24 Nov 2026 08:15:00 GMT+7</pubDate></item></channel></rss>",
        "utf-8",
    )

    extracted = call("extract", page, "--url", "http://bao.example/a.html")
    entries = call("feed", feed, "--url", "http://bao.example/rss")

    assert lines(extracted)[0]["published"] == "2026-03-01T09:51:00+07:00"
    assert lines(extracted)[0]["title"] == "Sạt lở bờ sông"
    assert set(lines(extracted)[0]) == {"title", "text", "published", "url", "site"}
    assert set(lines(entries)[0]) == {"id", "url", "title", "text", "published"}
    assert lines(entries)[0]["url"] == "http://bao.example/tin.html"


def test_unreadable_input_is_one_clean_line(tmp_path: Path) -> None:
    result = call("extract", tmp_path / "absent.html", "--url", "http://x.example/")

    assert result.exit_code == 1
    assert result.stderr == f"input: {tmp_path / 'absent.html'}: No such file or directory\n"


@pytest.mark.parametrize(
    ("place", "on", "expect", "status"),
    [
        ("xã An Hiệp, huyện Ba Tri", "2023-07-20", "ubnd-huyen-ba-tri", 0),
        ("xã An Hiệp, huyện Ba Tri", "2023-07-20", "ubnd-huyen-binh-dai", 1),
        ("xã An Hiệp", "2023-07-20", "ubnd-huyen-ba-tri", 1),
    ],
    ids=["right", "wrong", "ambiguous"],
)
def test_route_can_be_asserted(folder: Path, place: str, on: str, expect: str, status: int) -> None:
    result = call(
        "-c", folder, "route", "--place", place, "--topic", "waste", "--on", on, "--as-of", on,
        "--expect", expect,
    )  # fmt: skip

    assert result.exit_code == status
    assert set(lines(result)[0]) >= {
        "unit_then", "unit_now", "lead", "cooperating", "copies", "hold", "candidates", "rule",
    }  # fmt: skip
    assert not (folder / "data").exists()


def test_route_names_the_topics_there_are(folder: Path) -> None:
    result = call("-c", folder, "route", "--place", "x", "--topic", "moi", "--on", "2023-07-20")

    assert result.exit_code == 2
    assert "water_climate" in result.stderr


def test_init_makes_a_folder_that_passes_check(tmp_path: Path) -> None:
    made = call("init", tmp_path / "moi")
    checked = call("check", tmp_path / "moi")

    assert (made.exit_code, checked.exit_code, checked.stdout) == (0, 0, "")


def test_check_prints_every_problem(folder: Path) -> None:
    (folder / "sources").mkdir()
    (folder / "sources" / "a.toml").write_text('name = "A"\ntype = "feed"\n[options]\nurl = "x"\n')
    (folder / "sources" / "b.toml").write_text('name = "B"\ntype = "tvi"\n')

    result = call("check", folder)

    assert result.exit_code == 2
    assert [line.split(": ")[:2] for line in result.stdout.splitlines()] == [
        ["sources/a.toml", "options.url"],
        ["sources/b.toml", "type"],
    ]


def test_unknown_folder_and_unwritable_data_are_configuration_errors(tmp_path: Path) -> None:
    (tmp_path / "langnghe.toml").write_text('data_dir = "langnghe.toml/data"\n')

    absent = call("-c", tmp_path / "khong-co", "units")
    unwritable = call("-c", tmp_path, "run")

    assert (absent.exit_code, unwritable.exit_code) == (2, 2)
    assert "no such folder" in absent.stderr
    assert "cannot be written to" in unwritable.stderr


def test_import_twice_adds_nothing_and_the_rest_sees_it(folder: Path, items: Path) -> None:
    first = call("-c", folder, "import", items)
    second = call("-c", folder, "import", items)

    assert lines(first)[0]["import"]["kept"] == 2
    assert lines(second)[0]["import"] == {
        "done": 2, "failed": 0, "kept": 0, "changed": 0, "same": 2,
    }  # fmt: skip
    assert lines(second)[0]["group"]["done"] == 0
    shown = lines(call("-c", folder, "cases", "list"))
    assert [case["brief"]["topics"][0] for case in shown] == ["waste"]
    number = shown[0]["brief"]["case_id"]
    story = lines(call("-c", folder, "cases", "show", str(number)))[0]
    assert story["entries"][0]["kind"].startswith("opened")
    table = list(csv.reader(io.StringIO(call("-c", folder, "export").stdout.lstrip("\ufeff"))))
    assert [row[0] for row in table] == ["Số", str(number)]
    assert call("-c", folder, "cases", "show", "99").exit_code == 1


@pytest.mark.parametrize("form", ["html", "text", "json", "docx"])
def test_digest_has_four_forms(folder: Path, items: Path, form: str) -> None:
    call("-c", folder, "import", items)

    result = call("-c", folder, "digest", "--on", "2026-11-24", "--format", form)

    starts = {"html": b"<!doctype html", "text": b"", "json": b"{", "docx": b"PK"}
    assert result.exit_code == 0
    assert result.stdout_bytes.lstrip().lower().startswith(starts[form].lower())
    assert form == "docx" or "Ba Tri" in result.stdout


def test_sources_and_units_are_listed(folder: Path) -> None:
    listed = lines(call("-c", folder, "sources", "list"))
    due = lines(call("-c", folder, "sources", "due"))
    units = lines(call("-c", folder, "units"))

    assert {one["id"] for one in due} == {one["id"] for one in listed if one["enabled"]}
    assert "ubnd-xa-an-hiep" in {unit["id"] for unit in units}
    assert call("-c", folder, "sources", "test", "khong-co").exit_code == 2


def test_doctor_says_what_is_missing(folder: Path) -> None:
    result = call("-c", folder, "doctor")

    found = {line["part"]: line["ok"] for line in lines(result)}
    assert result.exit_code == 1
    assert found["database"] is True
    assert found["rounds"] is False
    assert found["sources"] is False  # nobody was asked yet


def test_evaluate_measures_a_label_file(tmp_path: Path) -> None:
    gold = {"is_issue": True, "topics": ["waste"], "severity": 2, "places": []}
    none = {"is_issue": False, "topics": [], "severity": 0, "places": []}
    path = tmp_path / "gold.jsonl"
    rows = [ITEMS[0] | {"gold": gold}, ITEMS[1] | {"gold": none}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    result = call("evaluate", path, "--out", tmp_path / "out")

    assert result.exit_code == 0
    assert lines(result)[0]["items"] == 2
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == [
        "confusion-bare.svg",
        "confusion.svg",
        "figures.json",
        "figures.md",
    ]


def test_evaluate_measures_clusters(tmp_path: Path) -> None:
    path = tmp_path / "clusters.jsonl"
    rows = [ITEMS[0] | {"id": n, "cluster": "a"} for n in (1, 2)]
    rows.append(ITEMS[1] | {"id": 3, "cluster": "b"})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    result = call("evaluate", path)

    events = lines(result)[0]["events"]
    assert events["event B-cubed precision"]["value"] == 1.0
    assert events["event B-cubed F1"]["count"] == 3


def test_evaluate_refuses_rows_without_labels(tmp_path: Path) -> None:
    path = tmp_path / "plain.jsonl"
    path.write_text(json.dumps(ITEMS[0]) + "\n")

    result = call("evaluate", path)

    assert result.exit_code == 1
    assert "line 1: no gold object and no cluster" in result.stderr


def test_bench_lists_and_refuses() -> None:
    assert {line["benchmark"] for line in lines(call("bench"))} >= {"crawl", "mask", "reader"}
    assert call("bench", "khong-co").exit_code == 2


@pytest.mark.skipif(not SHARED.exists(), reason="../shared is absent")
def test_two_hundred_labelled_rows_give_two_hundred_lines() -> None:
    with (SHARED / "corpus" / "labelled.jsonl").open(encoding="utf-8") as rows:
        head = "".join(next(rows) for _ in range(200))

    result = call("analyse", "-", "--no-mask-names", stdin=head)

    assert result.exit_code == 0
    assert len({line["id"] for line in lines(result)}) == 200
