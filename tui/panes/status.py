"""The lines above and below the panes: where the run is, what a step costs, and which keys do what."""

from bisect import bisect_right

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.ops.event import Phase
from backprop_tui.core.preset.hidden import NOTHING_HIDDEN, Hidden
from backprop_tui.core.session.halt import halted_by
from backprop_tui.core.session.session import Session
from backprop_tui.core.session.timeline import Timeline
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_count, format_number, format_rate
from backprop_tui.tui.drawing.shape import parts_of_all, shape_text
from backprop_tui.tui.drawing.strips import Part, fit, line, style

from .finding_summary import halted_line, summary_line
from .moment import moment
from .view import View

COUNTED: tuple[Phase, ...] = ("forward", "backward", "update")
LOSS_NAMES = {
    "mean_squared_error": "mse",
    "half_squared_error": "½se",
    "cross_entropy": "ce",
    "binary_cross_entropy": "bce",
}


def network_text(session: Session) -> str:
    """`2-16×9-1 sigmoid · bce · sgd 0.1`: the network, the loss, the optimizer with the learning rate of the step."""
    preset, layers = session.preset, session.trainer.layers
    shape = shape_text(layers[0].inputs, [layer.units for layer in layers], [layer.activation for layer in layers])
    # Where an edit has just been made the step behind had another rate, and that of the next is shown.
    step = max(session.position.step, session.course.begun + 1)
    optimizer = f"{preset.optimizer.kind} {session.trainer.learning_rate(step):.4g}"
    return " · ".join([shape, *parts_of_all(layers), LOSS_NAMES[preset.loss.kind], optimizer])


def kept_text(timeline: Timeline, step: int) -> str:
    """Which of a recording's kept steps a step is; nothing of other runs."""
    from backprop_tui.core.recording.recorded_timeline import RecordedTimeline  # Not needed to open.

    if not isinstance(timeline, RecordedTimeline):
        return ""
    return f"kept {bisect_right(timeline.kept, step)} of {len(timeline.kept)}  "


def status_line(
    session: Session, view: View, running: str, width: int, *, recording: bool = False, name: str = ""
) -> Strip:
    """The program, the preset, the network; at the right epoch, step, how fast it plays, and whether it is recorded.

    The `name` of the run, where it has one, stands in the program's place.
    """
    look, palette = view.look, view.look.palette
    position = session.position
    mark = look.glyphs.play if running else look.glyphs.pause
    epoch = f"epoch {format_count(position.epoch)}  " if session.timeline.knows_epochs else ""
    if not session.timeline.knows_epochs:
        epoch = kept_text(session.timeline, position.step)
    right = f"{epoch}{moment(session)}  {mark} {running or 'paused'}"
    right = fit(f"{right}  recording" if recording else right, width, look)
    room = width - cell_len(right) - 2
    # Of a long name as much as leaves the title some room.
    begin = (fit(name, max(room * 3 // 5, 0), look), style(palette.accent, bold=True)) if name else None
    left: list[Part] = [
        begin or ("backprop-tui", style(palette.dim)),
        (f"  {look.text(session.preset.title)}", style(palette.text, bold=True)),
    ]
    shape = "   " + look.text(network_text(session).replace(" · ", f" {look.glyphs.separator} "))
    if sum(cell_len(text) for text, _ in left) + cell_len(shape) <= room:
        left.append((shape, style(palette.dim)))
    elif sum(cell_len(text) for text, _ in left) > room:
        before = [begin, ("  ", None)] if begin else []
        rest = room - sum(cell_len(text) for text, _ in before)
        left = [*before, (fit(session.preset.title, max(rest, 0), look), style(palette.text, bold=True))]
    start = line(left, max(room, 0))
    gap = " " * max(width - start.cell_length - cell_len(right), 0)
    return Strip.join([start, line([(gap, None), (right, style(palette.accent))], width)])


def counters_line(
    session: Session, look: Look, width: int, notice: str = "", note: str = "", hide: Hidden = NOTHING_HIDDEN
) -> Strip:
    """A notice, what is wrong, or a note about the run; else what a step costs and took when last played.

    Where the diagnosis is hidden nothing that was found is told, but that the run has halted.
    """
    if notice:
        return line([(fit(without_aside(notice, width, look), width, look), style(look.palette.warning))], width)
    tags, told = session.preset.tags, "diagnosis" not in hide
    if session.diverged:
        return halted_line(halted_by(session), session.findings(), tags, look, width, hide)
    wrong = summary_line(session.findings(), tags, look, width) if told else None
    if wrong is not None:
        return wrong
    if note:
        return line([(fit(note, width, look), style(look.palette.dim))], width)
    parts = []
    for phase in COUNTED:
        seconds = session.timing.phases.get(phase)
        taken = "" if seconds is None else f" in {duration(seconds, look)}"
        parts.append(f"{phase} {format_count(session.plan.multiply_adds(phase))}{taken}")
    text = "a step's multiply-adds: " + f" {look.glyphs.separator} ".join(parts)
    if session.timing.phases:
        text += "   (times: last play)"
    if cell_len(text) > width:
        text = f" {look.glyphs.separator} ".join(parts)
    return line([(fit(text, width, look), style(look.palette.dim))], width)


def without_aside(text: str, width: int, look: Look) -> str:
    """A text without what stands in brackets at its end, where it has no room with it."""
    said, bracket, _ = text.rpartition(" (")
    return said if bracket and text.endswith(")") and cell_len(look.text(text)) > width else text


def duration(seconds: float, look: Look) -> str:
    """A short time with its unit."""
    if seconds < 1e-3:
        return f"{format_number(seconds * 1e6, 6, 3, look.glyphs)} {'us' if look.glyphs.ascii else 'µs'}"
    return f"{format_number(seconds * 1e3, 6, 3, look.glyphs)} ms"


def rate_text(rate: float) -> str:
    return f"{format_rate(rate)} steps/s"
