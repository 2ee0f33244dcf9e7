"""Taking the worked solution home: one new file, all of it or nothing."""

from pathlib import Path

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.core.worked.document import Form, solution_document

FORMS: dict[str, Form] = {".md": "markdown", ".tex": "latex", ".txt": "text", ".json": "json"}
HINT = "its end says how: .md .tex .txt .json"


def proposed_name(session: Session) -> str:
    """`xor-step-12.md`."""
    return f"{shown(session.preset.id) or 'run'}-step-{session.position.step}.md"


def export(session: Session, spotlight: Spotlight, name: str) -> Path:
    """Write the worked solution of the step in view; raises PresetError for what cannot be written."""
    path = Path(name).expanduser()
    form = FORMS.get(path.suffix.lower())
    if form is None:
        raise PresetError(f"expected a file name that ends in {', '.join(FORMS)}, found {name!r}")
    if path.exists():
        raise PresetError(f"{path} is there already; choose another name")
    text = solution_document(session.twin(), session.position.step, spotlight, form)
    try:
        write(path, text)
    except FileExistsError:
        raise PresetError(f"{path} is there already; choose another name") from None
    except OSError as problem:
        raise PresetError(f"{path} cannot be written: {problem.strerror or problem}") from None
    return path.resolve()


def write(path: Path, text: str) -> None:
    """A new file, readable for whom new files are; none stays where not all of it can be written. Raises OSError."""
    with path.open("x", encoding="utf-8") as file:
        try:
            file.write(text)
            file.flush()
        except OSError:
            path.unlink(missing_ok=True)
            raise
