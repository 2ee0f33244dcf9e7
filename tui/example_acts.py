"""Following an example of the training set to where it is trained on."""

from collections.abc import Iterable
from dataclasses import replace

from backprop_tui.core.chain_rule.batch_example import place_of_example
from backprop_tui.core.recording.recorded_timeline import RecordedTimeline
from backprop_tui.core.session.session import Session
from backprop_tui.tui.running.run_screen import RunScreen

MOST_EPOCHS = 100
"""Epochs that are looked through for an example that a dropped batch may have had."""


def show_training_example(screen: RunScreen, number: int) -> None:
    """Put the spotlight on example `number`, from 0, in the step of this epoch that trains on it, at the same op."""
    session, position = screen.session, screen.session.position
    found = place_of_example(session.trainer, number, epochs_from(session))
    if found is None:
        screen.tell(f"example {number + 1:,} of the training set: no step trains on it soon")
        return
    step, place = found
    if step != position.step or not position.events:
        screen.go(session.timeline.finish_of(step - 1) + max(position.events, 1))
    screen.view.spotlight = replace(screen.view.spotlight, example=place)
    if not session.diverged:
        where = f"number {place + 1} in the batch of step {step}"
        screen.notice = f"in the spotlight: example {number + 1:,} of the training set, {where}"
    screen.show_all()


def epochs_from(session: Session) -> Iterable[int]:
    """The epochs, from 0, that may have an example, from the one in hand on; of a recording each kept step is one."""
    if isinstance(session.timeline, RecordedTimeline):
        return [step - 1 for step in session.timeline.kept]
    first = session.position.epoch - 1
    return range(first, first + MOST_EPOCHS)
