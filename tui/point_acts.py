"""Points of the data put in, moved and taken out as changes of the run in view."""

from backprop_tui.core.preset.point_edits import Changes, with_example_at, with_point, without_example
from backprop_tui.core.session.branches import kept
from backprop_tui.core.session.session import Session
from backprop_tui.tui.panes.messages import PointWanted
from backprop_tui.tui.panes.plane import LEAST_POINTS
from backprop_tui.tui.panes.point_editing import Place, example_at
from backprop_tui.tui.running.run_screen import RunScreen


def change_points(screen: RunScreen, wanted: PointWanted, before: Session | None) -> Session | None:
    """Make the change, and say what it was. `before` is the run that the last one of several changes made.

    Of several in a row one run is kept besides the last: that which they began with. Returns the run that was made,
    None where nothing was changed.
    """
    old = screen.session
    changes = changes_for(old, wanted)
    if changes is None:
        return before
    if wanted.target is None and wanted.to is None and old.dataset.size <= LEAST_POINTS:
        screen.notice = f"the last {LEAST_POINTS} points stay: fewer are drawn as numbers"
        screen.show_all()
        return before
    screen.change(changes)
    if screen.session is old:
        return before
    if old is before:
        screen.branches = kept([run for run in screen.branches if run is not old])
    beside = "; the run before is kept" if len(screen.branches) > 1 else ""
    screen.notice = f"{words(wanted)}; a new run from the start{beside}"
    screen.show_all()
    return screen.session


def changes_for(session: Session, wanted: PointWanted) -> Changes | None:
    """The settings that become others; None where the point is no longer there."""
    data, dataset = session.preset.data, session.dataset
    if wanted.target is not None:
        return with_point(data, *wanted.place, wanted.target)
    example = example_at(dataset, wanted.place)
    if example is None:
        return None
    if wanted.to is not None:
        return with_example_at(dataset, data, example, *wanted.to)
    return without_example(dataset, data, example)


def words(wanted: PointWanted) -> str:
    """What was done."""
    place = told(wanted.place)
    if wanted.target is not None:
        return f"a point put in at {place}"
    return f"a point moved from {place} to {told(wanted.to)}" if wanted.to else f"a point taken out at {place}"


def told(place: Place) -> str:
    """`(0.5, −1.25)`."""
    return "(" + ", ".join(f"{value:.4g}" for value in place).replace("-", "−") + ")"
