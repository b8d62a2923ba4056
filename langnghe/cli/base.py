"""What all commands share: the application, clean errors, and the exit status.

0: done. 1: done, but some items failed. 2: the call or the configuration is wrong.
"""

from __future__ import annotations

import getpass
import os
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from config.errors import ConfigError, LangNgheError
from langnghe import logs
from storage.errors import out_of_range

FOLDER_VARIABLE = "LANGNGHE_CONFIG"
DEFAULT_FOLDER = Path("langnghe.d")
#: Days before this one are slips of the pen: there was no press on the web here.
FIRST_DAY = date(1997, 1, 1)
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_PHONE = re.compile(r"\d{6}")


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
        except Exception as error:
            if not out_of_range(error):
                raise
            sys.stderr.write("a number or a day of this call is out of range\n")
            raise typer.Exit(2) from error


def operator_folder(given: Path | None) -> Path | None:
    """Return the operator's folder: the option, else the variable, else ./langnghe.d if there.

    Raises `ConfigError` where a folder is named that does not exist.
    """
    named = given or (Path(os.environ[FOLDER_VARIABLE]) if FOLDER_VARIABLE in os.environ else None)
    if named is not None and not named.is_dir():
        raise ConfigError([f"{named}: -: no such folder (make one with: langnghe init {named})"])
    return named or (DEFAULT_FOLDER if DEFAULT_FOLDER.is_dir() else None)


def operator(who: str = "", role: str = "analyst") -> str:
    """Return how the history names who acts by command: `who`, else the user of this machine.

    It names an office or a login, never a person with a number: what does not look like a
    login is refused.
    """
    name = who.strip().lower()
    if who and (not _LOGIN.fullmatch(name) or _PHONE.search(name)):
        raise typer.BadParameter(f"--who: {who!r} is no login name (small letters, digits, . _ -)")
    return f"{role}:{name or getpass.getuser()}"


def past_day(day: date, today: date, option: str) -> date:
    """Return a day that is over or going on; refuse any other."""
    if not FIRST_DAY <= day <= today:
        raise typer.BadParameter(f"{option}: {day} is not between {FIRST_DAY} and {today}")
    return day


def finish(failed: int) -> None:
    """End the command with status 1 where items failed."""
    sys.stdout.flush()
    if failed:
        raise typer.Exit(1)


def start_logs(*, verbose: bool, json_logs: bool) -> None:
    """Set the logs up before anything else runs."""
    logs.setup(verbose=verbose, json_lines=json_logs)
