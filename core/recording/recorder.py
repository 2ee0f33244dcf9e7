"""A run of ours that is taken along into a file as it goes."""

import os
from time import perf_counter

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.preset.toml_text import toml_text
from backprop_tui.core.session.session import Session

from .form import LIMIT
from .own_records import write_records, write_state
from .preset_files import PREFIX, files_of
from .writer import Writer

INTERVAL = 1.0
"""Seconds between two commits, at least."""
RECORDS = 10
"""Commits between two that write the curves and the diagnosis as well."""
STATES = 8
"""States that a file has room for, at least; of large networks this makes its limit."""


class Recorder:
    """Takes along what a session does: its losses, its edits, and the states to go back to.

    Whoever moves the session calls `take` now and then; where an edit has made another session of it, `follow`.
    Raises FileExistsError where the path is taken, OSError where the file cannot be written, PresetError for a run that
    no recording can hold.
    """

    def __init__(self, session: Session, path: str | os.PathLike[str], limit: int = LIMIT) -> None:
        first = session.course.stretches[0].trainer
        meta = meta_of(first.preset, session)
        files = files_of(first.preset)
        limit = max(limit, STATES * (first.state.bytes + 2**16))
        try:
            self.writer = Writer.create(path, "preset", meta, limit)
            for name, content in files.items():
                self.writer.add_file(PREFIX + name, content)
        except FileExistsError:
            raise
        except ValueError as problem:
            raise PresetError(f"this run cannot be recorded: {problem}") from None
        self.session = session
        self.begun = self.committed = perf_counter()
        self.commits = 0
        self.kept: set[int] = set()
        self.begin()
        self.write()

    @property
    def path(self) -> str:
        return str(self.writer.path)

    def begin(self) -> None:
        """Take along the losses that are there, and from now on all that come."""
        losses = self.session.history.losses
        known = self.writer.losses_known
        if known == 0 and losses.width > 1:
            self.writer.begin_with(losses.width, losses.lows[: losses.full], losses.highs[: losses.full])
            known = self.writer.losses_known
        self.writer.add_losses(losses.from_step(known + 1))
        self.session.records.new_losses = []

    def take(self) -> None:
        """Take along what is new, every second or so."""
        if self.writer.ours and perf_counter() >= self.committed + INTERVAL:
            self.write(records=self.commits % RECORDS == 0)

    def write(self, *, records: bool = True) -> None:
        """Take along what is new, now; with the curves and the diagnosis, so that a reader has nothing to run again."""
        session = self.session
        new = session.records.new_losses
        if new:
            self.writer.add_losses(new)
            new.clear()
        now = perf_counter() - self.begun
        wanted = dict(zip(session.snapshots.steps, session.snapshots.states, strict=True))
        spacing = session.snapshots.spacing
        for step, state in wanted.items():
            if step and step % spacing == 0 and step not in self.kept:
                write_state(self.writer, state, now)
                self.kept.add(step)
        if records:
            if session.step:
                write_state(self.writer, session.trainer.state, now)
            write_records(self.writer, session)
        self.writer.commit()
        self.committed = perf_counter()
        self.commits += 1

    def follow(self, session: Session) -> None:
        """Go on with another session: the same run up to its step, where an edit made it branch off.

        Raises ValueError for one of another run.
        """
        ours, theirs = (run.course.stretches[0].trainer for run in (self.session, session))
        if (ours.preset, ours.seed) != (theirs.preset, theirs.seed):
            raise ValueError("another run, not a branch of this one")
        self.session.records.new_losses = None
        self.session = session
        self.writer.truncate(session.step)
        self.kept = {step for step in self.kept if step < session.step}
        self.writer.set_meta("edits", edits_of(session))
        self.begin()
        self.write()

    def stop(self) -> None:
        """Take nothing along any more, where nothing can be written."""
        self.session.records.new_losses = None
        self.writer.give_up()

    def close(self) -> None:
        """Take along the last of it, and close the file."""
        if not self.writer.ours:
            return
        self.session.records.new_losses, new = None, self.session.records.new_losses
        self.writer.add_losses(new or [])
        self.write()
        self.writer.close()

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


def meta_of(preset: Preset, session: Session) -> dict[str, object]:
    """What a recording has of the run as a whole."""
    if session.dataset.beginning.kind or session.dataset.beginning.kept:
        raise PresetError("a step that was handed in is no run that could be recorded")
    return {
        "title": preset.title,
        "preset": toml_text(preset.table),
        "preset_id": preset.id,
        "seed": session.seed,
        "edits": edits_of(session),
    }


def edits_of(session: Session) -> list[list[object]]:
    return [[edit.step, edit.name, edit.value] for edit in session.edits]
