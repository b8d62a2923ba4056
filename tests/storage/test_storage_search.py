"""Search: folded words, on both databases, and no string is an error."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session
from storage_samples import item, keep_some

from nlp.normalise import fold
from nlp.reading import seen
from storage import items, search
from storage.db import Sessions
from storage.search import Folded

TITLES = (
    "Đường gom cầu Rạch Miễu ngập nặng",
    "Bãi rác An Hiệp bốc mùi, dân chặn xe",
    "Nước mặn tràn vào vườn dừa Ba Tri",
    "Đội tuyển bơi của tỉnh đoạt huy chương",
)


def index_all(session: Session) -> None:
    waiting = search.unindexed(session, 100)
    search.index(
        session, [Folded(one.id, one.version, fold(seen(one.title, one.text))) for one in waiting]
    )


@pytest.fixture
def filled(database: Sessions) -> Sessions:
    """Four items, searchable."""
    with database.begin() as session:
        items.keep(session, [item(n, title=title, text="") for n, title in enumerate(TITLES)])
        index_all(session)
    return database


def found(session: Session, query: str, limit: int = 9) -> list[str]:
    ids = search.search(session, fold(query), limit)
    titles = items.by_ids(session, ids)
    return [titles[number].title for number in ids]


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("đường", [0]),
        ("duong gom", [0]),
        ("DOI TUYEN", [3]),
        ("đội", [3]),
        ("bai rac dan", [1]),
        ('"an hiep"', [1]),
        ('"hiep an"', []),
        ("an hiep ba tri", []),
        ('"rach mieu" ngap', [0]),
        ('"an hiep', [1]),
        ("", []),
        ("  !!! ", []),
        ('""', []),
        ("OR", []),
        ("an-hiep", [1]),
    ],
)
def test_search_finds_words_with_and_without_accents(
    filled: Sessions, query: str, hits: list[int]
) -> None:
    with filled() as session:
        assert found(session, query) == [TITLES[number] for number in hits]


def test_newest_come_first_page_by_page(database: Sessions) -> None:
    with database.begin() as session:
        stored = keep_some(session, range(5))
        index_all(session)
        newest = [one.id for one in reversed(stored)]
        assert search.search(session, "bai rac", 2) == newest[:2]
        assert search.search(session, "bai rac", 2, before=newest[1]) == newest[2:4]


def test_edited_item_is_found_by_its_new_words_only(database: Sessions) -> None:
    with database.begin() as session:
        (stored,) = keep_some(session, [1])
        index_all(session)
        items.keep(session, [item(1, text="Sạt lở bờ sông Cổ Chiên.")])
        assert [one.id for one in search.unindexed(session, 9)] == [stored.id]
        index_all(session)
        assert search.unindexed(session, 9) == []
        assert search.search(session, "sat lo", 9) == [stored.id]
        assert search.search(session, "boc mui hoi", 9) == []


def test_forgotten_item_is_not_found(filled: Sessions) -> None:
    with filled.begin() as session:
        (number,) = search.search(session, "dua", 9)
        search.forget(session, [number])
        assert search.search(session, "dua", 9) == []


def test_very_long_text_and_word_are_indexed(database: Sessions) -> None:
    long = "x" * 5000 + " kenh " + "muong " * 60_000
    with database.begin() as session:
        (stored,) = keep_some(session, [1])
        search.index(session, [Folded(stored.id, 1, long)])
        assert search.search(session, "kenh muong", 9) == [stored.id]


def test_indexing_nothing_is_no_error(database: Sessions) -> None:
    with database.begin() as session:
        search.index(session, [])


NASTY = [
    *"\"'`;:*()[]{}<>^~|&!?@#$%\\/-+=.,_\x00\n\t",
    "' OR 1=1 --",
    "'; DROP TABLE item; --",
    '" OR "1"="1',
    "words: x",
    "words : NEAR(a b)",
    "NEAR(rac hiep, 2)",
    "rac AND",
    "AND rac",
    "OR",
    "NOT",
    "NOT rac",
    "rac NOT",
    "rac*",
    "*rac",
    "^rac",
    "-rac",
    "rac -",
    "{words}: rac",
    "- words : rac",
    "rac + hiep",
    '"rac',
    'rac"',
    '""""',
    '"rac" "',
    "(rac",
    "rac)",
    "((rac)",
    ":rac",
    ":p0",
    ":query :most",
    "%(p0)s %s",
    "rac:*",
    "rac & hiep",
    "rac | hiep",
    "!rac",
    "rac <-> hiep",
    "rac <999999999999> hiep",
    "rac:ABCD",
    "'rac' & 'hiep':*",
    "\\'rac",
    "rac\\",
    "a" * 100_000,
    "a " * 50_000,
    '"' * 9_999,
    "rac\x00hiep",
    "\ud83d",
    "\ufffe\uffff",
    "\u200b",
    "😀 rác",
    "ＲＡＣ",
    "İstanbul ß ﬁ",
    "ا ب ت",
    "../../etc/passwd",
    "http://a.vn/?q=1&x=2",
    "ten@example.vn",
    "24/7",
    "1.5e300",
    "0x41",
    "-1",
    "99999999999999999999999999",
    "NULL",
    "select * from item",
    "match 'x' or rowid > 0",
    "rowid:1",
    "rank MATCH 'bm25(10)'",
    "item_search MATCH 'x'",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "\r\nBcc: x@y",
    "đ" * 3000,
]


def test_no_string_is_an_error_or_finds_what_it_does_not_name(database: Sessions) -> None:
    with database.begin() as session:
        items.keep(session, [item(1, title="secret", text="secret")])
        index_all(session)
        hits = {query: search.search(session, fold(query), 9) for query in NASTY}
        assert items.count(session) == 1
    assert {query for query, found in hits.items() if found} == set()


def test_there_are_enough_nasty_strings() -> None:
    assert len(set(NASTY)) >= 100
