"""What a run is called beside the others that a screen has: its variant, or what was changed in it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from backprop_tui.core.preset.hyper_parameters import differences
from backprop_tui.core.session.change_text import value_at
from backprop_tui.core.session.session import Session

if TYPE_CHECKING:
    from backprop_tui.core.compare.comparison import Comparison

AS_OPENED = "as opened"


def run_text(session: Session, branches: Sequence[Session], comparison: "Comparison | None") -> str:
    """`run 2 of 3: Adam`: which of the branches is in view, by its name in the comparison where it is one of its runs.

    Empty where there is only one, which cannot be taken for another.
    """
    if len(branches) < 2 or session not in branches:
        return ""
    runs = comparison.runs if comparison is not None else []
    known = next((run.name for run in runs if run.session is session), None)
    return f"run {branches.index(session) + 1} of {len(branches)}: {known or branch_label(session, branches[0])}"


def only_text(session: Session, opened: Session) -> str:
    """`changed from the start: data.kind = circle`: the only run, where it is not as the preset's title has it."""
    label = branch_label(session, opened)
    return "" if label == AS_OPENED else f"changed {label}"


def branch_label(session: Session, opened: Session) -> str:
    """What a branch differs in from the run as it was opened: settings from the start, then its edits by step."""
    first, other = opened.course.stretches[0].preset, session.course.stretches[0].preset
    found = [leaf for path, value in differences(first.table, other.table) for leaf in leaves(path, value)]
    # What is given now as it was by default is no change.
    changed = [
        f"{path} = {brief(path, value)}"
        for path, value in found
        if value is None or value_at(other, path) is None or value_at(first, path) != value_at(other, path)
    ]
    if session.seed != opened.seed and not any(change.startswith("seed ") for change in changed):
        changed.append(f"seed {session.seed}")
    start = [f"from the start: {', '.join(changed)}"] if changed else []
    edits = [f"after step {edit.step}: {edit}" for edit in session.edits]
    return "; ".join([*start, *edits]) or AS_OPENED


def leaves(path: str, value: Any) -> list[tuple[str, Any]]:
    """The settings of a table that has come, each by its own path; any other value as it is."""
    if isinstance(value, dict):
        return [(f"{path}.{key}", inner) for key, inner in value.items()]
    return [(path, value)]


def brief(path: str, value: Any) -> str:
    """A value as a name has room for it: of layers their widths, of points how many they are."""
    if value is None:
        return "none"
    if path == "layers":
        return "-".join(str(layer["units"]) for layer in value for _copy in range(layer.get("repeat", 1)))
    if path in ("data.added", "data.removed"):
        return f"{len(value)} {'example' if len(value) == 1 else 'examples'}"
    return str(value)
