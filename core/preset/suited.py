"""A network that suits somebody's data, and how to train it: chosen from their size and from what is to be told.

The choices are rules of thumb, measured on public data sets and on others (`tests/benchmarks/data_sets.py`).
"""

from math import ceil, log2
from typing import Any

from backprop_tui.core.value_class import dataclass

NARROWEST, WIDEST = 16, 128
"""Units of the hidden layer."""
EXAMPLES_A_WIDTH = 4
SMALLEST_BATCH, LARGEST_BATCH = 16, 256
STEPS_AN_EPOCH = 40
"""What an epoch is to have at least, where there are examples enough."""
STEPS, STEPS_OF_FEW, FEWEST_EPOCHS, MOST_EPOCHS = 2000, 1000, 3, 200
"""What training is to take, in steps and in epochs."""
FLOAT32_FROM = 2 * 10**7
"""Numbers of a set from which they are held in float32."""
LEARNING_RATE, LEARNING_RATE_OF_FEW, LEARNING_RATE_OF_WIDE = 0.01, 0.005, 0.001
FEW_EXAMPLES, MANY_INPUTS = 2000, 100
WEIGHT_DECAY = 0.1
"""That of few examples."""
CURVE_INPUTS, STEPS_OF_A_CURVE = 3, 3000
"""Numbers that depend on so few others make a curve: of that little can be learned by heart, and bends take time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What is known of a data set: the `examples` of its training part, and the `inputs` and `outputs` of each.

    `classes` is how many classes there are to tell apart, 0 where outputs are to be predicted as they are: numbers;
    `bits`, 0 or 1 each for itself; or `shares`, such as one-hot rows. `scaled`: whether the inputs are near 1 as they
    are, as pixels between 0 and 1 are; `large_targets`: whether the numbers to be predicted are far from 0 or from a
    spread of 1.
    """

    examples: int
    inputs: int
    outputs: int = 1
    classes: int = 0
    bits: bool = False
    shares: bool = False
    scaled: bool = False
    large_targets: bool = False

    @property
    def curve(self) -> bool:
        """Whether numbers are to be predicted from very few."""
        return self.inputs <= CURVE_INPUTS and not (self.classes or self.bits or self.shares)

    @property
    def numbers(self) -> int:
        return self.examples * (self.inputs + self.outputs)


def suited(survey: Survey) -> dict[str, Any]:
    """The tables of a preset beside `data`, and what `data` has to say of normalization."""
    # Half the variance of relu's usual start: smoother answers, which held-out examples like.
    hidden = {"units": width(survey), "activation": "relu", "init": "xavier_uniform"}
    layers = [hidden, output(survey)]
    batch = batch_size(survey.examples)
    data: dict[str, Any] = {"normalize": not survey.scaled}
    if survey.large_targets:
        data["normalize_targets"] = True
    training: dict[str, Any] = {"batch_size": batch}
    if survey.numbers >= FLOAT32_FROM:
        training["dtype"] = "float32"
    training["stop"] = {"epochs": epochs(survey, batch)}
    return {
        "data": data,
        "layers": layers,
        "loss": {"kind": loss(survey)},
        "optimizer": optimizer(survey),
        "training": training,
    }


def width(survey: Survey) -> int:
    """Units of the hidden layer: a power of 2, more for more inputs, classes and examples."""
    outputs = max(survey.classes, survey.outputs)
    wanted = 4 * max(survey.inputs, outputs) ** 0.7
    afforded = survey.examples / EXAMPLES_A_WIDTH
    return power_of_two(min(wanted, max(afforded, NARROWEST)), NARROWEST, WIDEST)


def output(survey: Survey) -> dict[str, Any]:
    """The last layer: one sigmoid for two classes, softmax for more, identity for numbers."""
    if survey.classes == 2:
        return {"units": 1, "activation": "sigmoid"}
    if survey.classes or survey.shares:
        return {"units": survey.classes or survey.outputs, "activation": "softmax"}
    if survey.bits:
        return {"units": survey.outputs, "activation": "sigmoid"}
    return {"units": survey.outputs, "activation": "identity"}


def loss(survey: Survey) -> str:
    """The loss of that output."""
    last = output(survey)["activation"]
    return {"sigmoid": "binary_cross_entropy", "softmax": "cross_entropy"}.get(last, "mean_squared_error")


def batch_size(examples: int) -> int:
    """A power of 2 with which an epoch has STEPS_AN_EPOCH steps, as far as bounds allow; no more than there are."""
    return min(power_of_two(examples / STEPS_AN_EPOCH, SMALLEST_BATCH, LARGEST_BATCH), examples)


def epochs(survey: Survey, batch: int) -> int:
    steps = ceil(survey.examples / batch)
    few = survey.examples < FEW_EXAMPLES
    wanted = STEPS_OF_A_CURVE if survey.curve else STEPS_OF_FEW if few else STEPS
    return min(max(round(wanted / steps), FEWEST_EPOCHS), MOST_EPOCHS)


def optimizer(survey: Survey) -> dict[str, Any]:
    """Adam, of few examples with weight decay."""
    rate = learning_rate(survey)
    if survey.examples >= FEW_EXAMPLES or survey.curve:
        return {"kind": "adam", "learning_rate": rate}
    return {"kind": "adamw", "learning_rate": rate, "weight_decay": WEIGHT_DECAY}


def learning_rate(survey: Survey) -> float:
    """That of adam: smaller for many inputs, which add up, and for few examples, which are soon learned by heart."""
    if survey.inputs >= MANY_INPUTS:
        return LEARNING_RATE_OF_WIDE
    return LEARNING_RATE if survey.examples >= FEW_EXAMPLES or survey.curve else LEARNING_RATE_OF_FEW


def power_of_two(wanted: float, least: int, most: int) -> int:
    """The power of 2 that is nearest to `wanted` by its ratio, within the bounds, which are such powers."""
    return int(min(max(2 ** round(log2(max(wanted, 1.0))), least), most))
