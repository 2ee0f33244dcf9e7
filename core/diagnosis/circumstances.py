"""What is so from the start, whatever is learned: the data as the network reads them, and the settings around it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite, sqrt

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.norm import norm
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.training.baseline import baseline, loss_of

from .nonlinearity import MOST, asks_for_bends, even_part, gain_of_bending, gain_of_more

Numbers = tuple[int, ...]

RANGES: dict[str, tuple[float, float]] = {
    "sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "relu": (0.0, inf),
    "softplus": (0.0, inf),
    "elu": (-1.0, inf),
    "gelu": (-0.17, inf),
    "gelu_tanh": (-0.17, inf),
    "silu": (-0.279, inf),
}
"""The least and the greatest that an activation can give; of those that are not here, any number."""
KEEPING_ZERO = ("identity", "tanh", "relu", "leaky_relu", "elu", "gelu", "gelu_tanh", "silu")
"""Activations that give 0 for 0."""
ODD = ("identity", "tanh")
"""Activations that give −f(z) for −z."""
SORTED_FROM = 20
"""Examples from which their order can tell anything."""


@dataclass(frozen=True, eq=False)
class Circumstances:
    """`preset` as it runs on `dataset`, in batches of `batch` examples. Examples count from 1."""

    preset: Preset
    dataset: Dataset
    layers: tuple[Layer, ...]
    batch: int

    # The inputs

    @cached_property
    def sizes(self) -> Array:
        """The root mean square of each input, (features,)."""
        return root_mean_square(self.dataset.inputs)

    @cached_property
    def largest_input(self) -> tuple[str, float]:
        """The input of the largest root mean square, and that."""
        place = int(self.sizes.argmax())
        return self.input_name(place), float(self.sizes[place])

    @cached_property
    def widest_input(self) -> tuple[str, float]:
        """The input of the largest standard deviation, and that."""
        deviations = self.dataset.inputs.std(axis=1, dtype=np.float64)
        place = int(deviations.argmax())
        return self.input_name(place), float(deviations[place])

    def input_name(self, place: int) -> str:
        """The name of an input, from 0, or its number, from 1, where it has none."""
        names = self.dataset.feature_names
        return names[place] if place < len(names) else f"x{place + 1}"

    @cached_property
    def centre(self) -> tuple[float, float]:
        """How far the mean of an input is from 0 at most, and its standard deviation that is farthest from 1."""
        mean = self.dataset.inputs.mean(axis=1)
        with np.errstate(over="ignore", invalid="ignore"):
            deviation = np.sqrt(np.maximum(self.sizes * self.sizes - mean * mean, 0.0))
        return float(np.abs(mean).max()), float(deviation[np.abs(deviation - 1).argmax()])

    @cached_property
    def fixed_examples(self) -> Numbers:
        """Examples whose answer no parameter can move, though it is not right: of inputs 0, through no bias at all."""
        layers = self.preset.layers
        if any(layer.bias or layer.batch_norm for layer in layers):
            return ()
        if any(layer.activation not in KEEPING_ZERO for layer in layers[:-1]):
            return ()
        zero = ~self.dataset.inputs.any(axis=0)
        wrong = (self.dataset.targets != answer_to_nothing(layers[-1].activation, layers[-1].units)).any(axis=0)
        return tuple((np.flatnonzero(zero & wrong) + 1).tolist())

    @cached_property
    def fixed_level(self) -> float:
        """The level (see `Baseline`) of a run that has all right but the examples whose answer is fixed."""
        kind, last, targets = self.preset.loss.kind, self.preset.layers[-1].activation, self.dataset.targets
        fixed = targets[:, np.array(self.fixed_examples, dtype=np.intp) - 1]
        given = np.full((len(targets), 1), answer_to_nothing(last, len(targets)))
        wrong = (loss_of(kind, given, fixed) - loss_of(kind, fixed, fixed)) * fixed.shape[1] / targets.shape[1]
        whole = baseline(kind, targets, last)
        return whole.level(whole.right + wrong, whole.right + 1)

    @cached_property
    def mirrored(self) -> float:
        """The share of the targets that no odd network can give: without biases its answer to −x mirrors that to x.

        Targets count from the middle of the output. 0 where it is not odd, or has few examples near where others have
        their mirror image.
        """
        layers, last = self.preset.layers, self.preset.layers[-1]
        if any(layer.bias or layer.batch_norm for layer in layers) or last.activation not in ("sigmoid", *ODD):
            return 0.0
        if any(layer.activation not in ODD for layer in layers[:-1]):
            return 0.0
        with np.errstate(all="ignore"):
            return even_part(self.dataset.inputs, self.dataset.targets - answer_to_nothing(last.activation, last.units))

    # The targets

    @cached_property
    def target_size(self) -> float:
        """The largest root mean square of an output's targets."""
        return float(root_mean_square(self.dataset.targets).max())

    @cached_property
    def target_range(self) -> tuple[float, float]:
        return float(self.dataset.targets.min()), float(self.dataset.targets.max())

    @cached_property
    def output_range(self) -> tuple[float, float]:
        """What the last layer can give."""
        last = self.preset.layers[-1]
        return (-inf, inf) if last.residual else RANGES.get(last.activation, (-inf, inf))

    @cached_property
    def out_of_range(self) -> int:
        """How many examples have a target that the output cannot give."""
        low, high = self.output_range
        targets = self.dataset.targets
        return int(((targets < low) | (targets > high)).any(axis=0).sum())

    @cached_property
    def classes(self) -> NDArray[np.intp] | None:
        """The number of the class of each example, (n,), from 0; None where the targets are no classes."""
        kind, targets = self.dataset.target_kind, self.dataset.targets
        if kind == "one_hot":
            return np.asarray(targets.argmax(axis=0))
        if kind in ("binary", "signed") and len(targets) == 1:
            return np.asarray(targets[0] > (0.5 if kind == "binary" else 0.0), dtype=np.intp)
        return None

    @property
    def class_count(self) -> int:
        """How many classes the targets can name."""
        return max(2, len(self.dataset.targets))

    def share_of(self, number: int) -> float:
        """The share of the training examples that are of a class."""
        return 0.0 if self.classes is None else float(np.mean(self.classes == number))

    def class_name(self, number: int) -> str:
        """The name of a class, or its number, from 0, where it has none."""
        names = self.dataset.class_names
        return names[number] if number < len(names) else str(number)

    def answered(self, outputs: Array) -> Numbers:
        """The classes that outputs (outputs, n) stand for, each once."""
        if self.dataset.target_kind == "one_hot":
            return tuple(np.unique(outputs.argmax(axis=0)).tolist())
        border = 0.5 if self.dataset.target_kind == "binary" else 0.0
        return tuple(np.unique(outputs[0] > border).astype(int).tolist())

    @cached_property
    def sorted_classes(self) -> bool:
        """Whether the examples come one class after the other, in an order that never changes, batch by batch."""
        classes, size = self.classes, self.dataset.size
        if classes is None or self.preset.training.shuffle or self.batch >= size or size < SORTED_FROM:
            return False
        kinds = len(np.unique(classes))
        return kinds > 1 and int(np.count_nonzero(np.diff(classes))) == kinds - 1

    # The network

    @cached_property
    def normalized(self) -> list[Layer]:
        """The layers with batch norm."""
        return [layer for layer in self.layers if layer.batch_norm]

    @property
    def smallest_batch(self) -> int:
        """The examples of the smallest batch of an epoch."""
        rest = self.dataset.size % self.batch
        return rest if rest and not self.preset.training.drop_last else min(self.batch, self.dataset.size)

    @cached_property
    def dropping(self) -> list[Layer]:
        """The layers with dropout."""
        return [layer for layer in self.layers if layer.dropout]

    @cached_property
    def penalties(self) -> dict[str, float]:
        """What draws the weights towards 0, by the optimizer's settings."""
        optimizer = self.preset.optimizer
        kinds = {"l2": optimizer.l2, "l1": optimizer.l1, "weight_decay": optimizer.weight_decay}
        return {name: value for name, value in kinds.items() if value}

    @cached_property
    def narrowest(self) -> int | None:
        """The hidden layer of the fewest units, of those the first; None where none bends what it is given."""
        hidden = self.layers[:-1]
        return None if self.linear else min(hidden, key=lambda layer: layer.units).number

    @cached_property
    def linear(self) -> bool:
        """Whether what comes before the output's activation is linear in the inputs, whatever the parameters."""
        return all(layer.activation == "identity" for layer in self.preset.layers[:-1])

    @property
    def convex(self) -> bool:
        """Whether the network is linear up to a loss that has one lowest place only."""
        last, loss = self.preset.layers[-1].activation, self.preset.loss.kind
        return self.linear and (last == "identity" or loss.endswith("cross_entropy"))

    @cached_property
    def gain_of_bending(self) -> float:
        """What an answer that is not linear explains of what the best linear one leaves over, 0 to 1."""
        with np.errstate(all="ignore"):
            return gain_of_bending(self.dataset.inputs, self.dataset.targets)

    def gain_of_more(self, answer: Callable[[Array], Array]) -> float:
        """What share of the errors of `answer` (to inputs, (features, n)) a further one explains, 0 to 1."""
        inputs, targets = self.dataset.inputs[:, :MOST], self.dataset.targets[:, :MOST]
        with np.errstate(all="ignore"):
            return gain_of_more(inputs, targets - answer(inputs))

    def first_loss(self, answer: Callable[[Array], Array]) -> float:
        """The loss of the first examples by `answer`, where a batch has fewer; else, or where it is not finite, −inf.

        Batch norm answers otherwise than in training: with it that says nothing.
        """
        if self.batch >= self.dataset.size or self.normalized:
            return -inf
        inputs, targets = self.dataset.inputs[:, :MOST], self.dataset.targets[:, :MOST]
        with np.errstate(all="ignore"):
            loss = loss_of(self.preset.loss.kind, answer(inputs).astype(np.float64), targets.astype(np.float64))
        return loss if isfinite(loss) else -inf

    @property
    def asks_for_bends(self) -> bool:
        """Whether that is more than chance."""
        return asks_for_bends(self.gain_of_bending, self.dataset.size)


def root_mean_square(rows: Array) -> Array:
    """Of each row of (rows, n); row by row, since the examples may be what takes most of the memory."""
    return np.array([norm(row) for row in rows]) / sqrt(rows.shape[1])


def answer_to_nothing(activation: str, units: int) -> float:
    """What an output layer gives where all its preactivations are 0."""
    return {"sigmoid": 0.5, "softmax": 1 / units, "softplus": float(np.log(2.0))}.get(activation, 0.0)
