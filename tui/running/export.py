"""Taking the worked solution home, or the step as a program in PyTorch: a new file, all of it or nothing."""

from pathlib import Path

import numpy as np

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.core.worked.document import Form, solution_document
from backprop_tui.core.worked.torch_program import torch_program, whole_step
from backprop_tui.tui.command_line.visitor import is_visitor

from .download import DOWNLOADS
from .typed_file import typed_path, written

FORMS: dict[str, Form] = {".md": "markdown", ".tex": "latex", ".txt": "text", ".json": "json"}
PROGRAM = ".py"
HINT = "its end says how: .md .tex .txt .json, or .py for the step in PyTorch"


def proposed_name(session: Session) -> str:
    """`xor-step-12.md`."""
    return f"{shown(session.preset.id) or 'run'}-step-{session.position.step}.md"


def export(session: Session, spotlight: Spotlight, name: str) -> Path:
    """Write the worked solution of the step in view; raises PresetError for what cannot be written.

    In a name that ends in .py it is the step in PyTorch; what is too long for the program goes into NAME.npz beside it.
    """
    path, ending = typed_path(name, (*FORMS, PROGRAM))
    if ending == PROGRAM:
        return export_program(session, path)
    text = solution_text(session, spotlight, FORMS[ending])
    return written(path, lambda stream: stream.write(text.encode()))


def solution_text(session: Session, spotlight: Spotlight, form: Form = "markdown") -> str:
    """The worked solution of the step in view; raises PresetError for one that would be too large."""
    return solution_document(session.twin(), session.position.step, spotlight, form)


def program_text(session: Session) -> str:
    """The step in PyTorch; raises PresetError for one that loads its arrays from a file."""
    program = torch_program(whole_step(session), "step.npz")
    if program.arrays:
        raise PresetError("its arrays are too long for a text: as a file it gets an .npz with them beside it")
    return program.text


def written_text(path: Path) -> str:
    """What `export` wrote, in words: `path`, and the file of arrays that a program loads, where there is one."""
    beside = path.with_suffix(".npz").name
    if path.suffix.lower() != PROGRAM:
        return str(path)
    program = DOWNLOADS.last.decode() if is_visitor() else path.read_text(encoding="utf-8")
    if f"np.load({beside!r})" not in program:
        return str(path)
    return f"{path}, and beside it {beside}, which it loads"


def export_program(session: Session, path: Path) -> Path:
    """Write the program, and before it the arrays that it loads, if there are any."""
    beside = path.with_suffix(".npz")
    program = torch_program(whole_step(session), beside.name)
    if program.arrays:
        typed_path(str(beside), (beside.suffix,))
        written(beside, lambda stream: np.savez(stream, **program.arrays))  # type: ignore[arg-type]
    try:
        return written(path, lambda stream: stream.write(program.text.encode()))
    except PresetError:
        if program.arrays and not is_visitor():
            beside.unlink(missing_ok=True)
        raise
