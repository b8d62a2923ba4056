"""PDF files: what real programs write is taken; scripts are found wherever and however written."""

from __future__ import annotations

import random
import tracemalloc
import zlib

import pytest
from test_attachments import MOST, PDF

from langnghe.attachments import checked
from langnghe.refused import AttachmentRefused

PLAIN = b"1 0 2 15 <</Type/Catalog>> <</Title(Bao cao)/First 3 0 R>>"
EVIL = b"1 0 <</S/JavaScript/JS(app.alert)>>"
ACTS, LOCKED, UNREADABLE = (
    "mã lệnh",
    "mật khẩu",
    r"^Tệp PDF dùng cách nén không kiểm tra được; hãy in",
)
#: Heads as Word, qpdf, pdfTeX, Quartz, cairo and LibreOffice write them, each its own way.
HEADS = [
    b"<</Type/ObjStm/N 2/First 9/Filter/FlateDecode/Length %d>>\r\nstream\r\n",
    b"<< /Type /ObjStm /Length %d /Filter /FlateDecode /N 2 /First 9 >>\nstream\n",
    b"<<\n/Type /ObjStm\n/N 100\n/First 821\n/Length %d      \n/Filter /FlateDecode\n>>\nstream\n",
    b"<< /Filter /FlateDecode /Length %d /N 2 /First 9 /Type /ObjStm >>\nstream\n",
    b"<< /Length %d\n   /Filter /FlateDecode\n   /Type /ObjStm\n   /N 1\n   /First 4\n>>\nstream\n",
    b"<</Filter[/FlateDecode]/First 9/Length %d/N 2/Type/ObjStm/Extends 4 0 R>>stream\r\n",
    b"<</Length 5 0 R/Type/ObjStm/N %d/First 9/Filter/FlateDecode>>stream\n",
]
HEAD = HEADS[0]


def within(*objects: bytes) -> bytes:
    return PDF.replace(b"trailer", b"\n".join(objects) + b"\ntrailer")


def hidden(head: bytes = HEAD, packed: bytes = zlib.compress(EVIL)) -> bytes:
    return b"7 0 obj\n" + head.replace(b"%d", b"%d" % len(packed)) + packed + b"\nendstream\nendobj"


def odd(old: bytes, new: bytes, packed: bytes = zlib.compress(EVIL)) -> bytes:
    assert old in HEAD
    return hidden(HEAD.replace(old, new), packed)


FLATE = b"/FlateDecode"
HEXED = EVIL.hex().encode() + b">"
REFUSED = {
    "a spelled type": (odd(b"ObjStm", b"#4fbjStm"), ACTS),
    "a spelled type, small": (odd(b"ObjStm", b"Obj#53t#6D"), ACTS),
    "no type": (odd(b"/Type/ObjStm", b""), ACTS),
    "no type, spelled": (odd(b"/Type/ObjStm/N 2/First", b"/N 2/#46irst"), ACTS),
    "no filter": (odd(b"/Filter/FlateDecode", b"", EVIL), ACTS),
    "a spelled filter": (odd(FLATE, b"/Flate#44ecode"), ACTS),
    "hexadecimal": (odd(FLATE, b"/ASCIIHexDecode", HEXED), UNREADABLE),
    "short name": (odd(FLATE, b"/AHx", HEXED), UNREADABLE),
    "two filters": (
        odd(FLATE, b"[/ASCIIHexDecode/FlateDecode]", zlib.compress(EVIL).hex().encode() + b">"),
        UNREADABLE,
    ),
    "twice packed": (
        odd(FLATE, b"[/FlateDecode/FlateDecode]", zlib.compress(zlib.compress(EVIL))),
        UNREADABLE,
    ),
    "filter elsewhere": (odd(FLATE, b" 9 0 R", HEXED), UNREADABLE),
    "filter by another key": (odd(b"/Filter/Flate", b"/F/ASCIIHex", HEXED), UNREADABLE),
    "settings": (odd(FLATE, b"/FlateDecode/DecodeParms<</Predictor 12>>"), UNREADABLE),
    "feigned beginning": (odd(b"/N 2", b"/X(>>stream\nendstream)/N 2"), UNREADABLE),
    "feigned by a comment": (odd(b"/N 2", b"%>>stream\nendstream\n/N 2"), UNREADABLE),
    "comment before the first": (odd(b"/First ", b"/First%\n"), UNREADABLE),
    "broken": (hidden(packed=b"\x00" + zlib.compress(EVIL)), UNREADABLE),
    "cut within": (
        hidden(packed=zlib.compress(b"endstream", 0)[:-4] + zlib.compress(EVIL)),
        UNREADABLE,
    ),
    "one in another": (hidden(packed=b"".join([hidden(), zlib.compress(PLAIN)])), UNREADABLE),
    "long head": (odd(b"/N 2", b"/X [" + b"0 " * 2000 + b"]/N 2"), UNREADABLE),
    "spelled lock": (b"2 0 obj <</#45ncrypt 3 0 R>> endobj", LOCKED),
    "script after a comment": (b"2 0 obj <</S/Rendition/JS%x\n(app.alert)>> endobj", ACTS),
    "script elsewhere": (b"2 0 obj <</S/Rendition/JS 5 0 R>> endobj", ACTS),
    "spelled script": (b"2 0 obj <</S/Rendition/#4a#53<41>>> endobj", ACTS),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_script_is_found_or_the_file_refused(what: str) -> None:
    part, reason = REFUSED[what]
    with pytest.raises(AttachmentRefused, match=reason):
        checked("a.pdf", within(part), MOST)


@pytest.mark.parametrize("head", HEADS)
def test_what_programs_write_is_taken(head: bytes) -> None:
    outline = b"3 0 obj\n<</Type/Outlines/First 12 0 R/Last 13 0 R/Title(endstream \\()>>\nendobj"
    font = b"4 0 obj\n<</Type/Font/FirstChar 32/Widths[250]>>\nendobj"
    whole = within(
        outline, hidden(head, zlib.compress(PLAIN)), font, hidden(head, zlib.compress(PLAIN))
    )
    assert checked("a.pdf", whole, MOST).content == whole

    with pytest.raises(AttachmentRefused, match=ACTS):
        checked("a.pdf", within(outline, hidden(head, zlib.compress(PLAIN)), hidden(head)), MOST)


def test_a_large_picture_is_no_script_by_chance() -> None:
    """Nine million bytes of a picture: any three given ones stand somewhere in half of such files."""
    chance = random.Random(3)  # noqa: S311 (a repeatable test, no secret)
    shot = bytearray(chance.randbytes(9 * 10**6))
    for place in range(0, len(shot) - 9, 300_000):
        shot[place : place + 4] = b"/JS" + bytes([128 + place % 100])
    whole = within(b"5 0 obj <</Subtype/Image>>stream\n", bytes(shot), b"endstream endobj")
    assert checked("a.pdf", whole, MOST).content == whole


@pytest.mark.parametrize(
    "piece", [b"/First%", b"/JS%", b"/JS ", b"/First 1 ", b"/ObjStm", b"obj<<", b"#41", b"stream\n"]
)
def test_a_file_that_wants_to_be_read_for_ever_is_read_once(piece: bytes) -> None:
    whole = within(piece * (9 * 10**6 // len(piece)))
    tracemalloc.start()
    try:
        found = checked("a.pdf", whole, MOST).content
    except AttachmentRefused as refusal:
        found = str(refusal).encode()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found
    assert most < 60 * 2**20
