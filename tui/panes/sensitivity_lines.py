"""The weights of the whole network by the magnitude of their gradients, as a list to choose from."""

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.sensitivity import SensitiveWeight, Sensitivity, sensitivity, weights_known
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.bars import bar_text
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_count, format_number
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines

from .view import View
from .weight_lines import counted, other_counts

HEADING = "Sensitivity, not blame"
MEANING = ": how much ℒ changes for a small change of each weight alone"
LEAST_BAR, MOST_BAR = 6, 24
NUMBER, LEAST_GRADIENT, LEAST_VALUE, SHARE = 9, 6, 6, 5
"""Cells for a value or a gradient, at least for either, and for a share in percent."""
LEAST_ROWS = 4
"""Rows from which one can be spared for what is not in the list."""


def sensitivity_lines(
    session: Session, view: View, width: int, height: int
) -> tuple[list[Strip], list[Spotlight | None]]:
    """The heading and as many weights as there is room for, around the chosen one; and which weight each line is."""
    look, palette = view.look, view.look.palette
    count = weights_known(session)
    head = heading_lines(width, height, look)
    if not count:
        text = "Blank until the backward pass of this step has computed gradients."
        told = text_lines(text, width, height - len(head), look)
        return [*head, *told], [None] * (len(head) + len(told))
    partly = count < sum(layer.units * layer.inputs for layer in session.trainer.layers)
    rows = max(height - len(head) - 1 - partly, 0)
    left_out = left_out_line(session, width, look) if rows >= LEAST_ROWS else None
    rows -= left_out is not None
    chosen = min(view.rank, count - 1)
    first = max(0, min(chosen - rows // 2, count - rows))
    found = sensitivity(session, first, first + rows)
    columns = Columns(session, found, first, width, look)
    lines = [*head, line([(fit(columns.heading(), width, look), style(palette.dim))], width)]
    places: list[Spotlight | None] = [None] * len(lines)
    for rank, weight in enumerate(found.weights, first):
        spotlight = spotlight_on(weight, view.spotlight)
        lines.append(columns.row(rank, weight, view, chosen=rank == chosen))
        places.append(spotlight)
    if partly:
        lines.append(still_open(session, found, width, look))
        places.append(None)
    if left_out is not None:
        lines.append(left_out)
        places.append(None)
    return lines, places


def chosen_weight(session: Session, view: View) -> Spotlight | None:
    """The spotlight on the weight that is chosen in the list; None where there is none yet."""
    count = weights_known(session)
    if not count:
        return None
    chosen = min(view.rank, count - 1)
    return spotlight_on(sensitivity(session, chosen, chosen + 1).weights[0], view.spotlight)


def spotlight_on(weight: SensitiveWeight, before: Spotlight) -> Spotlight:
    """The spotlight on a weight, and on the example that it was on."""
    return Spotlight(weight.layer, weight.unit, weight.input, before.example)


def heading_lines(width: int, height: int, look: Look) -> list[Strip]:
    """What the list is and is not; with room also what that means."""
    whole = text_lines(HEADING + MEANING, width, 3, look, look.palette.text)
    if len(whole) == 1 or height >= 3 * len(whole) + 3:
        return whole
    return text_lines(HEADING, width, 1, look, look.palette.text)


def still_open(session: Session, found: Sensitivity, width: int, look: Look) -> Strip:
    """Which layers the list is without, since the backward pass has not come to them."""
    layers = [str(layer.number) for layer in session.trainer.layers if layer.number not in found.layers]
    names = layers[0] if len(layers) == 1 else f"{layers[0]} to {layers[-1]}"
    text = f"layer{'s' if len(layers) > 1 else ''} {names} not yet computed"
    return line([(fit(text, width, look), style(look.palette.dim))], width)


def left_out_line(session: Session, width: int, look: Look) -> Strip | None:
    """Which parameters are no weights, and so not in the list; None where there are none."""
    counts = other_counts(session.trainer.layers)
    if not counts:
        return None
    said = ", ".join(counted(count, name) for name, count in counts.items())
    texts = [
        look.text(text) for text in (f"not in the list: {said} ({look.keys.said('w')}: table)", f"not in it: {said}")
    ]
    text = next((text for text in texts if cell_len(text) <= width), fit(f"without {said}", width, look))
    return line([(text, style(look.palette.dim))], width)


class Columns:
    """The columns that have room: the name, then the gradient, its share, the value, the rank, and a bar."""

    def __init__(self, session: Session, found: Sensitivity, first: int, width: int, look: Look) -> None:
        self.session, self.found, self.width, self.look = session, found, width, look
        names = [self.name(weight) for weight in found.weights]
        self.names = max(map(cell_len, names), default=0)
        self.ranks = len(format_count(first + len(names)))
        rest = width - 2 - self.names - 1
        self.gradient = min(NUMBER, rest) if rest >= LEAST_GRADIENT else 0
        rest -= self.gradient
        self.share = SHARE if rest >= SHARE + 1 else 0
        rest -= self.share + 1 if self.share else 0
        self.value = min(NUMBER, rest - 1) if rest > LEAST_VALUE else 0
        rest -= self.value + 1 if self.value else 0
        if rest >= self.ranks + 1:
            rest -= self.ranks + 1
        else:
            self.ranks = 0
        self.bar = min(rest - 1, MOST_BAR) if rest > LEAST_BAR else 0

    def name(self, weight: SensitiveWeight) -> str:
        return self.look.text(self.session.plan["W", weight.layer].entry((weight.unit, weight.input)))

    def number(self, value: float, width: int) -> str:
        return f"{format_number(value, width, 4, self.look.glyphs):>{width}}"

    def heading(self) -> str:
        """`weight  ∂ℒ/∂w  share  value`, each above its column."""
        look = self.look
        texts = [" ", *([" " * self.ranks] if self.ranks else []), f"{'weight':<{self.names}}"[: max(self.names, 1)]]
        texts += [f"{look.text('∂ℒ/∂w'):>{self.gradient}}"] if self.gradient else []
        texts += [f"{'share':>{self.share}}"] if self.share else []
        texts += [f"{'value':>{self.value}}"] if self.value else []
        texts += [] if self.gradient and self.share and self.value else [look.glyphs.ellipsis]
        texts += [look.text("|∂ℒ/∂w|")] if self.bar >= cell_len(look.text("|∂ℒ/∂w|")) else []
        return " ".join(texts)

    def row(self, rank: int, weight: SensitiveWeight, view: View, *, chosen: bool) -> Strip:
        """One weight; that in the spotlight stands out."""
        look, palette = self.look, self.look.palette
        at, lit = (weight.layer, weight.unit, weight.input), view.spotlight
        here = (lit.layer, lit.unit, lit.input) == at
        color = style(palette.accent if here or chosen else palette.text, bold=here)
        mark = look.glyphs.cursor if chosen else " "
        parts: list[Part] = [(f"{mark} ", style(palette.accent, bold=True))]
        if self.ranks:
            parts.append((f"{format_count(rank + 1):>{self.ranks}} ", style(palette.dim)))
        parts.append((f"{self.name(weight):<{self.names}} ", color))
        if self.gradient:
            parts.append((self.number(weight.gradient, self.gradient), style(palette.backward)))
        if self.share:
            parts.append((f" {percent(weight.share, look):>{self.share}}", style(palette.text)))
        if self.value:
            parts.append((" " + self.number(weight.value, self.value), style(palette.text)))
        if self.bar and 0 < self.found.largest < float("inf"):
            length = abs(weight.gradient) / self.found.largest
            parts.append((" " + bar_text(length, self.bar, look), style(palette.backward)))
        return line(parts, self.width)


def percent(share: float | None, look: Look) -> str:
    """`12%`, `0.3%`: two digits where there is room."""
    return look.glyphs.blank if share is None else format_number(100 * share, SHARE - 1, 2, look.glyphs) + "%"
