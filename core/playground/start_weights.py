"""The start weights of TensorFlow Playground: drawn by the stream that has drawn the points.

Source: `nn.ts` of tensorflow/playground (Apache 2.0), commit 02469bd: uniform between −½ and ½, in the order of layer,
unit and input; biases 0.1; all of them 0 with initZero.
"""

from collections.abc import Sequence

from backprop_tui.core.preset.seedrandom import SeedRandom

BIAS = 0.1
Matrix = list[list[float]]


def start_weights(
    chance: SeedRandom, inputs: int, units: Sequence[int], *, zero: bool = False
) -> list[tuple[Matrix, list[float]]]:
    """W (units, inputs) and b (units,) of each layer, as nested lists."""
    layers = []
    for width, count in zip([inputs, *units], units, strict=False):
        W = [[0.0 if zero else chance.random() - 0.5 for _ in range(width)] for _ in range(count)]
        layers.append((W, [0.0 if zero else BIAS] * count))
    return layers
