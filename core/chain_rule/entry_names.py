"""What the data call an entry of a quantity: the feature of an input, the class or the target of an output."""

from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class EntryName:
    """`kind` is input or output, `number` counts from 1, `name` is what the data call it."""

    kind: str
    number: int
    name: str


def feature_name(data: Dataset, place: int) -> str | None:
    """The name of an input, from 0; None where the data have none but `x3`, which its index tells too."""
    name = data.feature_names[place] if place < len(data.feature_names) else ""
    return None if name in ("", f"x{place + 1}") else name


def output_name(data: Dataset, place: int) -> str | None:
    """The name of an output, from 0: its class, or its target; None where the data have none."""
    names = data.class_names if len(data.class_names) == len(data.targets) else data.target_names
    return names[place] if len(names) == len(data.targets) and names[place] else None


def entry_names(quantity: Quantity, index: Index, data: Dataset, last: int) -> list[EntryName]:
    """The names of what an entry belongs to: input, output, or both; `last` is the number of the output layer."""
    found: list[EntryName] = []
    layer = {"X": 0, "Y": last}.get(quantity.symbol, quantity.layer)
    for axis, place in zip(quantity.axes, index, strict=True):
        if (axis == "unit" and layer == 0) or (axis == "input" and layer == 1):
            name = feature_name(data, place)
            found += [] if name is None else [EntryName("input", place + 1, name)]
        elif axis == "unit" and layer in (last, None):
            name = output_name(data, place)
            found += [] if name is None else [EntryName("output", place + 1, name)]
    return found
