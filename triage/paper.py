"""A paper for an office: parts with sentences and tables, shown as HTML, text or Word."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from config.settings import ZONE
from triage.docx import Agency, dated, without_clock
from triage.letter import cell_line, columns, end, heading, letterhead, page, say, title
from triage.render import render
from triage.wording import http_only, one_line

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_TEXT_WIDTH_MM = 165


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence or item of a list; with `url` it leads to a press article."""

    text: str
    url: str = ""

    @property
    def href(self) -> str:
        """The address if it is a plain web address, else empty."""
        return http_only(self.url)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its head, its rows, and the share of the width of each column."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a paper: a heading, then its lines, then its tables."""

    title: str
    lines: tuple[Line, ...] = ()
    grids: tuple[Grid, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole paper. `small` sets it a size smaller, to stay on one page."""

    subject: str
    province: str
    made_at: datetime
    parts: tuple[Part, ...]
    kind: str = "BÁO CÁO"
    small: bool = field(default=False)


def lines(*texts: str) -> tuple[Line, ...]:
    """Return the texts that are not empty as lines."""
    return tuple(Line(text) for text in texts if text)


def render_paper(paper: Paper, form: Literal["html", "text"], agency: Agency) -> str:
    """Return the paper as an HTML page or as plain text: the same facts."""
    context = {"paper": paper, "agency": agency, "numbers": _ROMAN}
    return render("paper.html" if form == "html" else "paper.txt", context)


def paper_docx(paper: Paper, agency: Agency) -> bytes:
    """Return the paper as a Word document in the layout of Decree 30: same data, same bytes.

    The number and the signature are left for people to fill in.
    """
    document = Document()
    page(document)
    parent = (one_line(agency.parent).upper(),) if agency.parent else ()
    code = f"-{one_line(agency.code)}" if agency.code else ""
    made = paper.made_at.astimezone(ZONE)
    place = one_line(agency.place or paper.province)
    name = one_line(agency.name).upper()
    letterhead(document, parent, name, f"Số:          /BC{code}", f"{place}, {dated(made.date())}")
    title(document, paper.kind, one_line(paper.subject))
    size = 12 if paper.small else 14
    for number, part in zip(_ROMAN, paper.parts, strict=False):
        heading(document, f"{number}. {one_line(part.title)}")
        for line in part.lines:
            _sentence(document, line)
        for grid in part.grids:
            _grid(document, grid)
    end(document, [f"- {one_line(one)};" for one in agency.recipients], agency.signer.upper())
    _resize(document, size)
    return _saved(document, paper, agency)


def _sentence(document: DocumentObject, line: Line) -> None:
    justify = WD_ALIGN_PARAGRAPH.JUSTIFY
    paragraph = say(document, one_line(line.text), first=True, align=justify, before=3)
    if line.href:
        _link(document, paragraph, line.href)


def _link(document: DocumentObject, paragraph: Paragraph, url: str) -> None:
    """Turn the only run of a paragraph into a link."""
    related = document.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), related)
    link.append(paragraph.runs[0]._r)
    paragraph._p.append(link)


def _grid(document: DocumentObject, grid: Grid) -> None:
    if grid.title:
        say(document, one_line(grid.title), bold=True, before=6, first=True)
    table = document.add_table(rows=1 + len(grid.rows), cols=len(grid.head))
    table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    total = sum(grid.shares)
    columns(table, *(_TEXT_WIDTH_MM * share // total for share in grid.shares))
    left, centre = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER
    for number, row in enumerate((grid.head, *grid.rows)):
        for column, text in enumerate(row):
            align = left if number and column == 0 else centre
            cell = table.cell(number, column)
            cell_line(cell, one_line(text), size=12, bold=number == 0, align=align)


def _resize(document: DocumentObject, size: int) -> None:
    style: Any = document.styles["Normal"]
    style.font.size = size * 12_700  # points in English Metric Units


def _saved(document: DocumentObject, paper: Paper, agency: Agency) -> bytes:
    properties = document.core_properties
    made = paper.made_at.astimezone(ZONE).replace(tzinfo=None)
    properties.created = properties.modified = made
    properties.title, properties.author = one_line(paper.subject), one_line(agency.name)
    properties.last_modified_by, properties.language = "", "vi-VN"
    written = io.BytesIO()
    document.save(written)
    return without_clock(written.getvalue())
