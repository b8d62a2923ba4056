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
    page(document)
    parent = ("{%p if agency.parent %}", "{{ agency.parent }}", "{%p endif %}")
    number, dated = "Số:          /BC{{ agency.code }}", "{{ place }}, {{ dated }}"
    letterhead(document, parent, "{{ agency.name }}", number, dated)
    title(document, "BÁO CÁO", "{{ subject }}")
    _body(document)
    _figures(document)
    _coverage(document)
    recipients = ("{%p for one in recipients %}", "- {{ one }};", "{%p endfor %}")
    end(document, recipients, "{{ agency.signer }}")
    return document


def page(document: DocumentObject) -> None:
    """Set the sheet and the type of Decree 30."""
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


def letterhead(
    document: DocumentObject, parent: Sequence[str], name: str, number: str, dated: str
) -> None:
    """Agency on the left, the national name and motto on the right, number and date below."""
    table = document.add_table(rows=2, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    columns(table, 66, 99)
    agency, nation = table.rows[0].cells
    for text in parent:
        cell_line(agency, text, size=12)
    _rule(cell_line(agency, name, size=12, bold=True), side=Mm(22))
    cell_line(nation, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=12, bold=True)
    _rule(cell_line(nation, "Độc lập - Tự do - Hạnh phúc", size=13, bold=True), side=Mm(17))
    left, right = table.rows[1].cells
    cell_line(left, number, size=13)
    cell_line(right, dated, size=14, italic=True)


def title(document: DocumentObject, kind: str, subject: str) -> None:
    """Write what the paper is, and what about."""
    say(document, kind, bold=True, align=_CENTRE, before=18)
    _rule(say(document, subject, bold=True, align=_CENTRE), side=Mm(55))


def _body(document: DocumentObject) -> None:
    heading(document, "I. TÌNH HÌNH CHUNG")
    _text(document, "{{ summary }}")
    _text(document, "{{ caution }}")
    heading(document, "II. NỘI DUNG")
    for line in (
        "{%p if not sections %}",
        "{{ quiet }}",
        "{%p endif %}",
        "{%p for section in sections %}",
    ):
        _text(document, line)
    say(document, "{{ loop.index }}. {{ section.title }}", bold=True, before=8, first=True)
    _text(document, "{%p for entry in section.entries %}")
    say(document, "{{ entry.number }} {{ entry.title }}", bold=True, italic=True, first=True)
    _text(document, "{%p for line in entry.lines %}")
    _text(document, "- {{ line }}")
    _text(document, "{%p endfor %}")
    _text(document, "{%p for link in entry.links %}")
    _text(document, "+ {{r link }}")
    for _ in range(3):
        _text(document, "{%p endfor %}")


def _figures(document: DocumentObject) -> None:
    heading(document, "III. SỐ LIỆU")
    _text(document, "{%p for table in tables %}")
    say(document, "{{ loop.index }}. {{ table.title }}", bold=True, before=6, first=True)
    grid = document.add_table(rows=4, cols=4)
    grid.style, grid.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    columns(grid, 84, 27, 27, 27)
    rows: Sequence[Sequence[str]] = (
        ("Tên", "Số sự việc", "Quá hạn", "Tuần trước"),
        ("{%tr for row in table.rows %}", "", "", ""),
        ("{{ row.name }}", "{{ row.count }}", "{{ row.overdue }}", "{{ row.before }}"),
        ("{%tr endfor %}", "", "", ""),
    )
    for number, texts in enumerate(rows):
        for column, text in enumerate(texts):
            cell = grid.cell(number, column)
            align = _LEFT if column == 0 and number else _CENTRE
            cell_line(cell, text, size=13, bold=number == 0, align=align)
    _text(document, "{%p endfor %}")
    _text(document, "{%p for line in counted %}")
    _text(document, "{{ line }}")
    _text(document, "{%p endfor %}")


def _coverage(document: DocumentObject) -> None:
    heading(document, "IV. PHẠM VI ĐÃ THEO DÕI")
    _text(document, "{%p for line in coverage %}")
    _text(document, "{{ line }}")
    _text(document, "{%p endfor %}")


def end(document: DocumentObject, recipients: Sequence[str], signer: str) -> None:
    """Recipients on the left, the one who signs on the right."""
    say(document, "", before=6)
    table = document.add_table(rows=1, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    left, right = table.rows[0].cells
    cell_line(left, "Nơi nhận:", size=12, bold=True, italic=True, align=_LEFT)
    for text in recipients:
        cell_line(left, text, size=11, align=_LEFT)
    cell_line(left, "- Lưu: VT.", size=11, align=_LEFT)
    cell_line(right, signer, size=14, bold=True)


def heading(document: DocumentObject, text: str) -> None:
    """Write the heading of a part; it stays with what follows."""
    say(document, text, bold=True, before=10, first=True).paragraph_format.keep_with_next = True


def _text(document: DocumentObject, text: str) -> None:
    say(document, text, first=True, align=WD_ALIGN_PARAGRAPH.JUSTIFY)


def say(
    document: DocumentObject,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    align: WD_ALIGN_PARAGRAPH | None = None,
    before: int = 4,
    first: bool = False,
) -> Paragraph:
    """Add a paragraph; `before` is the space above it in points, `first` indents its first line."""
    paragraph = document.add_paragraph()
    if align is not None:
        paragraph.alignment = align
    paragraph.paragraph_format.space_before = Pt(before)
    if first:
        paragraph.paragraph_format.first_line_indent = Cm(1)
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic
    return paragraph


def cell_line(
    cell: _Cell,
    text: str,
    *,
    size: int = 13,
    bold: bool = False,
    italic: bool = False,
    align: WD_ALIGN_PARAGRAPH = _CENTRE,
) -> Paragraph:
    """Add a line to a cell of a table, in its first paragraph if that is empty."""
    empty = len(cell.paragraphs) == 1 and not cell.text
    paragraph: Paragraph = cell.paragraphs[0] if empty else cell.add_paragraph()
    paragraph.alignment = align
    run = paragraph.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)
    return paragraph


def columns(table: Table, *widths: int) -> None:
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
