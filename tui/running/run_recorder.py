"""A run that is taken along into a file while it is looked at, and what there is to say of that."""

from typing import TYPE_CHECKING

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.visitor import is_visitor
from backprop_tui.tui.drawing.keymap import USUAL, Keymap

if TYPE_CHECKING:
    from backprop_tui.core.recording.recorder import Recorder

INTERVAL = 1.0
"""Seconds between two looks whether there is something new to take along."""


class RunRecorder:
    """Records the run in view from `start` to `stop`; each call gives the line that tells of it, where there is one."""

    def __init__(self) -> None:
        self.recorder: Recorder | None = None

    @property
    def running(self) -> bool:
        return self.recorder is not None

    def start(self, session: Session, keys: Keymap = USUAL) -> str:
        """Begin a new file in `runs/`, with all of the run that there is."""
        if is_visitor():
            key = keys.said("C")
            return f"nothing is recorded on a server: {key} has the run up to here as a recording to be downloaded"
        from backprop_tui.core.attach.new_path import paths  # Not needed to open.
        from backprop_tui.core.recording.recorder import Recorder

        try:
            for path in paths(None):
                try:
                    self.recorder = Recorder(session, path)
                except FileExistsError:
                    continue
                return f"recording to {path}: {keys.said('f')} stops"
        except PresetError as problem:
            return str(problem)
        except OSError as problem:
            return f"not recorded: {problem.strerror or problem}"
        return ""

    def stop(self) -> str:
        """Write the rest, and close the file."""
        recorder, self.recorder = self.recorder, None
        if recorder is None:
            return ""
        try:
            recorder.close()
        except OSError as problem:
            return f"the end of {recorder.path} is missing: {problem.strerror or problem}"
        return f"recorded up to step {recorder.session.history.steps:,}: backprop-tui {recorder.path} opens it"

    def take(self) -> str:
        """Take along what is new; where that cannot be written, recording ends."""
        if self.recorder is None:
            return ""
        try:
            self.recorder.take()
        except OSError as problem:
            return f"recording ended: {problem.strerror or problem}; {self.stop()}"
        return ""

    def follow(self, session: Session) -> str:
        """Go on with the run that is in view now where it is a branch from here on; else recording ends."""
        recorder = self.recorder
        if recorder is None or session is recorder.session:
            return ""
        if not goes_on(recorder.session, session):
            return f"another run is in view, so recording ended: {self.stop()}"
        try:
            recorder.follow(session)
        except OSError as problem:
            return f"recording ended: {problem.strerror or problem}; {self.stop()}"
        return ""


def goes_on(session: Session, other: Session) -> bool:
    """Whether up to where it stands `other` is the same run as `session`."""
    one, two = (run.course.stretches[0].preset for run in (session, other))
    return (one, session.seed) == (two, other.seed) and other.step <= shared_steps(session.edits, other.edits)


def shared_steps(some: tuple[Edit, ...], others: tuple[Edit, ...]) -> float:
    """Up to which step two runs with these edits are the same; infinity where they are the same throughout."""
    apart = [edit.step for edit in (*some, *others) if edit not in some or edit not in others]
    return min(apart, default=float("inf"))
