"""The main job: one round by hand, or the scheduler that runs day and night."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from langnghe.accounts import first_link
from langnghe.app import App
from langnghe.cli.base import finish, operator_folder
from langnghe.jobs import serve_forever
from langnghe.lines import emit
from langnghe.rounds import run_round_at
from langnghe.web.server import address, answer_requests, listen


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(run)
    app.command()(serve)
    app.command()(web)


def run(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once/--forever", help="One round, or as `serve` does.")
    ] = True,
) -> None:
    """Crawl what is due, read it, gather events, open cases, and send what is to be sent."""
    app = App(operator_folder(context.obj))
    if not once:
        _serve(app)
        return
    report = run_round_at(app, app.clock())
    emit(report.as_dict())
    finish(report.failed)


def serve(context: typer.Context) -> None:
    """Run rounds, the morning digest, the mails and the web pages until stopped."""
    _serve(App(operator_folder(context.obj)))


def web(context: typer.Context) -> None:
    """Run the web pages alone, beside a `serve` without them or for one more process."""
    app = App(operator_folder(context.obj))
    _ = app.engine
    with listen(app) as taken:

        def began() -> None:
            sys.stderr.write(f"Trang web tại {address(taken)}. Ctrl-C để dừng.\n")
            _tell_first(app, address(taken))

        answer_requests(app, taken, began)


def _serve(app: App) -> None:
    _ = app.engine  # where it cannot be used, nothing runs
    settings = app.settings

    def began(pages: str) -> None:
        shown = f"; trang web: {pages}" if pages else ""
        sys.stderr.write(
            f"Lắng Nghe đang chạy: mỗi {settings.crawl_every_minutes} phút một lượt, bản tin lúc "
            f"{settings.digest_at:%H:%M}{shown}. Ctrl-C để dừng; thêm -v để xem từng bước.\n"
        )
        _tell_first(app, pages)

    serve_forever(app, began)


def _tell_first(app: App, pages: str) -> None:
    """Print, on the very first start, the link that makes the first account."""
    link = first_link(app, pages) if pages else ""
    if link:
        sys.stderr.write(
            f"Chưa có tài khoản. Tạo tài khoản quản trị (dùng một lần, 24 giờ): {link}\n"
        )
    sys.stderr.flush()
