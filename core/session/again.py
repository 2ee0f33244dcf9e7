"""A run again, on a session of its own that can be moved about: from its start, or from the start of a step."""

from .session import Session


def begun_again(session: Session) -> Session:
    """The same run at its start: what is known up to the last step boundary is taken along, nothing is run."""
    other = Session(session.course.stretches[0].preset, session.dataset, session.seed, session.edits)
    if session.step:
        other.records = session.records.until(session.step)
    return other


def step_again(session: Session) -> Session:
    """The same run on its way to the start of the step in view: `approach` brings it there, or beyond."""
    begun = session.position.step - 1
    other = Session(session.course.stretches[0].preset, session.dataset, session.seed, session.edits)
    if begun:
        other.records = session.records.until(begun)
        nearest = session.snapshots.nearest(begun)
        if nearest.step <= other.records.steps:
            other.snapshots.keep(nearest)
        other.rewind(min(other.records.steps, begun))
    return other
