"""Plain text out of what strangers send."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.plain import clean, decode, parse, plain_text, plain_title

TEXT = "Đường ngập sâu, người dân ấp An Hòa khổ sở mỗi khi triều cường lên đến tận thềm nhà"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("Biển &amp;apos;chờ lún&amp;apos;", "Biển 'chờ lún'"),
        ("Tr&amp;#7901;i m&#432;a", "Trời mưa"),
        ("<b>Đê</b> vỡ<br/>rồi", "Đê vỡ rồi"),
        ("&lt;b&gt;Đê&lt;/b&gt; vỡ", "Đê vỡ"),
        ("Giá A < B", "Giá A < B"),
        ("<script>x</script>Tin", "x Tin"),
        ("Đê\u200b bao\x00\ud800", "Đê bao"),
        ("  nhiều \n dòng ", "nhiều dòng"),
    ],
)
def test_title(markup: str, expected: str) -> None:
    assert plain_title(markup) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('<a href="x"><img src="y"></a></br>Đoạn đê bị sạt.', "Đoạn đê bị sạt."),
        ("<p>Một</p><p>Hai <b>ba</b></p>", "Một\nHai ba"),
        ("Một<br>hai<script>bỏ()</script><style>x{}</style>", "Một\nhai"),
        ("&lt;p&gt;Một&lt;/p&gt;&lt;p&gt;Hai&lt;/p&gt;", "Một\nHai"),
        ("không có thẻ\r\n\r\nhai dòng", "không có thẻ\nhai dòng"),
        ("<!-- chỉ chú thích -->", ""),
        ("", ""),
    ],
)
def test_fragment(markup: str, expected: str) -> None:
    assert plain_text(markup) == expected


def test_decomposed_letters_are_composed() -> None:
    assert clean("Be\u0302\u0301n Tre") == "Bến Tre"


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        (TEXT.encode(), "iso-8859-1"),
        (b'<meta charset="iso-8859-1">' + TEXT.encode(), ""),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-16"),
        (b"\xff\xfe" + TEXT.encode("utf-16-le"), ""),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), ""),
    ],
)
def test_stated_encoding_that_lies_is_seen_through(body: bytes, declared: str) -> None:
    assert decode(body, declared).rpartition(">")[2] == TEXT


def test_utf8_that_is_cut_or_marred_stays_utf8() -> None:
    assert decode(TEXT.encode()[:-1], "iso-8859-1").startswith(TEXT[:-2])
    assert decode(TEXT.encode() * 3 + b"\xff" + TEXT.encode(), "").count(TEXT) == 4


def test_other_encodings_are_read_as_stated() -> None:
    assert decode("café à Bến".encode("utf-16-le"), "utf-16-le") == "café à Bến"
    assert decode(b'<?xml version="1.0" encoding="windows-1252"?>caf\xe9 ol\xe9 ol\xe9') == (
        '<?xml version="1.0" encoding="windows-1252"?>café olé olé'
    )
    assert decode(b"ol\xe9 ol\xe9 ol\xe9", "khong-co-that") == "olé olé olé"


@pytest.mark.parametrize(
    "junk", ["\x01", "\ufffe", "&#1;", "&#011;", "&#x1f;", "&#xFFFE;", "&#65535;"]
)
def test_tree_holds_nothing_that_xml_has_not(junk: str) -> None:
    root = parse(f"<html><body><p>a{junk}b&#10;&#x9;&#32;&#225;</p></body></html>")

    assert root is not None
    assert root.text_content().split() == ["ab", "á"]


def test_page_without_content_has_no_tree() -> None:
    assert [parse(text) for text in ("", "  ", "\0\0", "<!-- -->")] == [None] * 4


@given(st.text(max_size=200))
def test_any_text_becomes_storable(text: str) -> None:
    for made in (clean(text), plain_title(text), plain_text(text)):
        assert "\0" not in made
        made.encode("utf-8")


@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "shift_jis", "x-lạ", "hex"]))
def test_any_bytes_can_be_decoded(body: bytes, declared: str) -> None:
    assert isinstance(decode(body, declared), str)


@pytest.mark.parametrize("of", [clean, plain_text, plain_title])
def test_marks_without_end_are_cut(of: Callable[[str], str]) -> None:
    pile = "a" + "\u0301\u0316" * 150_000
    for markup in ("", "<i>"):
        assert len(of(markup + pile)) < 15


@pytest.mark.parametrize("of", [plain_text, plain_title])
def test_marks_without_end_are_cut_also_where_they_are_written_out(
    of: Callable[[str], str],
) -> None:
    assert len(of("a" + "&#769;&#790;" * 150_000)) < 10


@pytest.mark.parametrize("charset", ["idna", "undefined", "hex", "khong-co", "utf-7"])
def test_any_charset_that_a_page_names_is_borne(charset: str) -> None:
    assert "Tin" in decode(f'<meta charset="{charset}">Tin '.encode() + b"\xff" * 9, charset)
