"""A recorded run of ours as a session again: it stands where it was recorded to, and goes on, or back, from there."""

from math import isfinite
from typing import Any

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.preset.schema import LARGEST_INTEGER, PresetError
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.effort import BLINK, effort
from backprop_tui.core.session.session import Session

from .doorway import DAMAGED, error
from .form import LARGEST_STEP
from .own_records import read_records, read_state
from .preset_files import RecordedFolder
from .reader import Recording

MOST_EDITS = 1000
WAIT = 400 * BLINK
"""The effort of running again what was recorded last and has no state: half a minute, which none needs."""
HELD_AGAINST = 20
"""Steps that are run again to see whether this machine computes as the recording's did."""


def preset_text(recording: Recording) -> str:
    """The preset of a recorded run of ours, as TOML. Raises PresetError where it has none."""
    if recording.origin != "preset":
        raise error(recording.path, "is a recording of somebody's own training, which has no preset")
    text = recording.meta.get("preset")
    if not isinstance(text, str):
        raise error(recording.path, DAMAGED)
    return text


def recorded_preset(recording: Recording) -> tuple[Preset, Dataset]:
    """The preset of a recorded run of ours, and its data. Raises PresetError where they are not there or not right."""
    table = parse(preset_text(recording), str(recording.path))
    name = recording.meta.get("preset_id")
    folder = RecordedFolder(recording)
    return load_preset(table, str(recording.path), folder, name if isinstance(name, str) else "")


def reopen(recording: Recording) -> Session:
    """The run of a recording of ours, at its last step, with all that it knew.

    Raises PresetError, with one line, where it is damaged, or is a recording of somebody's own training.
    """
    preset, dataset = recorded_preset(recording)
    seed = recording.meta.get("seed")
    if type(seed) is not int or not 0 <= seed <= LARGEST_INTEGER:
        raise error(recording.path, DAMAGED)
    try:
        session = Session(preset, dataset, seed, edits(recording))
    except PresetError as problem:
        # One of the edits is not possible, which are nobody's but the file's.
        words = str(problem)
        raise problem if words.startswith(str(recording.path)) else error(recording.path, words) from None
    end = recording.losses.count
    read_states(recording, session, end)
    not_finite_step = read_records(recording, session, end)
    end = min(end, reachable(session, end))
    if end:
        session.go_on(end, not_finite_step)
    return session


def edits(recording: Recording) -> tuple[Edit, ...]:
    """The edits of the run."""
    found = recording.meta.get("edits")
    if not isinstance(found, list) or len(found) > MOST_EDITS or not all(map(is_edit, found)):
        raise error(recording.path, DAMAGED)
    return tuple(Edit(*entry) for entry in found)


def is_edit(entry: Any) -> bool:
    return (
        isinstance(entry, list)
        and len(entry) == 3
        and type(entry[0]) is int
        and 0 <= entry[0] <= LARGEST_STEP
        and isinstance(entry[1], str)
    )


def read_states(recording: Recording, session: Session, end: int) -> None:
    """Give the session the states to go back to that lie in the run up to `end`."""
    like = session.snapshots.nearest(0)
    kept = [step for step in recording.steps if step <= end]
    # More than there is room for would be read for nothing; the last is always among them.
    stride = -(-len(kept) // session.snapshots.most(like)) if kept else 1
    for step in kept[::-1][::stride][::-1]:
        state = read_state(recording, step, like)
        if state is not None:
            session.snapshots.keep(state)


def reachable(session: Session, end: int) -> int:
    """The last step that can be run to within a moment, from the last state up to which the records know the run."""
    last = session.snapshots.nearest(min(session.records.steps, end)).step
    return last + max(WAIT // effort(session.plan.ops), 1)


def apart(recording: Recording, session: Session) -> float | None:
    """How far the losses that this machine computes lie from those recorded, at worst, in shares of them.

    Looked at in the last steps before the position, which is left and come back to; None where nothing can be compared.
    """
    here = session.count
    first = max(session.step - HELD_AGAINST, 0)
    session.seek(session.timeline.finish_of(first))
    worst: float | None = None
    while session.count < here and session.step < recording.losses.count:
        session.advance_steps(1)
        recorded = recording.loss(session.step)
        if recorded is None or not isfinite(recorded):
            continue
        computed = session.plan.loss()
        share = abs(computed - recorded) / (abs(recorded) or 1.0)
        worst = max(worst or 0.0, share)
    session.seek(here)
    return worst


def difference_text(share: float | None) -> str | None:
    """What is to be said where this machine's numbers are others than those recorded; None where they are the same."""
    if not share:
        return None
    return (
        f"this machine's arithmetic differs from that of the recording, by up to {share:.1g} of the loss: "
        "curves and kept steps are as recorded, what lies between is computed here"
    )
