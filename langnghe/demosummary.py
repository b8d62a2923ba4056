"""What the demonstration brought out, in a few lines for whoever ran it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from langnghe.app import App
from storage import cases, events, items, outbox
from storage.cases import StoredCase
from triage.case import CaseState
from triage.wording import STATE, severity_text


def print_summary(app: App, folder: Path, console: Console) -> None:
    """Print counts, the cases by unit, and where to look."""
    with app.views() as session:
        kept, grouped = items.count(session), events.count(session)
        found = cases.find(session)
        mails = outbox.counts(session)
    states = Counter(case.brief.state for case in found)
    console.print()
    console.print(_table(app, found))
    console.print(
        f"\n[bold]{kept}[/] tin đã đọc → [bold]{grouped}[/] sự việc → "
        f"[bold]{len(found)}[/] vụ việc "
        f"({states[CaseState.PROPOSED]} chờ người duyệt), "
        f"[bold]{mails.get('sent', 0)}[/] thư đã ghi."
    )
    newest = max((folder / "digests").glob("*.html"), default=None)
    console.print(f"\nBản tin mỗi ngày:  {folder / 'digests'}  (mở bằng trình duyệt: {newest})")
    console.print(f"Thư gửi đơn vị:    {folder / 'outbox'}  (tệp .eml, mở bằng phần mềm thư)")
    console.print(f"Cơ sở dữ liệu:     {folder / 'langnghe.db'}")


def _table(app: App, found: list[StoredCase]) -> Table:
    table = Table(title="Các vụ việc", title_justify="left", box=None, pad_edge=False)
    for name in ("Số", "Ngày", "Mức", "Chủ đề", "Địa bàn", "Đơn vị", "Trạng thái", "Nội dung"):
        table.add_column(name, overflow="fold")
    for case in sorted(found, key=lambda one: one.brief.case_id):
        brief = case.brief
        topics = [app.catalog.topics[topic].name for topic in brief.topics[:1]]
        table.add_row(
            str(brief.case_id),
            f"{brief.opened_at:%d/%m/%y}",
            severity_text(brief.severity),
            "".join(topics),
            brief.place,
            brief.unit_name,
            STATE[brief.state],
            brief.title,
        )
    return table
