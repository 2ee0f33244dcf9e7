"""Taking the worked solution home: one new file, all of it or nothing."""

import os
from pathlib import Path

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.core.worked.document import Form, solution_document
from backprop_tui.tui.command_line.new_file import write_new

FORMS: dict[str, Form] = {".md": "markdown", ".tex": "latex", ".txt": "text", ".json": "json"}
HINT = "its end says how: .md .tex .txt .json"
NAME = 48
"""Characters of a file's name that are said, so that the reason behind it is seen too."""


def proposed_name(session: Session) -> str:
    """`xor-step-12.md`."""
    return f"{shown(session.preset.id) or 'run'}-step-{session.position.step}.md"


def export(session: Session, spotlight: Spotlight, name: str) -> Path:
    """Write the worked solution of the step in view; raises PresetError for what cannot be written."""
    try:
        path = Path(name).expanduser()
    except RuntimeError:
        raise PresetError(f"{said(name)} cannot be written: {said(Path(name).parts[0])} has no home folder") from None
    form = FORMS.get(path.suffix.lower())
    if form is None:
        raise PresetError(f"expected a file name that ends in {', '.join(FORMS)}, found {said(name)!r}")
    if os.path.lexists(path):
        raise PresetError(f"{said(path)} is there already; choose another name")
    text = solution_document(session.twin(), session.position.step, spotlight, form)
    try:
        write_new(path, text)
    except FileExistsError:
        raise PresetError(f"{said(path)} is there already; choose another name") from None
    except OSError as problem:
        raise PresetError(f"{said(path)} cannot be written: {problem.strerror or problem}") from None
    except ValueError:
        raise PresetError(f"{said(path)!r} cannot be written: no file name can have such a character") from None
    return Path(os.path.abspath(path))


def said(name: str | Path) -> str:
    """A name as it is said: the two ends of one that is long."""
    text = str(name)
    half = NAME // 2
    return text if len(text) <= NAME else f"{text[:half]}…{text[1 - half :]}"
