"""Another province is set up by configuration alone: invented files, the shipped code and map."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.gazetteer import load_gazetteer
from config.load import load_catalog
from triage.route import OUTSIDE, RouteTable

FILES = {
    "units/ubnd-tp-my-tho.toml": """
        name = "Ủy ban nhân dân thành phố Mỹ Tho"
        place = "815"
        level = "thanh-pho"
        valid_to = 2025-06-30
    """,
    "units/so-moi-truong.toml": 'name = "Sở Môi trường tỉnh Tiền Giang"\nlevel = "so"',
    "units/to-phan-loai.toml": 'name = "Tổ phân loại"\nplace = "82"\nlevel = "tinh"\nqueue = true',
    "routing/tien-giang.toml": """
        [[rows]]
        place = "*"
        within = "82"
        level = "district"
        lead = "{place}"
        cooperating = ["so-moi-truong"]
        decision = "Quyết định thử nghiệm"
    """,
    "contacts.toml": """
        [contacts]
        ubnd-tp-my-tho = "phan-anh@mytho.example"
        to-phan-loai = "phan-loai@tiengiang.example"
    """,
}


def province(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_a_second_province_needs_files_only(tmp_path: Path) -> None:
    catalog = load_catalog(province(tmp_path, FILES), defaults=["topics"])
    table = RouteTable(catalog.units.values(), catalog.routing.values(), load_gazetteer(None))
    day = date(2024, 3, 1)

    def ask(place: str) -> tuple[str | None, str | None]:
        contacts = catalog.contacts.__contains__
        routing = table.route(place, ["waste"], day, day, has_contact=contacts)
        return routing.lead, routing.hold

    assert ask("815@") == ("ubnd-tp-my-tho", None)
    assert ask("816@") == ("to-phan-loai", None)
    assert ask("836@") == (None, OUTSIDE)


def test_an_operators_rival_is_refused_by_name(tmp_path: Path) -> None:
    rival = {"routing/more.toml": FILES["routing/tien-giang.toml"]}
    catalog = load_catalog(province(tmp_path, FILES | rival), defaults=["topics"])

    with pytest.raises(ConfigError) as caught:
        RouteTable(catalog.units.values(), catalog.routing.values(), load_gazetteer(None))

    assert caught.value.problems == (
        "routing/more.toml#1 and routing/tien-giang.toml#1 both claim every topic in *",
    )
