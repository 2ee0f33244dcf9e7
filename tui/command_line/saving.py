"""`train --save`: the weights at the end of a run in a file, of which all that can be wrong is told before the run.

Weights that stand there already are replaced, once the new ones are whole; nothing else is.
"""

import os
import zipfile
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from backprop_tui.core.preset.schema import PresetError

from .new_file import fill_new, replace
from .options import UsageError

if TYPE_CHECKING:
    from backprop_tui.core.session.session import Session
    from backprop_tui.core.training.parameters_file import NameStyle

ENDING = ".npz"


def check_saved(options: Namespace) -> None:
    """Raises UsageError where no weights could be written as they are to be, whatever the run is."""
    if options.save is None:
        if options.format is not None:
            raise UsageError("--format is how --save writes the weights: add --save FILE.npz")
        return
    path = Path(options.save)
    if path.suffix.lower() != ENDING:
        raise UsageError(f"--save writes a NumPy archive: expected a name that ends in {ENDING}, found {options.save}")
    if os.path.lexists(path) and not are_weights(path):
        raise UsageError(f"--save replaces weights alone, and {path} is there already and holds something else")
    if not path.parent.is_dir():
        raise UsageError(f"--save writes {path.name} into {path.parent}, which is no folder")


def are_weights(path: Path) -> bool:
    """Whether a file is one that `--save` has written, by the names of its arrays."""
    from backprop_tui.core.preset.named_file import NamedFile
    from backprop_tui.core.preset.schema import Place
    from backprop_tui.core.preset.start_file import OPTIMIZER_STEP
    from backprop_tui.core.preset.torch_names import KNOWN, split

    try:
        # What is no regular file is never opened: a pipe would wait for somebody who writes.
        with NamedFile(path, Place("--save")).opened() as stream, zipfile.ZipFile(stream) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist()]
    except (ValueError, NotImplementedError, zipfile.BadZipFile):
        return False
    return OPTIMIZER_STEP in names or (bool(names) and all(split(name)[1] in KNOWN for name in names))


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
    # Whatever has come there during the run is looked at anew.
    path = Path(options.save)
    replaced = os.path.lexists(path) and are_weights(path)
    try:
        fill = replace if replaced else fill_new
        fill(path, lambda stream: write_parameters(session.trainer, stream, style))
    except FileExistsError:
        return [], f"--save replaces weights alone, and {path} is there now and holds something else"
    except OSError as problem:
        return [], f"{options.save}: {problem.strerror or problem}"
    except PresetError as problem:
        return [], f"{options.save}: {problem}"
    rows = [("saved", f"{options.save}{', in place of what was there' if replaced else ''}")]
    return ([*rows, ("as", sequential_of(session))] if style == "torch" else rows), ""
