"""Keeping items: each once, every text it had."""

from __future__ import annotations

import random
import string
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from storage_samples import HOUR, LONG, NOON, item, keep_some

from crawlers.item import Item
from crawlers.urls import MAX_LENGTH, canonical
from nlp.reading import Masked
from storage import items, sources
from storage.db import Sessions, open_database, sessions
from storage.items import Kept


def test_items_are_numbered_in_the_order_they_came(database: Sessions) -> None:
    with database.begin() as session:
        kept = items.keep(session, [item(3), item(1), item(2)])
        found = items.by_ids(session, kept.new)
    assert [found[number].title for number in sorted(kept.new)] == [
        "Tin số 3",
        "Tin số 1",
        "Tin số 2",
    ]
    assert (kept.changed, kept.same) == ((), ())


def test_keeping_again_adds_nothing(database: Sessions) -> None:
    batch = [item(number) for number in range(1200)]
    with database.begin() as session:
        first = items.keep(session, batch)
    with database.begin() as session:
        again = items.keep(session, batch)
        assert items.count(session) == 1200
    assert again == Kept((), (), first.new)


def test_item_comes_back_as_it_was_kept(database: Sessions) -> None:
    raw = Item(
        source_id="bao-a",
        url="https://a.example.vn/1",
        external_id="a-1",
        title="Ông Nguyễn Văn A phản ánh",
        text="Số 0912 345 678",
        published=NOON,
        fetched_at=NOON + HOUR,
        body_sha256="0" * 64,
        http_status=200,
        engagement={"shares": 3},
    )
    masked = Masked("Ông [tên] phản ánh", "Số [điện thoại]", {"name": 1, "phone": 1})
    with database.begin() as session:
        (number,) = items.keep(session, [items.kept(raw, masked, "Báo A", "press")]).new
    with database() as session:
        found = items.get(session, number)
    assert found is not None
    assert (found.title, found.text, found.version) == (masked.title, masked.text, 1)
    assert (found.at, found.fetched_at, found.engagement) == (NOON, NOON + HOUR, {"shares": 3})
    assert (found.outlet, found.kind, found.url) == ("Báo A", "press", raw.url)


def test_unknown_item_is_none(database: Sessions) -> None:
    with database() as session:
        assert items.get(session, 404) is None


@pytest.mark.parametrize(
    "over",
    [
        {"url": "https://a.example.vn/1?utm=x"},
        {"url": "https://a.example.vn/moved", "text": "Một bài khác hẳn."},
        {"url": "https://a.example.vn/xa-hoi/1", "external_id": "other"},
        {"url": "https://b.example.vn/1", "source_id": "bao-a-2", "external_id": "other"},
    ],
    ids=["same-id", "same-id-and-title", "same-text", "same-text-other-feed-of-the-outlet"],
)
def test_same_story_under_another_address_is_one_item(
    database: Sessions, over: dict[str, Any]
) -> None:
    with database.begin() as session:
        keep_some(session, [1])
        assert items.keep(session, [item(1, **over)]).new == ()
        assert items.count(session) == 1


def test_same_story_under_three_addresses_in_one_batch_is_one_item(database: Sessions) -> None:
    batch = [item(1, url=f"https://a.example.vn/1?from={n}", external_id=f"x{n}") for n in range(3)]
    with database.begin() as session:
        assert len(items.keep(session, batch).new) == 1
        assert items.keep(session, batch).new == ()


@pytest.mark.parametrize(
    "over",
    [
        {"text": "Ảnh.", "title": "Tin ảnh"},
        {"outlet": "Báo B", "source_id": "bao-b"},
    ],
    ids=["text-too-short-to-be-an-identity", "another-outlet"],
)
def test_equal_texts_that_are_two_items(database: Sessions, over: dict[str, Any]) -> None:
    with database.begin() as session:
        items.keep(session, [item(1, title="Tin ảnh", text=over.get("text", item(1).text))])
        again = item(
            1, url="https://a.example.vn/9", external_id="9", **{"title": "Tin ảnh"} | over
        )
        assert len(items.keep(session, [again]).new) == 1


def test_feed_that_gives_every_entry_one_id_loses_none(database: Sessions) -> None:
    batch = [item(number, external_id="https://a.example.vn/") for number in range(5)]
    with database.begin() as session:
        assert len(items.keep(session, batch).new) == 5
    with database.begin() as session:
        assert items.keep(session, batch).new == ()
        later = item(9, external_id="https://a.example.vn/")
        assert len(items.keep(session, [later]).new) == 1


def test_edited_page_is_a_new_version_of_the_same_item(database: Sessions) -> None:
    with database.begin() as session:
        (stored,) = keep_some(session, [1])
        edited = item(1, text="Tòa soạn đã sửa bài.", fetched_at=NOON + 5 * HOUR)
        assert items.keep(session, [edited]) == Kept((), (stored.id,), ())
        assert items.keep(session, [edited]) == Kept((), (), (stored.id,))
        now = items.get(session, stored.id)
        texts = [version.text for version in items.versions(session, stored.id)]
    assert now is not None
    assert (now.version, now.text) == (2, "Tòa soạn đã sửa bài.")
    assert texts == [stored.text, "Tòa soạn đã sửa bài."]


