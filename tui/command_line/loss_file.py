"""`train --csv`: the loss of every step in a new file, of which all that can be wrong is told before the run."""

import os
from argparse import Namespace
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

from .new_file import fill_new
from .options import UsageError

if TYPE_CHECKING:
    from backprop_tui.core.session.session import Session

ENDING = ".csv"


def check_table(options: Namespace) -> None:
    """Raises UsageError where no table could be written as it is to be, whatever the run is."""
    if options.csv is None:
        return
    path = Path(options.csv)
    if path.suffix.lower() != ENDING:
        raise UsageError(f"--csv writes a table: expected a name that ends in {ENDING}, found {options.csv}")
    if os.path.lexists(path):
        raise UsageError(f"--csv writes a new file, and {path} is there already")
    if not path.parent.is_dir():
        raise UsageError(f"--csv writes {path.name} into {path.parent}, which is no folder")


def losses_of(options: Namespace, session: "Session") -> Callable[[], tuple[list[tuple[str, str]], str]]:
    """Have the losses of a run kept that is about to begin; what is to be called at its end writes them.

    That gives what there is to say of the file, as rows of a result, and why it could not be written, empty where it
    was.
    """
    if options.csv is None:
        return lambda: ([], "")
    from backprop_tui.core.session.run_table import run_table

    # Of a run that goes on: those before, where each is known.
    losses = array("d", session.history.losses.from_step(1) if session.history.steps else [])
    first = 1 if losses else session.history.steps + 1
    session.records.every_loss = losses

    def write() -> tuple[list[tuple[str, str]], str]:
        def fill(file: IO[bytes]) -> None:
            # Names and numbers: there is nothing to be quoted.
            file.writelines(f"{','.join(row)}\n".encode() for row in run_table(session, losses, first))

        try:
            fill_new(Path(options.csv), fill)
        except FileExistsError:
            return [], f"--csv writes a new file, and {options.csv} is there now"
        except OSError as problem:
            return [], f"{options.csv}: {problem.strerror or problem}"
        return [("losses", f"{options.csv}, a row for each step")], ""

    return write
