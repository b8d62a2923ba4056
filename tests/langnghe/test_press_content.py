"""The bundled press is rich enough, ours alone, and agrees with what is expected of it."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config.gazetteer import load_gazetteer
from config.load import load_catalog
from config.settings import ZONE, load_settings
from crawlers.spiders import fanpage, feed, listing
from langnghe.pressfolder import load_press

DATA = Path(__file__).parent / "data"
PRESS = load_press()
ITEMS = {item.id: item for item in PRESS.items}
PAGES = {site.id for site in PRESS.sites if site.kind == "fanpage"}
REFORM = datetime(2025, 7, 1, tzinfo=ZONE)
GOLD: dict[str, Any] = {
    gold["id"]: gold
    for gold in map(json.loads, (DATA / "demo_gold.jsonl").read_text("utf-8").splitlines())
}
EXPECTED: dict[str, Any] = json.loads((DATA / "demo_expected.json").read_text("utf-8"))
EVENTS = {event["event"]: event for event in EXPECTED["events"]}


def test_press_is_large_and_varied_enough() -> None:
    before = [item for item in PRESS.items if item.published < REFORM]
    mailed_before = [
        event
        for event in EVENTS.values()
        if event["mail"] == "must" and event["units"][0].startswith(("ubnd-huyen", "ubnd-tp"))
    ]

    assert len(before) >= 60
    assert len(PRESS.items) - len(before) >= 14
    assert len(mailed_before) >= 11
    assert {unit for event in mailed_before for unit in event["must_units"]} == set(
        EXPECTED["dissolved"]["units"]
    )
    assert len(PRESS.rounds) <= 30  # the demo has two minutes


def test_articles_and_posts_have_natural_lengths() -> None:
    words = {item.id: len(item.text.split()) for item in PRESS.items}

    assert [name for name, item in ITEMS.items() if item.site in PAGES and words[name] > 90] == []
    assert [
        name
        for name, item in ITEMS.items()
        if item.site not in PAGES and not 110 <= words[name] <= 300
    ] == []


def test_hosts_are_invented() -> None:
    hosts = {site.host for site in PRESS.sites} | {site.permalinks for site in PRESS.sites}

    assert [host for host in hosts if host and not host.endswith(".example")] == []
    assert [
        found
        for item in PRESS.items
        for found in re.findall(r"[\w-]+@([\w.-]+)", item.text)
        if not found.endswith(".example")
    ] == []


def test_gold_speaks_of_every_item_and_of_no_other() -> None:
    assert list(GOLD) == list(ITEMS)


def test_planted_personal_data_stands_in_its_item() -> None:
    planted = [(name, text) for name, gold in GOLD.items() for text in gold.get("pii", [])]

    assert len(planted) >= 15
    assert [(name, text) for name, text in planted if text not in ITEMS[name].text] == []
    assert {text for _, text in planted} == {
        *EXPECTED["personal"],
        *EXPECTED["personal_in_mails"],
    }


def test_places_of_gold_stand_on_the_map_of_their_day() -> None:
    gazetteer = load_gazetteer()
    unknown = []
    for name, gold in GOLD.items():
        day = ITEMS[name].published.astimezone(ZONE).date()
        for place in gold["places"]:
            words = [place["commune"], place["district"], f"tỉnh {place['province']}"]
            named = [word for word in words if word]
            found = gazetteer.find(", ".join(named), day)
            if [one.name for one in found[:1]] != named[:1]:
                unknown.append((name, named))

    assert unknown == []


def test_expectations_cover_every_item_once() -> None:
    told = [item for event in EVENTS.values() for item in event["items"]]
    told += [*EXPECTED["held"], *EXPECTED["never"]]

    assert {name: count for name, count in Counter(told).items() if count > 1} == {}
    assert set(told) == set(ITEMS)


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_expected_event_agrees_with_gold(event: dict[str, Any]) -> None:
    gold = [GOLD[name] for name in event["items"]]
    province = {place["province"] for one in gold for place in one["places"]}

    assert [one["id"] for one in gold if not one["is_issue"]] == []
    assert [one["id"] for one in gold if not set(one["topics"]) & set(event["topics"])] == []
    assert province == {event["place_then"]["province"]}
    assert f"{min(ITEMS[one['id']].published for one in gold):%Y-%m-%d}" < event["first_round"]
    assert set(event["must_units"]) <= set(event["units"])


def test_silent_items_are_no_issues_of_the_province() -> None:
    own = {"Bến Tre", "Vĩnh Long"}
    kinds = {
        name: (GOLD[name]["is_issue"], {place["province"] for place in GOLD[name]["places"]} & own)
        for name in EXPECTED["never"]
    }
    issues_here = {name for name, (issue, here) in kinds.items() if issue and here}

    assert issues_here == {name for name, why in EXPECTED["never"].items() if why == "safety"}


def test_copies_are_those_of_the_press() -> None:
    copied = {name: item.syndicated_from for name, item in ITEMS.items() if item.syndicated_from}

    assert copied == EXPECTED["copies"]


def test_config_of_the_demo_is_one_an_operator_could_have() -> None:
    settings = load_settings(PRESS.config)
    catalog = load_catalog(PRESS.config, settings.defaults)
    options = {"feed": feed.Options, "listing": listing.Options, "fanpage": fanpage.Options}

    for source in catalog.sources.values():
        options[source.type].model_validate(source.options)

    wanted = {unit for event in EVENTS.values() for unit in event["units"]}
    assert set(catalog.sources) == {site.id for site in PRESS.sites}
    assert wanted <= set(catalog.contacts)
    assert set(EXPECTED["dissolved"]["units"]) <= set(catalog.contacts)


def test_sources_point_at_the_sites_of_the_press() -> None:
    for site in PRESS.sites:
        entry = tomllib.loads((PRESS.config / "sources" / f"{site.id}.toml").read_text("utf-8"))
        options = entry["options"]
        if site.kind == "fanpage":
            assert (options["page"], options["token"]) == (site.page, site.token)
            assert options["base_url"] == f"http://{site.host}"
        else:
            path = site.feed if entry["type"] == "feed" else site.listing
            assert options["url"] == f"http://{site.host}{path}"
