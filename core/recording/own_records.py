"""What a session remembers of its run, written into a recording and taken from one: curves, diagnosis, states.

Curves and diagnosis are written together, as they are after a step; the states at steps of their own. What a reader
does not find of the last steps is run again, by the same generator as ever.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.diagnosis.remembered import recall, remembered
from backprop_tui.core.preset.json_shape import ShapeError
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.history import MEASUREMENTS, Extremes, Thinned
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.state import TrainingState

from .doorway import DAMAGED, error
from .plain import from_json, to_json
from .reader import Recording
from .writer import Writer

STEPS, ROWS = "steps", "rows"
CURVES = ("gradients", "evaluations")
DIAGNOSIS = "diagnosis.json"
STATISTICS = "statistics"
PARAMETERS = "θ"


def row_name(row: int) -> str:
    """The name of a row of a state: the parameters, then what the optimizer keeps, twice (see `trainer`)."""
    return f"moment/{row}" if row else PARAMETERS


def write_state(writer: Writer, state: TrainingState, seconds: float) -> None:
    """Keep the state at a step's boundary."""
    rows = {row_name(row): vector for row, vector in enumerate(state.vectors)}
    writer.keep(state.step, seconds, {}, {**rows, STATISTICS: state.statistics})


def read_state(recording: Recording, step: int, like: TrainingState) -> TrainingState | None:
    """The state after `step`, of the shape and type of `like`; None where it is not kept."""
    state = like.copy()
    state.step = step
    names = recording.names(step)
    parts = {row_name(row): vector for row, vector in enumerate(state.vectors)} | {STATISTICS: state.statistics}
    if not names:
        return None
    if names != {name: (part.shape, part.dtype) for name, part in parts.items()}:
        raise error(recording.path, DAMAGED)
    for name, part in parts.items():
        found = recording.array(step, name)
        if found is None:
            return None
        part[...] = found
    return state


def write_records(writer: Writer, session: Session) -> None:
    """Write the curves and what the diagnosis has seen, as they are after as many steps as there are losses."""
    history = session.history
    arrays: dict[str, NDArray[Any]] = {}
    strides: dict[str, int] = {}
    for name in CURVES:
        curve: Thinned = getattr(history, name)
        arrays[f"{name}/{STEPS}"] = np.array(curve.steps, dtype=np.int64)
        arrays[f"{name}/{ROWS}"] = np.array(curve.rows) if curve.rows else np.empty((0, 0))
        strides[name] = curve.stride
    writer.keep(0, 0.0, {}, arrays)
    writer.add_file(DIAGNOSIS, to_json(remembered(session.diagnosis)).encode())
    writer.set_meta("records", {"steps": history.steps, "not_finite_step": session.not_finite_step, **strides})


def read_records(recording: Recording, session: Session, end: int) -> int | None:
    """Let a new session know the curves and the diagnosis of the recorded run up to `end`, or up to some steps less.

    Gives the first step whose loss is not finite, where one is known. Raises PresetError where they are damaged.
    """
    meta = recording.meta.get("records")
    if meta is None:
        return None
    if not isinstance(meta, dict) or type(meta.get("steps")) is not int or not meta["steps"] >= 0:
        raise error(recording.path, DAMAGED)
    if meta["steps"] > end:
        raise error(recording.path, DAMAGED)
    history, steps = session.history, meta["steps"]
    curves = {name: read_curve(recording, name, meta.get(name), getattr(history, name)) for name in CURVES}
    widths = {len(row) for row in curves["gradients"].rows} | {2 * len(session.trainer.layers)}
    if len(widths) > 1 or any(len(row) != 2 for row in curves["evaluations"].rows):
        raise error(recording.path, DAMAGED)
    try:
        content = from_json((recording.file(DIAGNOSIS) or b"").decode())
        recall(session.diagnosis, content, lambda step: circumstances(session, step))
    except (ShapeError, ValueError) as problem:
        if isinstance(problem, PresetError):
            raise
        raise error(recording.path, DAMAGED) from None
    history.losses = extremes(recording, steps)
    # The step in hand may have been measured already, and will be again.
    history.gradients, history.evaluations = curves["gradients"].until(steps), curves["evaluations"]
    found = meta.get("not_finite_step")
    if found is not None and type(found) is not int:
        raise error(recording.path, DAMAGED)
    return found


def circumstances(session: Session, step: int) -> Any:
    """Those in a step, with the settings that edits have made by then."""
    trainer = next(stretch.trainer for stretch in reversed(session.course.stretches) if stretch.first < max(step, 1))
    return session.diagnosis.circumstances_of(trainer)


def read_curve(recording: Recording, name: str, stride: object, blank: Thinned) -> Thinned:
    """One of the curves of a few rows."""
    steps, rows = (recording.array(0, f"{name}/{part}") for part in (STEPS, ROWS))
    if steps is None or rows is None or type(stride) is not int or not 1 <= stride < 2**40:
        raise error(recording.path, DAMAGED)
    right = steps.ndim == 1 and rows.ndim == 2 and len(steps) == len(rows) < MEASUREMENTS
    if not right or steps.dtype != np.int64 or rows.dtype != np.float64:
        raise error(recording.path, DAMAGED)
    if len(steps) and (steps[0] < blank.first or (np.diff(steps) < 1).any()):
        raise error(recording.path, DAMAGED)
    curve = Thinned(blank.first, stride, blank.most)
    curve.steps, curve.rows = steps.tolist(), list(rows)
    return curve


def extremes(recording: Recording, steps: int) -> Extremes:
    """The recorded losses up to `steps`, or up to some less, as a session has them."""
    ends, lows, highs = recording.losses.series()
    place = int(np.searchsorted(ends, steps, side="right"))
    return Extremes.of(ends[:place].astype(np.int64), lows[:place], highs[:place])
