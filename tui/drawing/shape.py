"""The shape of a network in a few characters: `2-8-8-1 tanh`, `2-16×9-1 sigmoid`, and what its layers have besides."""

from collections.abc import Sequence
from itertools import groupby
from math import log2
from typing import Protocol

WORTH_COUNTING = 3
"""Equal widths in a row that are written once, with their number."""
LARGEST = 10
"""The logarithm to base 2 of the width that has the highest bar."""


class Parts(Protocol):
    """A layer, or the preset of one."""

    @property
    def batch_norm(self) -> bool: ...
    @property
    def residual(self) -> bool: ...
    @property
    def dropout(self) -> float: ...


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


def shape_picture(widths: Sequence[int | None], levels: str, most: int) -> str:
    """The widths of inputs and layers as bars, `▂▅▅▅▁`, one a layer, on a log scale up to 1,024; of more than `most`
    the ones in the middle are left out. A width that only the data know is blank."""
    shown = list(widths)
    if len(shown) > most:
        shown = [*shown[: most - most // 2], *shown[-(most // 2) :]]
    top = len(levels) - 1
    return "".join(" " if not width else levels[min(top, round(log2(width) * top / LARGEST))] for width in shown)


def part_words(layer: Parts) -> list[str]:
    """What a layer has besides its activation: `norm`, `residual`, `dropout 0.2`."""
    words = ["norm"] * layer.batch_norm + ["residual"] * layer.residual
    return words + ([f"dropout {layer.dropout:g}"] if layer.dropout else [])


def parts_of_all(layers: Sequence[Parts]) -> list[str]:
    """What any of the layers has, as `part_words`; the share of dropout where it is one for all that drop."""
    words = [word for word in ("norm", "residual") if any(word in part_words(layer) for layer in layers)]
    shares = sorted({layer.dropout for layer in layers if layer.dropout})
    return words + ([f"dropout {shares[0]:g}" if len(shares) == 1 else "dropout"] if shares else [])
