"""Make an operator's folder: every file that may stand in it, explained in place."""

from __future__ import annotations

from pathlib import Path

from config.errors import ConfigError

_FILES = {
    "langnghe.toml": """\
# Cấu hình chung. Mọi khóa đều có giá trị mặc định; bỏ dấu # để đổi.
# Kiểm tra sau khi sửa: langnghe --config THƯ-MỤC check
province = "Bến Tre"
# agency = "BAN TUYÊN GIÁO VÀ DÂN VẬN TỈNH ỦY"     # tên cơ quan in trên báo cáo
# data_dir = "data"                                 # cơ sở dữ liệu SQLite, thư đi, bản tin
# database_url_file = "/run/secrets/langnghe-db"    # PostgreSQL: postgresql+psycopg://…
# digest_at = 07:00:00                              # giờ ra bản tin sáng
# crawl_every_minutes = 15
# public_url = "https://langnghe.vi-du.example"      # để thư có đường dẫn trả lời
# defaults = ["topics", "holidays", "notifiers"]    # tỉnh khác: tự khai units, routing, sources

[crawl]
contact = ""          # địa chỉ thư hoặc trang web để báo chí liên hệ; nên điền
# delay = 2.0         # giây giữa hai lần tải cùng một máy chủ
# proxy = ""

[mail]
notifier = "outbox"   # ghi thư ra tệp .eml; đổi thành "smtp" sau khi khai notifiers/smtp.toml
domain = "langnghe.invalid"
# digest_to = ["lanhdao@vi-du.example"]

# [web]
# port = 8600         # trang web của `langnghe serve`; chỉ nghe trên 127.0.0.1 trừ khi đổi host
# trusted_proxies = ["127.0.0.1/32"]                # máy chủ trung gian (nginx…) đứng trước
""",
    "contacts.toml": """\
# Địa chỉ nhận thư của đơn vị: mã đơn vị = "địa chỉ". Mã xem bằng: langnghe units
# Đơn vị chưa có địa chỉ thì vụ việc chuyển về hàng chờ của tỉnh.
[contacts]
# ubnd-xa-an-hiep = "ubnd-anhiep@vi-du.example"
""",
    "sources/vi-du.toml": """\
# Một nguồn tin, một tệp; tên tệp là mã nguồn. Xem docs/sources.md.
name = "Báo ví dụ"
type = "feed"                 # feed | listing | sitemap | fanpage | upload
kind = "press"                # press | fanpage | petition | hotline | other
outlet = "Báo ví dụ"
home = "Bến Tre"              # tỉnh mà nguồn này viết về; để trống nếu là báo toàn quốc
every_minutes = 30
enabled = false
[options]
url = "https://vi-du.example/rss/thoi-su.rss"
""",
    "notifiers/smtp.toml": """\
# Gửi thư qua máy chủ SMTP. Dùng khi langnghe.toml đặt [mail] notifier = "smtp".
type = "smtp"
[options]
host = "localhost"
port = 587
sender = "langnghe@vi-du.example"
security = "starttls"         # starttls | tls | none
# user = "langnghe"
# password_file = "/run/secrets/smtp"
""",
}


def create(folder: Path) -> list[Path]:
    """Write the files that are not there yet, and return them.

    Files that exist are left as they are. Raises `ConfigError` where the folder
    cannot be written to.
    """
    written = []
    try:
        for name, text in _FILES.items():
            path = folder / name
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
                written.append(path)
    except OSError as error:
        raise ConfigError([f"{folder}: -: cannot be written to: {error.strerror}"]) from error
    return written
