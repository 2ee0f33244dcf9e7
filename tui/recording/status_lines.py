"""The lines above and below the panes of a recording."""

from datetime import datetime

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import Part, fit, line, style

from .kept_run import KeptRun, RecordedView

KINDS = {"torch": "PyTorch", "arrays": "arrays", "preset": "own run"}


def state(run: KeptRun, view: RecordedView) -> str:
    """`live, followed`: whether somebody writes, and whether the latest step is shown as it comes."""
    recording = run.recording
    if recording.live:
        return "live, followed" if view.following else "live"
    return "ended" if recording.meta.get("ended") else "not ended, and nobody writes"


def recorded_status(run: KeptRun, view: RecordedView, width: int) -> Strip:
    """The program, the title, what was recorded; at the right the step, which kept one it is, and the state."""
    look, palette, recording = view.look, view.look.palette, run.recording
    step = "no step kept yet" if run.step is None else f"step {run.step.step:,} of {recording.losses.count:,}"
    kept = f"kept {run.place} of {len(recording.steps)}"
    dot = f" {look.glyphs.separator} "
    right = next(
        (
            text
            for text in (dot.join([step, kept, state(run, view)]), dot.join([step, state(run, view)]))
            if cell_len(look.text(text)) <= width * 2 // 3
        ),
        step,
    )
    right = fit(right, width, look)
    room = max(width - cell_len(right) - 2, 0)
    title = recording.title or recording.path.name
    kind = f"   recording of {KINDS.get(recording.origin, recording.origin)}"
    left: list[Part] = [("backprop-tui", style(palette.dim)), (f"  {look.text(title)}", style(palette.text, bold=True))]
    if sum(cell_len(text) for text, _ in left) + cell_len(kind) <= room:
        left.append((kind, style(palette.dim)))
    elif sum(cell_len(text) for text, _ in left) > room:
        left = [(fit(title, room, look), style(palette.text, bold=True))]
    start = line(left, room)
    gap = " " * max(width - start.cell_length - cell_len(right), 0)
    return Strip.join([start, line([(gap, None), (right, style(palette.accent))], width)])


def recorded_counters(run: KeptRun, look: Look, width: int) -> Strip:
    """What is known of the step: its rate, when it was, what is to be known of the recording."""
    parts: list[str] = []
    step, meta = run.step, run.recording.meta
    if step is not None:
        rate = step.number("learning_rate")
        parts += [] if rate is None else [f"learning rate {rate:g}"]
        parts += [] if step.seconds is None else [f"{step.seconds:,.1f} s after the start"]
        passes = step.number("accumulated")
        parts += [f"{passes:.0f} backward passes added up"] if passes is not None and passes > 1 else []
    warnings = meta.get("warnings")
    parts += [text for text in warnings if isinstance(text, str)] if isinstance(warnings, list) else []
    parts += [f"started {moment(meta.get('started'))}"] if moment(meta.get("started")) else []
    text = f" {look.glyphs.separator} ".join(parts)
    return line([(fit(text, width, look), style(look.palette.dim))], width)


def moment(value: object) -> str:
    """`2026-11-29 07:26` in the clock of this machine; nothing for what is no moment."""
    try:
        return datetime.fromisoformat(value).astimezone().strftime("%Y-%m-%d %H:%M") if isinstance(value, str) else ""
    except (ValueError, OverflowError, OSError):
        return ""
