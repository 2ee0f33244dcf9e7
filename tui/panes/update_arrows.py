"""An arrow behind each parameter of a layer: the way the update of the step in hand moves it."""

from math import isnan

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.inquiry.step_change import step_changes
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import Part, fit, line, style

SETTLED = ("↑ ↓ the way this step's update moves each, = not at all", "↑ ↓ = by this update")
OPEN = ("arrows come as soon as this step's update is settled", "no update settled yet")
"""What the arrows are, long and short; and before there are any."""


class UpdateArrows:
    """The arrows of one layer at one position; blank where the update is not settled yet."""

    def __init__(self, session: Session, layer: Layer, look: Look) -> None:
        self.look, self.inputs = look, layer.inputs
        self.weights, *self.others = step_changes(session, layer).values()
        self.up = (look.glyphs.up, style(look.palette.positive))
        self.down = (look.glyphs.down, style(look.palette.negative))

    def mark(self, row: int, column: int) -> Part:
        """The arrow of a unit's parameter in a column: its weights, and behind them its b, γ and β."""
        change = self.change(row, column)
        if change is None:
            return " ", None
        if isnan(change):
            return self.look.glyphs.nan, style(self.look.palette.warning)
        return self.up if change > 0 else self.down if change < 0 else ("=", style(self.look.palette.dim))

    def change(self, row: int, column: int) -> float | None:
        """Δ of that parameter, or None."""
        if column < self.inputs:
            return None if self.weights is None else float(self.weights[row, column])
        own = self.others[column - self.inputs]
        return None if own is None else float(own[row])

    def legend(self, width: int) -> Strip:
        """What the arrows are, or when they come."""
        known = any(change is not None for change in (self.weights, *self.others))
        texts = [self.look.text(text) for text in (SETTLED if known else OPEN)]
        text = next((text for text in texts if cell_len(text) <= width), texts[-1])
        return line([(fit(text, width, self.look), style(self.look.palette.dim))], width)
