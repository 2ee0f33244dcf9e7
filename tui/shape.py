"""The shape of a network in a few characters: `2-8-8-1 tanh`, `2-16×9-1 sigmoid`."""

from collections.abc import Sequence
from itertools import groupby

WORTH_COUNTING = 3
"""Equal widths in a row that are written once, with their number."""


def shape_text(inputs: int | None, units: Sequence[int], activations: Sequence[str]) -> str:
    """The widths of inputs and layers 1 … L and the hidden activations (without hidden layers, the output's).

    `inputs` None, a width that only the data know, is `?`.
    """
    widths = ["?" if inputs is None else str(inputs)]
    for width, group in groupby(units[:-1]):
        count = len(list(group))
        widths += [f"{width}×{count}"] if count >= WORTH_COUNTING else [str(width)] * count
    widths.append(str(units[-1]))
    named = dict.fromkeys(activations[:-1] or activations)
    return "-".join(widths) + " " + "/".join(named)
