"""The spotlight's place in another layer."""

from backprop_tui.core.chain_rule.spotlight import Spotlight, unit_symbols
from backprop_tui.core.ops.layer import Layer


def in_layer(spotlight: Spotlight, layer: Layer) -> Spotlight:
    """The spotlight on the same unit, and the same input or the unit's same parameter, as far as `layer` has them."""
    own = unit_symbols(layer)
    if spotlight.input is not None:
        column = min(spotlight.input, layer.inputs - 1)
    else:
        column = layer.inputs + own.index(spotlight.symbol) if spotlight.symbol in own else 0
    return spotlight.at(layer, min(spotlight.unit, layer.units - 1), column)
