"""What is said of the product of slopes at a depth."""

from backprop_tui.core.chain_rule.slope_product import SlopeProduct, slope_product
from backprop_tui.core.ops.quantity import SUPERSCRIPTS
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.numbers import format_count, format_number
from backprop_tui.tui.panes.view import View

from .said_numbers import number

DEEPEST = 50
"""The depth up to which one can go, or the network's own."""
COUNTED = 16
"""The depth up to which a fraction is told as one part in so many."""


def read(session: Session, view: View) -> SlopeProduct:
    example = min(view.spotlight.example, session.plan.examples - 1)
    return slope_product(
        session.plan, session.trainer.layers, session.events, example, weights=not session.position.finished
    )


def deepest(session: Session) -> int:
    return max(DEEPEST, len(session.trainer.layers))


def chosen_depth(session: Session, view: View) -> int:
    """The depth that was chosen, else the number of layers that have slopes here."""
    if view.depth is not None:
        return view.depth % deepest(session) + 1
    return len(read(session, view).layers)


def chosen_text(found: SlopeProduct, depth: int, view: View, keys: str = "") -> str:
    """What the chosen depth comes to, at best and at this run's mean slope; `keys` that choose another."""
    glyphs, layers = view.look.glyphs, found.layers[:depth]
    best = number(found.best(depth), view.look)
    power = str(depth).translate(SUPERSCRIPTS)
    names = " and ".join(dict.fromkeys(layer.activation for layer in layers))
    head = f"Depth {depth}{keys}, {names}"
    if found.alike(depth):
        largest = layers[0].best
        text = f"{head}: at best {format_number(largest, 8, 6, glyphs)}{power} = {best}"
        if largest == 0.25 and depth <= COUNTED:
            text += f", one part in {format_count(4**depth)}"
    else:
        text = f"{head}: at best {best}"
    count = len(found.measured)
    if found.mean is None:
        last = found.layers[0].layer
        return f"{text}. This step has computed no slope yet: the first comes with the backward pass of layer {last}."
    where = f"{count} layer{'s' if count > 1 else ''}" + (" so far" if count < len(found.layers) else "")
    slope, result = number(found.mean, view.look), number(found.power(depth) or 0.0, view.look)
    return f"{text}; mean slope here {slope} ({where}): {slope}{power} = {result}."


def meaning_text(session: Session) -> str:
    """What the columns mean, and what of the gradient they leave out."""
    examples = session.plan.examples
    whose = "" if examples == 1 else " of the chosen example"
    said = (
        f"From the last layer to the first: |f′| is the mean over a layer's units{whose}; ∏|f′| is the mean over all "
        "paths down to there of the product of their slopes, ∏|f′w| with the weights between. The gradient is the "
        "sum over all paths, with their signs. meanⁿ is the geometric mean of the layers' means to the power of n."
    )
    if session.position.finished:
        said += " The step is finished and the weights have changed: ∏|f′w| is blank."
    layers = session.trainer.layers
    parts = {
        "batch norm": any(layer.batch_norm for layer in layers),
        "dropout": any(layer.dropout for layer in layers),
        "shortcuts": any(layer.residual for layer in layers),
    }
    left = [name for name, present in parts.items() if present]
    return said + (f" Left out: {', '.join(left)}." if left else "")
