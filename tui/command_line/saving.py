"""`train --save`: the weights at the end of a run in a new file, of which all that can be wrong is told before it."""

import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from backprop_tui.core.preset.schema import PresetError

from .new_file import fill_new
from .options import UsageError

if TYPE_CHECKING:
    from backprop_tui.core.session.session import Session
    from backprop_tui.core.training.parameters_file import NameStyle

ENDING = ".npz"


def check_saved(options: Namespace, session: "Session") -> None:
    """Raises UsageError, or PresetError, where the weights could not be saved as they are to be."""
    if options.save is None:
        if options.format is not None:
            raise UsageError("--format is how --save writes the weights: add --save FILE.npz")
        return
    path = Path(options.save)
    if path.suffix.lower() != ENDING:
        raise UsageError(f"--save writes a NumPy archive: expected a name that ends in {ENDING}, found {options.save}")
    if os.path.lexists(path):
        raise UsageError(f"--save writes a new file, and {path} is there already")
    if not path.parent.is_dir():
        raise UsageError(f"--save writes {path.name} into {path.parent}, which is no folder")
    if options.format == "torch":
        sequential_of(session)


def sequential_of(session: "Session") -> str:
    """The `nn.Sequential` of the run's network; raises PresetError where it is none."""
    from backprop_tui.core.preset.torch_names import sequential

    return sequential(session.preset.layers, session.trainer.layers[0].inputs)


def save(options: Namespace, session: "Session") -> tuple[list[tuple[str, str]], str]:
    """Write the file: what there is to say of it, as rows of a result, and why it could not be, empty where it was."""
    if options.save is None:
        return [], ""
    from backprop_tui.core.training.parameters_file import write_parameters

    style: NameStyle = "torch" if options.format == "torch" else "own"
    try:
        fill_new(Path(options.save), lambda stream: write_parameters(session.trainer, stream, style))
    except FileExistsError:
        return [], f"--save writes a new file, and {options.save} is there already"
    except OSError as problem:
        return [], f"{options.save}: {problem.strerror or problem}"
    except PresetError as problem:
        return [], f"{options.save}: {problem}"
    rows = [("saved", options.save)]
    return ([*rows, ("as", sequential_of(session))] if style == "torch" else rows), ""
