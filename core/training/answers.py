"""What a trained network says of new rows: a class and how likely each is, or numbers in the data's own units."""

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.preset.json_number import number
from backprop_tui.core.value_class import dataclass

from .evaluation import Evaluator, answered_classes, portions_of
from .measures import classes_of, output_names

Array = NDArray[np.float64]
Names = tuple[str, ...]
Kind = Literal["probabilities", "outputs"]
LIKELY = ("sigmoid", "softmax")
"""Activations whose outputs are probabilities."""


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """`values` (n, columns) under `names`, which are `kind`; of examples that have one class each, `classes`, (n,)."""

    kind: Kind
    names: Names
    values: Array
    classes: Names | None

    def rows(self) -> Iterator[list[str]]:
        """As csv: a row of names, then one an answer, every number in full."""
        yield [*([] if self.classes is None else ["class"]), *self.names]
        for place, values in enumerate(self.values.tolist()):
            yield [*([] if self.classes is None else [self.classes[place]]), *map(repr, values)]

    def plain(self) -> list[dict[str, Any]]:
        """One an answer, as JSON has it."""
        found = []
        for place, values in enumerate(self.values.tolist()):
            answer: dict[str, Any] = {} if self.classes is None else {"class": self.classes[place]}
            answer[self.kind] = dict(zip(self.names, map(number, values), strict=True))
            found.append(answer)
        return found


def answers(evaluator: Evaluator, raw: Array) -> Answers:
    """The answers for raw inputs, (raw inputs, n), in evaluation mode."""
    data, last = evaluator.dataset, evaluator.trainer.layers[-1]
    parts = [evaluator.predict(raw[:, part]) for part in portions_of(raw)]
    outputs = np.concatenate(parts, axis=1).astype(np.float64)
    kind: Kind = "probabilities" if last.activation in LIKELY and data.target_kind != "real" else "outputs"
    if data.target_kind == "real":
        return Answers(kind, output_names(data), data.in_own_units(outputs).T, None)
    if len(outputs) > 1 and data.target_kind != "one_hot":
        return Answers(kind, output_names(data), outputs.T, None)
    names = classes_of(data)
    given = tuple(names[place] for place in answered_classes(outputs, data.target_kind)[0])
    if len(outputs) > 1:
        return Answers(kind, names, outputs.T, given)
    if kind == "outputs":
        return Answers(kind, ("output",), outputs.T, given)
    return Answers(kind, names, np.stack([1 - outputs[0], outputs[0]], axis=1), given)
