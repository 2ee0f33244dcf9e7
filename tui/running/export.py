"""Taking the worked solution home: one new file, all of it or nothing."""

from pathlib import Path

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.session.session import Session
from backprop_tui.core.worked.document import Form, solution_document

from .typed_file import typed_path, written

FORMS: dict[str, Form] = {".md": "markdown", ".tex": "latex", ".txt": "text", ".json": "json"}
HINT = "its end says how: .md .tex .txt .json"


def proposed_name(session: Session) -> str:
    """`xor-step-12.md`."""
    return f"{shown(session.preset.id) or 'run'}-step-{session.position.step}.md"


def export(session: Session, spotlight: Spotlight, name: str) -> Path:
    """Write the worked solution of the step in view; raises PresetError for what cannot be written."""
    path, ending = typed_path(name, FORMS)
    text = solution_document(session.twin(), session.position.step, spotlight, FORMS[ending])
    return written(path, lambda stream: stream.write(text.encode()))
