"""What made the gradient smaller, or larger, on its way down: layer by layer in powers of ten."""

from textual.strip import Strip

from backprop_tui.core.chain_rule.attribution import Attribution, LayerDecay, attribution
from backprop_tui.core.session.excursion import in_last_step, last_step
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.bars import bar_text
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines
from backprop_tui.tui.panes.view import View

from .decay_words import sum_text, verdict
from .page import Page, dimmed
from .path_words import last_text, missing
from .said_numbers import log_text

BAR = 10
SHORTCUT = ("  past it a shortcut", " shortcut")
"""What is said of a layer with a residual connection, as there is room."""
SCALE = 2.0
"""Powers of ten that a full bar stands for."""


class DecayReader:
    """Reads what made gradients smaller off a session; that of the last finished step once for each step."""

    def __init__(self) -> None:
        self.last: tuple[object, Attribution | None] = ((), None)

    def page(self, session: Session, view: View, width: int) -> Page:
        """The step in hand; until its backward pass has run the one before, dim, below a line that says so."""
        # The last of the backward pass: the weights of layer 1.
        reason = missing(session, view, session.plan["dW", 1], "norms")
        if not reason:
            return decay_page(attribution(session.plan, session.trainer.layers), view, width)
        found = None if view.playing else self.read_last(session)
        if found is None:
            page = Page()
            page.add(text_lines(reason, width, 4, view.look, view.look.palette.text))
            return page
        return dimmed(decay_page(found, view, width), last_text(reason, session), view.look, width)

    def read_last(self, session: Session) -> Attribution | None:
        """Of the last finished step; None where there is none, and where going back there takes long."""
        key = (id(session), last_step(session))
        if self.last[0] != key:
            found = in_last_step(session, lambda: attribution(session.plan, session.trainer.layers))
            self.last = (key, found)
        return self.last[1]


def decay_page(found: Attribution, view: View, width: int) -> Page:
    """What each layer did, and what that comes to."""
    page = Page()
    page.add(text_lines(verdict(found, view), width, 3, view.look, view.look.palette.text))
    page.add(
        text_lines("log₁₀ of ‖dZ‖/‖dA‖ (activation) and ‖dA of the layer below‖/‖dZ‖ (weights)", width, 2, view.look)
    )
    page.add([header(view, width)])
    page.add([layer_line(layer, view, width) for layer in reversed(found.layers)])
    page.add(sum_lines(found, view, width))
    return page


def header(view: View, width: int) -> Strip:
    text = f"{'layer':>5}  {'activation':<{BAR + 8}}  {'weights':<{BAR + 8}}  {'dZ so far':>9}  {'‖dW‖/‖dZ‖':>9}"
    return line([(fit(text, width, view.look), style(view.look.palette.dim))], width)


def layer_line(layer: LayerDecay, view: View, width: int) -> Strip:
    """`   10  −0.62 −███        +0.03 +▏       −3.81    −0.2`."""
    look = view.look
    has_activation = any(part is not None for part in (layer.mask, layer.slope, layer.batch_norm))
    parts: list[Part] = [(f"{layer.layer:>5}  ", style(look.palette.text))]
    parts += change_parts(layer.activation if has_activation else None, view)
    parts += change_parts(layer.weights, view)
    behind = f"{log_text(layer.total, view):>9}  {log_text(layer.input, view):>9}"
    used = 7 + 2 * (BAR + 10) + 20
    residual = ""
    if layer.residual:
        residual = next((text for text in SHORTCUT if len(text) <= width - used), SHORTCUT[-1])
    parts.append((behind, style(look.palette.text)))
    parts.append((fit(residual, max(width - used, 0), look), style(look.palette.dim)))
    return line(parts, width)


def change_parts(exponent: float | None, view: View) -> list[Part]:
    """A power of ten as text and as a bar, its sign before it; blank where there is none."""
    look, palette = view.look, view.look.palette
    if exponent is None:
        return [(f"{look.glyphs.blank:>6}" + " " * (BAR + 4), style(palette.dim))]
    color = palette.warning if exponent <= -0.5 else palette.positive if exponent > 0 else palette.text
    size = min(1.0, abs(exponent) / SCALE) if exponent == exponent else 0.0
    drawn = bar_text(size, BAR, look)
    return [
        (f"{log_text(exponent, view):>6} ", style(color)),
        (drawn, style(color)),
        (" " * (BAR + 3 - len(drawn)), None),
    ]


def sum_lines(found: Attribution, view: View, width: int) -> list[Strip]:
    """The sum over the way from the last layer to the first: what it comes to, with nothing left over."""
    several = len(found.inputs) > 1
    return text_lines(sum_text(found, view), width, 4, view.look, view.look.palette.text if several else None)
