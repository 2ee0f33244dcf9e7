"""A quantity is a named array: the only thing that ops read and write.

Its name is the field's symbol with the layer above and the indices below, `dW⁽²⁾₁,₁` on the screen and `dW2[1,1]`
where it is typed. Layers and indices count from 1 in every name and from 0 in every array.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

Array = NDArray[np.floating[Any]]
Index = tuple[int, ...]

ALWAYS = -1
"""The place of what is there before the step begins: parameters and the optimizer's state."""

TYPED = {"γ": "gamma", "β": "beta"}
"""Symbols of parameters as they are typed, where that differs."""

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def of_layer(symbol: str, layer: int | None) -> str:
    """`symbol` with its layer above: `W⁽²⁾`; the layer stands inside a function's argument, `σ′(Z⁽²⁾)`."""
    if layer is None:
        return symbol
    above = "⁽" + str(layer).translate(SUPERSCRIPTS) + "⁾"
    return symbol[:-1] + above + ")" if symbol.endswith(")") else symbol + above


@dataclass(slots=True, eq=False)
class Quantity:
    """One named array of a step.

    `array` is a view of a buffer that lives as long as the plan; `axes` names its axes (`unit`, `input`, `example`).
    `place` is the place in the step of the op that writes it, or ALWAYS. `with_ones`, on a layer's final
    activations, is the same buffer with the row of ones below it that makes the bias one more weight.
    """

    symbol: str
    layer: int | None
    array: Array
    axes: tuple[str, ...]
    meaning: str
    place: int = ALWAYS
    with_ones: Array | None = None

    @property
    def name(self) -> str:
        return of_layer(self.symbol, self.layer)

    @property
    def per_example(self) -> bool:
        return "example" in self.axes

    def entry(self, index: Index) -> str:
        """The name of one entry: `dW⁽²⁾₁,₁`; of a single number just the name."""
        below = ",".join(str(i + 1) for i in index).translate(SUBSCRIPTS)
        return self.name + below

    def typed(self, index: Index | None = None) -> str:
        """The name as it is typed: `W2`, `W2[1,1]`."""
        name = f"{TYPED.get(self.symbol, self.symbol)}{'' if self.layer is None else self.layer}"
        return name if not index else name + "[" + ",".join(str(i + 1) for i in index) + "]"

    def value(self, index: Index) -> float:
        return float(self.array[index])
