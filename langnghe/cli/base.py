"""What all commands share: the application, clean errors, and the exit status.

0: done. 1: done, but some items failed. 2: the call or the configuration is wrong.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from config.errors import ConfigError, LangNgheError
from langnghe import logs

FOLDER_VARIABLE = "LANGNGHE_CONFIG"
DEFAULT_FOLDER = Path("langnghe.d")


class Group(TyperGroup):
    """Shows a deliberate error as clean lines; a defect keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command, turning our errors into lines on stderr and an exit status."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            for problem in error.problems:
                sys.stderr.write(problem + "\n")
            raise typer.Exit(2) from error
        except LangNgheError as error:
            sys.stderr.write(f"{error.reason}: {error}\n")
            raise typer.Exit(1) from error
        except BrokenPipeError:
            # The reader of our output went away (`| head`): that is its good right.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None


def operator_folder(given: Path | None) -> Path | None:
    """Return the operator's folder: the option, else the variable, else ./langnghe.d if there.

    Raises `ConfigError` where a folder is named that does not exist.
    """
    named = given or (Path(os.environ[FOLDER_VARIABLE]) if FOLDER_VARIABLE in os.environ else None)
    if named is not None and not named.is_dir():
        raise ConfigError([f"{named}: -: no such folder (make one with: langnghe init {named})"])
    return named or (DEFAULT_FOLDER if DEFAULT_FOLDER.is_dir() else None)


def finish(failed: int) -> None:
    """End the command with status 1 where items failed."""
    sys.stdout.flush()
    if failed:
        raise typer.Exit(1)


def start_logs(*, verbose: bool, json_logs: bool) -> None:
    """Set the logs up before anything else runs."""
    logs.setup(verbose=verbose, json_lines=json_logs)
