"""`predict`: what a trained network says of new rows, as csv or JSON."""

import csv
import io
import json
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from .console import complain, emit
from .loading import is_recording, load, recording_of, tell_notes
from .options import UsageError
from .progress import Progress
from .sessions import session_of

if TYPE_CHECKING:
    from backprop_tui.core.session.session import Session

WRONG = 1


def predict(options: Namespace) -> int:
    """`predict`: 1 where the network's numbers are not finite."""
    from backprop_tui.core.preset.named_file import NamedFile
    from backprop_tui.core.preset.new_rows import read_inputs
    from backprop_tui.core.preset.schema import Place
    from backprop_tui.core.training.answers import answers

    session = session_to_ask(options)
    # Before anything is trained: what is wrong with the file is told at once.
    rows = read_inputs(NamedFile(Path(options.inputs), Place("--inputs"), own=True), session.dataset)
    tell_notes((*session.dataset.notes, *(f"{options.inputs}: {note}" for note in rows.notes)))
    if not trained(session, options):
        return WRONG
    found = answers(session.evaluator, rows.raw)
    if options.json:
        document = {"preset": session.preset.id, "steps": session.step, "answers": found.plain()}
        emit(json.dumps(document, allow_nan=False))
    else:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(found.rows())
        emit(text.getvalue())
    return 0


def session_to_ask(options: Namespace) -> "Session":
    """The run that is asked: at the end of a recording, from weights that were kept, or at its start."""
    from backprop_tui.core.preset.toml_text import inline
    from backprop_tui.core.session.session import Session

    if not is_recording(options.preset):
        start = [] if options.start is None else [f"training.start={inline(options.start)}"]
        return Session(*load(options.preset, settings=[*options.set, *start], seed=options.seed))
    if options.start is not None:
        raise UsageError(f"{options.preset} is a recorded run, which has its weights: leave out --start")
    recording = recording_of(options.preset)
    if recording.origin == "preset":
        return session_of(options)
    from backprop_tui.core.recording.rebuilt import RebuiltSession

    if options.set or options.seed is not None or options.steps is not None:
        raise UsageError(f"{options.preset} is a recording of somebody's own training: leave out its settings")
    session = RebuiltSession(recording)
    session.seek(session.end_count)
    done = recording.losses.count
    if session.step < done:
        complain(f"the weights are those after step {session.step:,}, the last that was kept whole of {done:,} steps")
    return session


def trained(session: "Session", options: Namespace) -> bool:
    """Train the run as far as it is to be before it is asked, and say so; whether its numbers are finite."""
    from backprop_tui.core.session.run import Goal, train

    if options.steps is None and (options.start is not None or is_recording(options.preset)):
        return True
    trainer, stop = session.trainer, session.preset.training.stop
    goal = Goal.of(stop, trainer.steps_per_epoch, options.steps, begun=session.step, slots_before=trainer.slots_before)
    with Progress(goal.steps) as progress:
        result = train(session, goal, progress)
    if result.stopped_by == "not_finite":
        complain("training became non-finite, so there are no answers; a smaller learning rate may help")
        return False
    if options.steps is None:
        complain(
            f"trained for {session.step:,} steps first, as backprop-tui train does; --start WEIGHTS.npz takes weights "
            "that train --save has kept"
        )
    return True
