"""The catalogue and settings: one folder in, every problem out in one form."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.load import load_catalog
from config.settings import load_settings


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return folder


UNIT = 'name = "UBND xã Thử"\nplace = "1"\n'

BAD = {
    "unknown-key": (
        {"units/a.toml": UNIT + "colour = 1\n"},
        ["units/a.toml: colour: Extra inputs are not permitted"],
    ),
    "not-toml": (
        {"units/a.toml": "name = \n"},
        ["units/a.toml: -: Invalid value (at line 1, column 8)"],
    ),
    "id-differs": (
        {"units/a.toml": UNIT + 'id = "b"\n'},
        ["units/a.toml: id: the file name says 'a'"],
    ),
    "period-runs-back": (
        {"units/a.toml": UNIT + "valid_from = 2025-07-01\nvalid_to = 2025-06-30\n"},
        ["units/a.toml: -: valid_to 2025-06-30 is before valid_from 2025-07-01"],
    ),
    "route-to-nobody": (
        {"routing/r.toml": '[[rows]]\nplace = "1"\nlead = "khong-co"\ntopics = ["waste", "x"]\n'},
        [
            "routing/r.toml: rows.0.lead: no unit 'khong-co'",
            "routing/r.toml: rows.0.topics: no topic 'x'",
        ],
    ),
    "contact-of-nobody": (
        {"contacts.toml": '[contacts]\nkhong-co = "a@b.example"\n'},
        ["contacts.toml: contacts.khong-co: no such unit"],
    ),
    "bad-address": (
        {"units/a.toml": UNIT + 'email = "a@b.example\\nBcc: x@y.example"\n'},
        [
            (
                "units/a.toml: email: String should match pattern "
                "'^[^@\\s<>,;]+@[^@\\s<>,;]+\\.[^@\\s<>,;]+$'"
            )
        ],
    ),
    "stray-file": (
        {"sorces/a.toml": "x = 1\n"},
        ["sorces: -: not a file or folder this program reads"],
    ),
    "two-at-once": (
        {"units/a.toml": "x = 1\n", "topics/t.toml": "order = 'a'\nname = 'T'\n"},
        [
            (
                "topics/t.toml: order: Input should be a valid integer, unable to parse string "
                "as an integer"
            ),
            "units/a.toml: name: Field required",
            "units/a.toml: x: Extra inputs are not permitted",
        ],
    ),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD.keys())
def test_load_catalog_names_every_problem(
    tmp_path: Path, case: tuple[dict[str, str], list[str]]
) -> None:
    files, expected = case
    for name, text in files.items():
        write(tmp_path, name, text)

    with pytest.raises(ConfigError) as caught:
        load_catalog(tmp_path)

    assert list(caught.value.problems) == expected


def test_operator_file_wins_over_the_shipped_one(tmp_path: Path) -> None:
    write(tmp_path, "topics/waste.toml", 'name = "Rác"\n')

    catalog = load_catalog(tmp_path)

    assert catalog.topics["waste"].name == "Rác"
    assert len(catalog.topics) == 13
    assert catalog.hash != load_catalog(None).hash


def test_another_province_takes_only_the_defaults_it_names(tmp_path: Path) -> None:
    write(tmp_path, "units/a.toml", UNIT)

    catalog = load_catalog(tmp_path, ["topics", "holidays"])

    assert list(catalog.units) == ["a"]
    assert catalog.routing == {}
    assert len(catalog.topics) == 13


def test_settings_file_environment_and_secret_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql+psycopg://x@127.0.0.1/y\n")
    write(
        tmp_path,
        "langnghe.toml",
        f'province = "Vĩnh Long"\ndatabase_url_file = "{secret}"\n[crawl]\ndelay = 5\n',
    )
    monkeypatch.setenv("LANGNGHE_CRAWL__DELAY", "7")

    settings = load_settings(tmp_path)

    assert settings.province == "Vĩnh Long"
    assert settings.crawl.delay == 7
    assert settings.url() == "postgresql+psycopg://x@127.0.0.1/y"
    assert settings.data_dir == tmp_path / "data"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("provinz = 1\n", "langnghe.toml: provinz: Extra inputs are not permitted"),
        (
            "[crawl]\ndelay = -1\n",
            "langnghe.toml: crawl.delay: Input should be greater than or equal to 0",
        ),
        ("province = \n", "langnghe.toml: -: Invalid value (at line 1, column 12)"),
    ],
    ids=["unknown-key", "nested", "not-toml"],
)
def test_settings_problems_name_file_and_key(tmp_path: Path, text: str, expected: str) -> None:
    write(tmp_path, "langnghe.toml", text)

    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path)

    assert caught.value.problems == (expected,)
