"""The run that a headless command is asked of: a new one of a preset, or a recorded one."""

from argparse import Namespace
from typing import TYPE_CHECKING

from .console import complain
from .loading import is_recording, load, recording_of
from .options import UsageError

if TYPE_CHECKING:
    from backprop_tui.core.session.session import Session


def session_at_step(options: Namespace) -> "Session":
    """The run that one step is asked of: of somebody's own training, where its network is one of ours, a kept step."""
    if not is_recording(options.preset) or (recording := recording_of(options.preset)).origin == "preset":
        return session_of(options)
    from backprop_tui.core.recording.rebuilt import RebuiltSession

    if options.set or options.seed is not None:
        raise UsageError(f"{options.preset} is a recording of somebody's own training: leave out --set and --seed")
    session = RebuiltSession(recording)
    session.check_kept(options.step)
    distance = session.apart(options.step)
    if distance is not None and distance.matters:
        complain(distance.text)
    return session


def session_of(options: Namespace) -> "Session":
    """A new run of the preset that was named, or the recorded run that was, at its end."""
    from backprop_tui.core.session.session import Session

    if not is_recording(options.preset):
        return Session(*load(options.preset, settings=options.set, seed=options.seed, told=True))
    from backprop_tui.core.recording.own_run import apart, difference_text, reopen

    if options.set or options.seed is not None:
        raise UsageError(
            f"{options.preset} is a recorded run, which has its settings: leave out --set and --seed, "
            "or print its preset with backprop-tui show and change that"
        )
    recording = recording_of(options.preset)
    session = reopen(recording)
    if text := difference_text(apart(recording, session)):
        complain(text)
    return session
