"""The digest as a Word report: the layout of Decree 30/2020, every entry, nothing hostile."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.shared import Mm, Pt
from hostile import ADDRESSES, MARKUP
from triage_samples import LATE, NEW, digest

from triage.digest import Link, Topic
from triage.docx import Agency, dated, render_docx
from triage.letter import TEMPLATE, make_template
from triage.wording import one_line

AGENCY = Agency(
    name="Ban Tuyên giáo và Dân vận Tỉnh ủy",
    parent="Tỉnh ủy Bến Tre",
    code="BTGDV",
    recipients=("Thường trực Tỉnh ủy (để báo cáo)", "Văn phòng UBND tỉnh"),
)


def opened(data=None, agency=AGENCY):
    return Document(io.BytesIO(render_docx(data or digest(), agency)))


def words(document) -> str:
    """All text of the body, links included, in order of paragraphs, then of tables."""
    paragraphs = list(document.paragraphs)
    for table in document.tables:
        paragraphs += [line for row in table.rows for cell in row.cells for line in cell.paragraphs]
    return "\n".join(paragraph.text for paragraph in paragraphs)


def links(document) -> list[str]:
    """Where links lead, in their order."""
    related = document.part.rels.values()
    return [one.target_ref for one in related if one.reltype == RELATIONSHIP_TYPE.HYPERLINK]


def test_the_head_is_that_of_decree_30():
    head = opened().tables[0]

    assert [cell.text.strip() for row in head.rows for cell in row.cells] == [
        "TỈNH ỦY BẾN TRE\nBAN TUYÊN GIÁO VÀ DÂN VẬN TỈNH ỦY",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc",
        "Số:          /BC-BTGDV",
        "Bến Tre, ngày 25 tháng 7 năm 2023",
    ]


def test_the_page_is_a4_with_the_margins_of_decree_30_in_times_new_roman():
    document = opened()
    page = document.sections[0]

    assert [round(side / Mm(1)) for side in (page.page_width, page.page_height)] == [210, 297]
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [round(side / Mm(1)) for side in margins] == [20, 20, 30, 15]
    assert document.styles["Normal"].font.name == "Times New Roman"
    assert document.styles["Normal"].font.size == Pt(14)
    assert page.different_first_page_header_footer


def test_the_title_the_parts_and_the_end_stand_in_order():
    document = opened()
    parts = [
        paragraph.text
        for paragraph in document.paragraphs
        if paragraph.runs and paragraph.runs[0].bold and not paragraph.runs[0].italic
    ]

    assert parts == [
        "BÁO CÁO",
        "Tổng hợp vấn đề dân sinh được phản ánh ngày 25/07/2023",
        "I. TÌNH HÌNH CHUNG",
        "II. NỘI DUNG",
        "1. Quá hạn (1) – Đơn vị chưa làm đúng hạn của vụ việc.",
        "2. Sự việc mới (1) – Lần đầu được nêu.",
        "3. Chờ quyết định (1) – Chưa gửi cho đơn vị nào; cần người xem và quyết định.",
        "4. Có diễn biến (1) – Đã nêu trước đây, nay có điều mới.",
        "5. Đã kết thúc (1) – Kết thúc từ sau bản tin trước.",
        "6. Đang theo dõi (1) – Vụ việc còn mở, trong hạn, chưa có gì mới.",
        "III. SỐ LIỆU",
        "1. Theo đơn vị",
        "2. Theo lĩnh vực",
        "IV. PHẠM VI ĐÃ THEO DÕI",
    ]
    assert [cell.text for cell in document.tables[-1].rows[0].cells] == [
        "Nơi nhận:\n- Thường trực Tỉnh ủy (để báo cáo);\n- Văn phòng UBND tỉnh;\n- Lưu: VT.",
        "THỦ TRƯỞNG CƠ QUAN",
    ]


def test_all_entries_are_there_with_their_facts():
    data = digest()
    found = words(opened(data))

    for _, entries in data.sections():
        for entry in entries:
            wanted = [entry.title, entry.place, entry.gist, entry.unit_name, entry.hold]
            wanted += [entry.recurs_of, *entry.why, *entry.changes]
            wanted += [word for link in entry.links for word in (link.outlet, link.title)]
            wanted += [topic.name for topic in entry.topics]
            assert [want for want in wanted if want not in found] == []
    for fact in (
        "Quá hạn báo đã tiếp nhận 4 ngày 16 giờ (hạn 15:00 ngày 20/07/2023)",
        "Nguồn: 3 nguồn độc lập, 2 bản đăng lại:",
        "Không đọc được (2): Tin Hỏng (HTTP 503); Trang X (mã truy cập hết hạn).",
        "Chỉ đếm, không lập vụ việc: An ninh trật tự, tai nạn, cháy nổ: 1.",
        "1 sự việc nhỏ dưới ngưỡng, không nêu.",
    ):
        assert fact in found
    assert "Ghe chìm" not in found


def test_figures_stand_in_tables():
    units = opened().tables[1]

    assert [[cell.text for cell in row.cells] for row in units.rows] == [
        ["Tên", "Số sự việc", "Quá hạn", "Tuần trước"],
        ["UBND huyện Châu Thành", "2", "0", ""],
        ["Chưa rõ đơn vị", "1", "0", ""],
        ["UBND huyện Ba Tri", "1", "1", ""],
        ["UBND thành phố Bến Tre", "1", "0", ""],
    ]


def test_links_lead_to_the_press_only():
    assert links(opened()) == [
        "https://bao-mau.example/rac?a=1&b=2",
        "http://xu-dua.example/13-ho",
    ]


def test_a_quiet_day_says_so():
    data = digest(NEW, told=dict(digest(NEW, told={}).told))

    found = words(opened(data))

    assert "Trong ngày không có sự việc mới đáng nêu." in found
    assert "Nghe được 22/24 nguồn, 312 tin và bài trong ngày." in found


@pytest.mark.parametrize("evil", MARKUP)
def test_markup_stays_text_and_the_document_opens(evil):
    shown = one_line(evil)
    link = Link(evil, evil, "https://a.example/?x=<b>&y=1")
    entry = replace(
        LATE, title=evil, gist=evil, place=evil, unit_name=evil, why=(evil,),
        topics=(Topic("waste", evil),), links=(link, Link(evil, evil, "https://a.example/?x&y")),
    )  # fmt: skip

    document = opened(digest(entry, told={}), replace(AGENCY, name=evil))

    assert shown in words(document)
    assert links(document) == ["https://a.example/?x&y"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_other_addresses_are_no_links(address):
    entry = replace(LATE, links=(Link("Báo Mẫu", "Tin", address),))

    assert links(opened(digest(entry, told={}))) == []


def test_the_same_day_gives_the_same_bytes():
    assert render_docx(digest(), AGENCY) == render_docx(digest(), AGENCY)


def test_an_agency_with_a_name_alone_is_enough():
    head = opened(agency=Agency("Ban Tuyên giáo")).tables[0]

    assert head.rows[0].cells[0].text.strip() == "BAN TUYÊN GIÁO"
    assert head.rows[1].cells[0].text == "Số:          /BC"


def test_an_operators_own_template_is_used(tmp_path):
    own = make_template()
    own.add_paragraph("Bản in của {{ agency.name }}")
    own.save(str(tmp_path / "own.docx"))

    content = render_docx(digest(), AGENCY, tmp_path / "own.docx")

    last = Document(io.BytesIO(content)).paragraphs[-1].text
    assert last == "Bản in của BAN TUYÊN GIÁO VÀ DÂN VẬN TỈNH ỦY"


def test_the_shipped_template_is_the_one_the_program_makes():
    made = io.BytesIO()
    make_template().save(made)

    with zipfile.ZipFile(made) as fresh, zipfile.ZipFile(TEMPLATE) as shipped:
        assert {name: shipped.read(name) for name in shipped.namelist()} == {
            name: fresh.read(name) for name in fresh.namelist()
        }


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2023, 1, 9), "ngày 09 tháng 01 năm 2023"),
        (date(2024, 2, 29), "ngày 29 tháng 02 năm 2024"),
        (date(2023, 3, 1), "ngày 01 tháng 3 năm 2023"),
        (date(2026, 12, 31), "ngày 31 tháng 12 năm 2026"),
    ],
)
def test_days_are_written_as_decree_30_does(day, written):
    assert dated(day) == written


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_makes_a_pdf_of_it(tmp_path):
    (tmp_path / "d.docx").write_bytes(render_docx(digest(), AGENCY))

    home = f"-env:UserInstallation=file://{tmp_path}/home"
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir"]
    subprocess.run(
        [*command, str(tmp_path), str(tmp_path / "d.docx")], check=True, capture_output=True
    )

    assert (tmp_path / "d.pdf").read_bytes().startswith(b"%PDF-")
