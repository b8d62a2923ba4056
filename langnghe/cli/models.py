"""Commands about the models that were trained here: list, use, rollback."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from config.errors import LangNgheError
from langnghe.app import App
from langnghe.cli.base import operator_folder
from langnghe.lines import emit
from nlp.topics import load_model
from storage import trained

SHIPPED = "shipped"
models = typer.Typer(no_args_is_help=True, help="The models that were trained here.")


class UnknownModel(LangNgheError):
    """There is no such model, or none to go back to."""

    reason = "model"


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(models, name="models")


@models.command("list")
def list_models(context: typer.Context) -> None:
    """List the models, newest first, with state and figures; the shipped one last."""
    app = App(operator_folder(context.obj))
    with app.sessions() as session:
        found = trained.every(session)
    for one in found:
        emit(
            {
                "version": one.version,
                "state": one.state.value,
                "trained_at": one.trained_at,
                "path": one.path,
                "why": one.why,
                "figures": one.figures,
            }
        )
    used = any(one.state is trained.ModelState.IN_USE for one in found)
    state = trained.ModelState.KEPT if used else trained.ModelState.IN_USE
    emit({"version": load_model().version, "state": state.value, "path": SHIPPED})


@models.command()
def use(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help='Version, or "shipped".')],
) -> None:
    """Take a model into use from the next round on; what was read before stays as it is."""
    app = App(operator_folder(context.obj))
    wanted = "" if version in (SHIPPED, load_model().version) else version
    with app.sessions.begin() as session:
        known = trained.get(session, wanted) if wanted else None
        if wanted and known is None:
            raise UnknownModel(f"không có mô hình {version!r}; xem: langnghe models list")
        if known is not None:
            load_model(app.settings.data_dir / known.path)  # a broken one is refused here
        trained.use(session, wanted, f"chọn bằng tay: {getpass.getuser()}")
    _tell(app, wanted)


@models.command()
def rollback(context: typer.Context) -> None:
    """Go back to the model that was in use before; repeated, further back."""
    app = App(operator_folder(context.obj))
    with app.sessions.begin() as session:
        before = trained.roll_back(session, f"quay lại: {getpass.getuser()}")
    if before is None:
        raise UnknownModel("đang dùng mô hình kèm theo, không còn mô hình nào trước đó")
    _tell(app, before)


def _tell(app: App, version: str) -> None:
    app.renew_reader()
    emit({"version": version or SHIPPED, "reader": app.reader.version, "fault": app.chosen.fault})
