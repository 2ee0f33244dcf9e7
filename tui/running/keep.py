"""Keeping the weights of the run in view, to go on from them elsewhere."""

from pathlib import Path

from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.parameters_file import write_parameters

from .typed_file import typed_path, written

ENDING = ".npz"


def proposed_name(session: Session) -> str:
    """`xor-100-steps.npz`."""
    return f"{shown(session.preset.id) or 'run'}-{session.step}-steps{ENDING}"


def keep(session: Session, name: str) -> Path:
    """Write the weights as they are after the last whole step, with all that a run needs to go on from them.

    Raises PresetError for what cannot be written.
    """
    path, _ = typed_path(name, (ENDING,))
    return written(path, lambda stream: write_parameters(session.trainer, stream))
