"""Another province by configuration alone: `langnghe init`, invented files, one round to a mail."""

from __future__ import annotations

import email
import threading
from collections.abc import Iterator
from datetime import date, datetime
from email import policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from config.settings import ZONE
from langnghe.app import App
from langnghe.cli import app as command
from langnghe.rounds import run_digest, run_round_at
from storage import cases
from triage.case import CaseState

MORNING = datetime(2026, 3, 3, 7, 30, tzinfo=ZONE)
STORY = (
    "Gần nửa tháng nay, bãi rác tự phát cạnh chợ xã Tân Phước 1, tỉnh Đồng Tháp ngày càng phình "
    "to mà không có xe tới gom. Rác sinh hoạt chất thành đống cao quá đầu người, nước rỉ đen ngòm "
    "chảy xuống mương, mùi hôi thối bốc lên nồng nặc khiến hàng trăm hộ dân quanh chợ không thể mở "
    "cửa. Nhiều trẻ em bị ho, nổi mẩn. Người dân đã nhiều lần phản ánh nhưng rác vẫn chưa được dọn."
)
PAGES = {
    "/robots.txt": ("text/plain", "User-agent: *\nAllow: /\n"),
    "/rss": (
        "application/rss+xml",
        (
            '<rss version="2.0"><channel><title>Tin</title><item>'
            "<title>Bãi rác cạnh chợ Tân Phước 1 bốc mùi hôi thối, dân kêu cứu</title>"
            "<link>http://bao.dongthap.example/bai-rac.html</link>"
            "<description>Rác chất đống, không xe gom.</description>"
            "<pubDate>Tue, 03 Mar 2026 06:00:00 +0700</pubDate></item></channel></rss>"
        ),
    ),
    "/bai-rac.html": (
        "text/html; charset=utf-8",
        (
            "<html><head><title>Bãi rác cạnh chợ Tân Phước 1 bốc mùi hôi thối, dân kêu cứu</title>"
            '<meta property="article:published_time" content="2026-03-03T06:00:00+07:00"></head>'
            "<body><article><h1>Bãi rác cạnh chợ Tân Phước 1 bốc mùi hôi thối, dân kêu cứu</h1>"
            f"<p>{STORY}</p></article></body></html>"
        ),
    ),
}
FILES = {
    "langnghe.toml": """
        province = "Đồng Tháp"
        agency = "TỔ LẮNG NGHE TỈNH ĐỒNG THÁP"
        defaults = ["topics", "holidays", "notifiers"]
        [crawl]
        delay = 0.0
        proxy = "{proxy}"
        allow_private = true
        [mail]
        domain = "dongthap.example"
        digest_to = ["lanhdao@dongthap.example"]
    """,
    "contacts.toml": """
        [contacts]
        ubnd-xa-tan-phuoc-1 = "tanphuoc1@dongthap.example"
        to-phan-loai = "phanloai@dongthap.example"
        so-moi-truong = "so@dongthap.example"
    """,
    "units/ubnd-xa-tan-phuoc-1.toml": """
        name = "Ủy ban nhân dân xã Tân Phước 1"
        place = "28321"
        level = "xa"
        valid_from = 2025-07-01
    """,
    "units/so-moi-truong.toml": 'name = "Sở Môi trường tỉnh Đồng Tháp"\nlevel = "so"',
    "units/to-phan-loai.toml": 'name = "Tổ phân loại"\nplace = "82"\nlevel = "tinh"\nqueue = true',
    "routing/dong-thap.toml": """
        [[rows]]
        place = "*"
        within = "82"
        level = "commune"
        valid_from = 2025-07-01
        lead = "{place}"
        copies = ["so-moi-truong"]
        decision = "Quyết định thử nghiệm"
    """,
    "sources/bao-dong-thap.toml": """
        name = "Báo thử nghiệm Đồng Tháp"
        type = "feed"
        kind = "press"
        outlet = "Báo thử nghiệm"
        home = "Đồng Tháp"
        [options]
        url = "http://bao.dongthap.example/rss"
    """,
}


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind, text = PAGES.get(urlsplit(self.path).path, ("text/plain", ""))
        body = text.encode()
        self.send_response(200 if text else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def say(*words: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(command, [str(word) for word in words])
    return result.exit_code, result.stdout


@pytest.fixture(scope="module")
def folder(site: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dong-thap")
    assert say("init", folder)[0] == 0
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text.replace("{proxy}", site), "utf-8")
    return folder


@pytest.fixture(scope="module")
def app(folder: Path) -> App:
    """The province after its first round and its first digest."""
    app = App(folder, clock=lambda: MORNING)
    run_round_at(app, MORNING)
    run_digest(app, MORNING.date())
    return app


def mails(app: App) -> dict[str, EmailMessage]:
    found = {}
    for path in sorted((app.settings.data_dir / "outbox").glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        found[str(message["To"])] = message
    return found


def words(message: EmailMessage) -> str:
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join([str(message["Subject"]), *parts])


def test_the_folder_is_valid(folder: Path) -> None:
    assert say("check", folder) == (0, "")


def test_a_report_of_its_press_becomes_a_case_of_its_commune(app: App) -> None:
    with app.views() as session:
        (case,) = cases.find(session)

    assert (case.brief.unit_id, case.brief.state) == ("ubnd-xa-tan-phuoc-1", CaseState.SENT)
    assert case.brief.topics[0] in ("waste", "pollution")
    assert case.brief.place == "xã Tân Phước 1"
    assert (case.unit_then, case.copies) == ("ubnd-xa-tan-phuoc-1", ("so-moi-truong",))
    assert case.brief.deadlines is not None
    assert case.brief.deadlines.acknowledge.astimezone(ZONE).date() == date(2026, 3, 3)


def test_the_commune_the_department_and_the_readers_are_written_to(app: App) -> None:
    found = mails(app)

    assert sorted(found) == [
        "lanhdao@dongthap.example",
        "so@dongthap.example",
        "tanphuoc1@dongthap.example",
    ]
    unit = words(found["tanphuoc1@dongthap.example"])
    assert "Tân Phước 1" in unit
    assert "http://bao.dongthap.example/bai-rac.html" in unit
    assert "TỔ LẮNG NGHE TỈNH ĐỒNG THÁP" in unit
    assert all(str(mail["Message-ID"]).endswith("@dongthap.example>") for mail in found.values())


def test_nothing_speaks_of_the_shipped_province(app: App) -> None:
    told = [words(mail) for mail in mails(app).values()]
    told += [path.read_text("utf-8") for path in (app.settings.data_dir / "digests").iterdir()]

    assert len(told) == 5
    assert [text for text in told if "Bến Tre" in text or "Vĩnh Long" in text] == []
    assert all("Đồng Tháp" in text or "ĐỒNG THÁP" in text for text in told)


def test_its_routing_can_be_asked(folder: Path) -> None:
    asked = ("--topic", "waste", "--on", "2026-03-03", "--as-of", "2026-03-03")

    own = say(
        "-c", folder, "route", "--place", "xã Tân Phước 1, tỉnh Đồng Tháp", *asked,
        "--expect", "ubnd-xa-tan-phuoc-1",
    )  # fmt: skip
    strange = say("-c", folder, "route", "--place", "xã Ba Tri, tỉnh Vĩnh Long", *asked)

    assert own[0] == 0
    assert '"lead": null' in strange[1]
