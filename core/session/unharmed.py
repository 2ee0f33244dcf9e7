"""A run that stands where it stood, where running on has failed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from .timeline import Timeline


class Run(Protocol):
    """What can be at a position, and go back to the snapshot before it and on again."""

    count: int
    timeline: Timeline

    def rewind(self, step: int) -> None: ...

    def advance(self, count: int) -> object: ...


@contextmanager
def unharmed(run: Run) -> Iterator[None]:
    """Where an op or a measurement fails, put the run where it stood before; the exception goes on.

    The generator that it came out of has ended, in the middle of a step: a new one starts from a snapshot. Where going
    on from there fails too, the run stays at the snapshot.
    """
    stood = run.count
    try:
        yield
    except Exception:
        step = run.timeline.at(stood).step - 1
        run.rewind(step)
        try:
            run.advance(stood)
        except Exception:
            run.rewind(step)
        raise