def test_page_that_returns_to_its_first_text_shows_that_text(database: Sessions) -> None:
    with database.begin() as session:
        (stored,) = keep_some(session, [1])
        items.keep(session, [item(1, text="Sửa.")])
        items.keep(session, [item(1)])
        now = items.get(session, stored.id)
        assert len(items.versions(session, stored.id)) == 2
    assert now is not None
    assert now.version == 1


def test_two_addresses_with_two_texts_do_not_swing(database: Sessions) -> None:
    full, brief = item(1), item(1, url="https://a.example.vn/amp/1", text="Bản rút gọn của tin.")
    with database.begin() as session:
        (number,) = items.keep(session, [full]).new
        items.keep(session, [brief])
        assert items.keep(session, [full]).changed == (number,)
        assert items.keep(session, [brief]).changed == ()
        assert items.keep(session, [full]).changed == ()


def test_summary_never_replaces_the_full_text(database: Sessions) -> None:
    with database.begin() as session:
        (stored,) = keep_some(session, [1])
        items.keep(session, [item(1, text="Tóm tắt.", summary_only=True)])
        now = items.get(session, stored.id)
    assert now is not None
    assert now.text == stored.text


def test_full_text_replaces_a_summary(database: Sessions) -> None:
    with database.begin() as session:
        (number,) = items.keep(session, [item(1, text="Tóm tắt.", summary_only=True)]).new
        items.keep(session, [item(1)])
        now = items.get(session, number)
    assert now is not None
    assert (now.text, now.summary_only) == (item(1).text, False)


def test_counts_of_a_post_are_brought_up_to_date(database: Sessions) -> None:
    with database.begin() as session:
        (number,) = items.keep(session, [item(1, engagement={"shares": 1})]).new
        assert items.keep(session, [item(1, engagement={"shares": 40})]).changed == ()
        now = items.get(session, number)
    assert now is not None
    assert (now.engagement, now.version) == ({"shares": 40}, 1)


def test_text_with_odd_characters_loses_no_batch(database: Sessions) -> None:
    odd = item(2, title="Tin\x00 \ud83d", text=f"{LONG}\x00", url="https://a.example.vn/\x00odd")
    with database.begin() as session:
        assert len(items.keep(session, [item(1), odd]).new) == 2
        assert items.keep(session, [odd]).new == ()


def test_nothing_to_keep_is_nothing_kept(database: Sessions) -> None:
    with database.begin() as session:
        assert items.keep(session, []) == Kept()


def test_keeping_reads_no_table_from_end_to_end(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "plans.db"
    path.write_bytes(sqlite_template.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    said: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *all_: said.append((all_[2], all_[3])))
    with sessions(engine).begin() as session:
        items.keep(session, [item(1), item(2)])
        items.keep(session, [item(2), item(3, url="https://a.example.vn/khac")])
    asked = [(text, values) for text, values in said if text.lstrip().startswith("SELECT")]
    with engine.connect() as connection:
        plans = [
            str(row[3])
            for text, values in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
        ]
    engine.dispose()

    assert len(asked) >= 4
    assert [plan for plan in plans if plan.startswith("SCAN item")] == []


def test_the_longest_address_can_be_kept(database: Sessions) -> None:
    """It is random: PostgreSQL cannot pack it for its index."""
    signs = random.Random(1).choices(string.ascii_letters + string.digits, k=MAX_LENGTH)  # noqa: S311
    url = canonical("https://a.example.vn/" + "".join(signs)[: MAX_LENGTH - 21])
    assert len(url) == MAX_LENGTH
    with database.begin() as session:
        [number] = items.keep(session, [item(1, url=url, source_id="n" * 200, external_id=url)]).new
        assert sources.known_urls(session, "n" * 200, 9) == {url}
    assert number


def test_an_item_is_known_by_the_addresses_that_led_to_it(database: Sessions) -> None:
    led, later = "https://m.a.example.vn/1", "https://a.example.vn/x/1"
    with database.begin() as session:
        [first] = items.keep(session, [item(1, asked=led)]).new
        again = items.keep(session, [item(1, asked=later, text=f"{LONG} Sửa lại.")])
        found = sources.known_urls(session, "bao-a", 9)
    assert again == Kept((), (first,), ())
    assert found == {"https://a.example.vn/1", led, later}


def test_an_article_that_states_the_address_of_another_is_kept_by_its_own(
    database: Sessions,
) -> None:
    own = "https://a.example.vn/2"
    with database.begin() as session:
        [first] = items.keep(session, [item(1)]).new
        other = item(2, url="https://a.example.vn/1", asked=own)
        [second] = items.keep(session, [other]).new
        assert items.keep(session, [other]) == Kept((), (), (second,))
        found = items.by_ids(session, [first, second])
    assert [(one.url, one.version) for one in found.values()] == [(item(1).url, 1), (own, 1)]
