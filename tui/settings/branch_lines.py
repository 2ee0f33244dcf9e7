"""The branches of a run as lines: what each differs in, where it stands, and how far it has come."""

from collections.abc import Sequence

from textual.strip import Strip

from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import fit, line, style, text_lines
from backprop_tui.tui.running.run_name import branch_label

LABEL = 3
"""Lines of a label at the most."""


def branch_state(session: Session, look: Look) -> str:
    """Where a branch stands, how far it has come, and its last loss."""
    furthest = session.timeline.at(session.furthest)
    done = furthest.step if furthest.finished else furthest.step - 1
    _, lows, highs = session.history.losses.series()
    text = f"at step {session.position.step:,}, {done} done"
    if not len(lows):
        return text
    low, high = (format_number(float(row[-1]), 12, 6, look.glyphs) for row in (lows, highs))
    return f"{text}, last loss {low if low == high else f'{low} to {high}'}"


def branch_lines(
    branches: Sequence[Session], in_view: Session, chosen: int, width: int, look: Look
) -> list[list[Strip]]:
    """The lines of each branch, of which the first is the run as it was opened; `in_view` has a mark."""
    palette = look.palette
    found = []
    for place, session in enumerate(branches):
        cursor = look.glyphs.cursor if place == chosen else " "
        mark = ("*" if look.glyphs.ascii else "●") if session is in_view else " "
        label = text_lines(branch_label(session, branches[0]), width - 4, LABEL, look, palette.text) or [Strip([])]
        head = line([(f"{cursor} {mark} ", style(palette.accent, bold=place == chosen))], 4)
        first = Strip([*head, *label[0]])
        rest = [Strip([*line([("    ", None)], 4), *strip]) for strip in label[1:]]
        state = fit(f"    {branch_state(session, look)}", width, look)
        found.append([first, *rest, line([(state, style(palette.dim))], width), Strip([])])
    return found
