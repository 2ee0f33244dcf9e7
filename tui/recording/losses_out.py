"""The recorded losses as a file: the plot as a vector picture, or its numbers as a table."""

from pathlib import Path

from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.running.pictures import PAPER
from backprop_tui.tui.running.typed_file import typed_path, written

from .kept_run import KeptRun, RecordedView
from .loss_lines import recorded_curves, recorded_window

PICTURE, TABLE = ".svg", ".csv"
QUESTION = f"the losses, to a new file: {PICTURE} for the plot, {TABLE} for the numbers"


def proposed_name(run: KeptRun) -> str:
    """`run-loss-1200-steps.svg`."""
    return f"{shown(run.recording.path.stem)}-loss-{run.recording.losses.count}-steps{PICTURE}"


def losses_out(run: KeptRun, view: RecordedView, name: str) -> Path:
    """Write the losses of the recording; raises PresetError for what cannot be written, and where there are none."""
    path, ending = typed_path(name, (PICTURE, TABLE))
    if not run.recording.losses.count:
        raise PresetError("no loss is recorded yet")
    text = table(run, view) if ending == TABLE else picture(run, view)
    return written(path, lambda stream: stream.write(text.encode()))


def picture(run: KeptRun, view: RecordedView) -> str:
    """The plot of the losses, of the steps and on the axis that the screen has."""
    from backprop_tui.tui.drawing.plot_svg import plot_svg  # Not needed to open.

    shown = recorded_window(run, view)
    return plot_svg(
        recorded_curves(run, view, PAPER),
        first=shown.first,
        last=shown.last,
        log=view.log,
        cursor=None if run.step is None else run.step.step,
        title=run.recording.title or run.recording.path.stem,
    )


def table(run: KeptRun, view: RecordedView) -> str:
    """The losses of these steps in full precision."""
    from backprop_tui.tui.drawing.plot_csv import plot_csv  # Not needed to open.

    shown = recorded_window(run, view)
    return plot_csv(recorded_curves(run, view, PAPER), first=shown.first, last=shown.last)
