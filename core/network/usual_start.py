"""The start weights that suit an activation: those that neither swell nor shrink what passes through a layer."""

from backprop_tui.core.preset.tables import RELU_FAMILY

from .initializers import INITIALIZERS


def fitting_initializer(activation: str) -> str:
    """He's for the relu family, Xavier's for all others, as presets have by default."""
    return "he_normal" if activation in RELU_FAMILY else "xavier_uniform"


def usual_spread(activation: str, inputs: int, units: int) -> float:
    """The standard deviation of the weights that suit a layer of so many inputs and units."""
    scheme = INITIALIZERS[fitting_initializer(activation)]
    return scheme.scale(inputs, units, 0.0) * scheme.distribution.deviation
