"""What is said of how the gradient became smaller, or larger, on its way down."""

from math import isfinite

from backprop_tui.core.chain_rule.attribution import Attribution, culprit
from backprop_tui.core.ops.quantity import of_layer
from backprop_tui.tui.panes.view import View

from .said_numbers import log_text


def verdict(found: Attribution, view: View) -> str:
    """How the gradient of the first layer's weights compares with that of the last, and what did most to it."""
    last = len(found.inputs)
    whole = found.between_weights(1, last).log10
    if last == 1 or not isfinite(whole):
        return f"What changed the gradient between the weights of the first and the last layer: {culprit(found)}."
    ratio = f"log₁₀ ‖dW⁽¹⁾‖/‖dW{of_layer('', last)}‖ = {log_text(whole, view)}"
    return f"{ratio}. What pulled most that way: {culprit(found)}."


def sum_text(found: Attribution, view: View) -> str:
    """The sum of powers of ten on the way from the last layer to the first, `= −0.5 (activation) + … = −3.81`."""
    last = len(found.inputs)
    if last == 1:
        return "One layer: there is no way for the gradient to go."
    way = found.between(1, last)
    terms = " ".join(
        f"{'+' if group.log10 >= 0 else '−'} {log_text(abs(group.log10), view, 4)} ({group.title})"
        for group in way.groups
    )
    first = terms.removeprefix("+ ")
    first = f"−{first[2:]}" if first.startswith("− ") else first
    return f"log₁₀ ‖dZ⁽¹⁾‖/‖dZ{of_layer('', last)}‖ = {first} = {log_text(way.log10, view, 4)}"
