"""Make the shipped Word template: a report in the layout of Decree 30/2020/NĐ-CP.

`python -m triage.letter` writes it anew. An operator may edit a copy in Word and have
it used instead: the places to fill in are ordinary text between braces.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

TEMPLATE = Path(__file__).parent / "templates" / "report.docx"
FONT = "Times New Roman"
_LEFT = WD_ALIGN_PARAGRAPH.LEFT
_CENTRE = WD_ALIGN_PARAGRAPH.CENTER


def make_template() -> DocumentObject:
    """Return the template: A4, margins 20/20/30/15 mm, Times New Roman 13 and 14."""
    document = Document()
    _page(document)
    _letterhead(document)
    _title(document)
    _body(document)
    _figures(document)
    _coverage(document)
    _end(document)
    return document


def _page(document: DocumentObject) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = Mm(10)
    section.different_first_page_header_footer = True  # the first page bears no number
    _page_number(section.header.paragraphs[0])
    style = cast("Any", document.styles["Normal"])
    style.font.name, style.font.size = FONT, Pt(14)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    style.paragraph_format.space_after = Pt(0)
    style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE


def _page_number(paragraph: Paragraph) -> None:
    paragraph.alignment = _CENTRE
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def _letterhead(document: DocumentObject) -> None:
    """Agency on the left, the national name and motto on the right, number and date below."""
    table = document.add_table(rows=2, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _columns(table, 66, 99)
    agency, nation = table.rows[0].cells
    _line(agency, "{%p if agency.parent %}")
    _line(agency, "{{ agency.parent }}", size=12)
    _line(agency, "{%p endif %}")
    _rule(_line(agency, "{{ agency.name }}", size=12, bold=True), side=Mm(22))
    _line(nation, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=12, bold=True)
    _rule(_line(nation, "Độc lập - Tự do - Hạnh phúc", size=13, bold=True), side=Mm(17))
    number, dated = table.rows[1].cells
    _line(number, "Số:          /BC{{ agency.code }}", size=13)
    _line(dated, "{{ place }}, {{ dated }}", size=14, italic=True)


def _title(document: DocumentObject) -> None:
    _say(document, "BÁO CÁO", bold=True, align=_CENTRE, before=18)
    _rule(_say(document, "{{ subject }}", bold=True, align=_CENTRE), side=Mm(55))


def _body(document: DocumentObject) -> None:
    _heading(document, "I. TÌNH HÌNH CHUNG")
    _text(document, "{{ summary }}")
    _text(document, "{{ caution }}")
    _heading(document, "II. NỘI DUNG")
    for line in (
        "{%p if not sections %}",
        "{{ quiet }}",
        "{%p endif %}",
        "{%p for section in sections %}",
    ):
        _text(document, line)
    _say(document, "{{ loop.index }}. {{ section.title }}", bold=True, before=8, first=True)
    _text(document, "{%p for entry in section.entries %}")
    _say(document, "{{ entry.number }} {{ entry.title }}", bold=True, italic=True, first=True)
    _text(document, "{%p for line in entry.lines %}")
    _text(document, "- {{ line }}")
    _text(document, "{%p endfor %}")
    _text(document, "{%p for link in entry.links %}")
    _text(document, "+ {{r link }}")
    for _ in range(3):
        _text(document, "{%p endfor %}")


def _figures(document: DocumentObject) -> None:
    _heading(document, "III. SỐ LIỆU")
    _text(document, "{%p for table in tables %}")
    _say(document, "{{ loop.index }}. {{ table.title }}", bold=True, before=6, first=True)
    grid = document.add_table(rows=4, cols=3)
    grid.style, grid.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    _columns(grid, 105, 30, 30)
    rows: Sequence[Sequence[str]] = (
        ("Tên", "Số sự việc", "Quá hạn"),
        ("{%tr for row in table.rows %}", "", ""),
        ("{{ row.name }}", "{{ row.count }}", "{{ row.overdue }}"),
        ("{%tr endfor %}", "", ""),
    )
    for number, texts in enumerate(rows):
        for column, text in enumerate(texts):
            cell = grid.cell(number, column)
            align = _LEFT if column == 0 and number else _CENTRE
            _line(cell, text, size=13, bold=number == 0, align=align)
    _text(document, "{%p endfor %}")
    _text(document, "{%p for line in counted %}")
    _text(document, "{{ line }}")
    _text(document, "{%p endfor %}")


def _coverage(document: DocumentObject) -> None:
    _heading(document, "IV. PHẠM VI ĐÃ THEO DÕI")
    _text(document, "{%p for line in coverage %}")
    _text(document, "{{ line }}")
    _text(document, "{%p endfor %}")


def _end(document: DocumentObject) -> None:
    """Recipients on the left, the one who signs on the right."""
    _say(document, "", before=6)
    table = document.add_table(rows=1, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    left, right = table.rows[0].cells
    _line(left, "Nơi nhận:", size=12, bold=True, italic=True, align=_LEFT)
    _line(left, "{%p for one in recipients %}", size=11, align=_LEFT)
    _line(left, "- {{ one }};", size=11, align=_LEFT)
    _line(left, "{%p endfor %}", size=11, align=_LEFT)
    _line(left, "- Lưu: VT.", size=11, align=_LEFT)
    _line(right, "{{ agency.signer }}", size=14, bold=True)


def _heading(document: DocumentObject, text: str) -> None:
    _say(document, text, bold=True, before=10, first=True).paragraph_format.keep_with_next = True


def _text(document: DocumentObject, text: str) -> None:
    _say(document, text, first=True, align=WD_ALIGN_PARAGRAPH.JUSTIFY)


def _say(
    document: DocumentObject,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    align: WD_ALIGN_PARAGRAPH | None = None,
    before: int = 4,
    first: bool = False,
) -> Paragraph:
    paragraph = document.add_paragraph()
    if align is not None:
        paragraph.alignment = align
    paragraph.paragraph_format.space_before = Pt(before)
    if first:
        paragraph.paragraph_format.first_line_indent = Cm(1)
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic
    return paragraph


def _line(
    cell: _Cell,
    text: str,
    *,
    size: int = 13,
    bold: bool = False,
    italic: bool = False,
    align: WD_ALIGN_PARAGRAPH = _CENTRE,
) -> Paragraph:
    empty = len(cell.paragraphs) == 1 and not cell.text
    paragraph: Paragraph = cell.paragraphs[0] if empty else cell.add_paragraph()
    paragraph.alignment = align
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)
    return paragraph


def _columns(table: Table, *widths: int) -> None:
    """Set the widths, in millimetres; Word goes by the cells, LibreOffice by the columns."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)


def _rule(paragraph: Paragraph, side: int) -> None:
    """Draw the short line that stands under a name, `side` in from each margin."""
    line = paragraph.insert_paragraph_before()
    paragraph._p.addnext(line._p)
    line.paragraph_format.left_indent = line.paragraph_format.right_indent = side
    line.paragraph_format.space_before, line.paragraph_format.line_spacing = Pt(2), Pt(3)
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    # The schema wants borders after keep-lines and before spacing.
    line._p.get_or_add_pPr().insert(0, borders)


if __name__ == "__main__":
    make_template().save(str(TEMPLATE))
