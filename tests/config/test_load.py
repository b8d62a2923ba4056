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
        (
            "[crawl]\ntimeout = inf\n",
            "langnghe.toml: crawl.timeout: Input should be a finite number",
        ),
        (
            "[crawl]\ndelay = inf\n",
            "langnghe.toml: crawl.delay: Input should be less than or equal to 3600",
        ),
        (
            'database_url = "mysql://a/b"\n',
            "langnghe.toml: database_url: must be sqlite:///FILE or postgresql+psycopg://…",
        ),
        (
            'database_url = "rac"\n',
            "langnghe.toml: database_url: must be sqlite:///FILE or postgresql+psycopg://…",
        ),
        (
            "retry_minutes = [-1]\n",
            "langnghe.toml: retry_minutes.0: Input should be greater than or equal to 1",
        ),
        (
            "retry_minutes = []\n",
            "langnghe.toml: retry_minutes: Tuple should have at least 1 item after validation, not 0",
        ),
        (
            '[crawl]\nproxy = "foo"\n',
            "langnghe.toml: crawl.proxy: String should match pattern '^(https?://[^\\s/]+/?)?$'",
        ),
        (
            '[crawl]\ncontact = "a\\r\\nX: y"\n',
            "langnghe.toml: crawl.contact: String should match pattern '^[^\\x00-\\x1f\\x7f]*$'",
        ),
        (
            '[web]\ntrusted_proxies = ["x"]\n',
            "langnghe.toml: web.trusted_proxies.0: 'x' does not appear to be an IPv4 or IPv6 network",
        ),
        (
            'database_url_file = "khong-co"\n',
            "langnghe.toml: database_url_file: [Errno 2] No such file or directory: ",
        ),
        (
            '[cluster]\nbroker_url_file = "khong-co"\n',
            "langnghe.toml: cluster.broker_url_file: [Errno 2] No such file or directory: ",
        ),
    ],
)
def test_settings_problems_name_file_and_key(tmp_path: Path, text: str, expected: str) -> None:
    write(tmp_path, "langnghe.toml", text)

    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path)

    problem, *_ = caught.value.problems
    assert problem.partition(str(tmp_path))[0].rstrip("'") == expected.rstrip("'")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "windows"])
def test_settings_and_entries_may_begin_with_a_mark(tmp_path: Path, mark: bytes) -> None:
    (tmp_path / "langnghe.toml").write_bytes(mark + 'province = "Vĩnh Long"\n'.encode())
    (tmp_path / "units").mkdir()
    (tmp_path / "units" / "a.toml").write_bytes(mark + UNIT.encode())

    assert load_settings(tmp_path).province == "Vĩnh Long"
    assert list(load_catalog(tmp_path, ["topics"]).units) == ["a"]


def test_settings_in_another_encoding_are_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "langnghe.toml").write_bytes('province = "Vĩnh Long"\n'.encode("utf-16"))

    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path)

    assert caught.value.problems == ("langnghe.toml: -: not UTF-8 text: save the file as UTF-8",)


def test_paths_and_secrets_are_taken_from_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "bi-mat", "amqp://a@b//\n")
    write(
        tmp_path,
        "langnghe.toml",
        'database_url = "sqlite:///kho/a.db"\n[cluster]\nbroker_url_file = "bi-mat"\n',
    )

    settings = load_settings(tmp_path)

    assert settings.url() == f"sqlite:///{tmp_path}/kho/a.db"
    assert settings.cluster.broker_url == "amqp://a@b//"
