"""The tables of a preset file, one dataclass each: its keys, what they may hold, their defaults.

Rules that need more than one key, or the data, stand in `preset`.
"""

from dataclasses import field
from importlib.resources.abc import Traversable
from typing import Any

from backprop_tui.core.value_class import dataclass

from .data_table import DataPreset, data_table
from .hidden import hidden
from .readers import Matrix, Names, Vector, changes
from .schema import (
    at_least,
    filled_text,
    flag,
    integer,
    key,
    list_of,
    matrix,
    number,
    one_of,
    table,
    text,
    vector,
)

RELU_FAMILY = ("relu", "leaky_relu", "elu", "gelu", "gelu_tanh", "silu", "softplus")
ACTIVATIONS = ("identity", "sigmoid", "tanh", *RELU_FAMILY, "softmax")
SCALED_INITIALIZERS = ("constant", "uniform", "normal")
INITIALIZERS = (
    "zeros",
    *SCALED_INITIALIZERS,
    "xavier_uniform",
    "xavier_normal",
    "he_uniform",
    "he_normal",
    "lecun_normal",
)
LOSSES = ("mean_squared_error", "half_squared_error", "cross_entropy", "binary_cross_entropy")
SCHEDULES = ("constant", "step", "exponential", "cosine")
OPTIMIZERS = ("sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw")
UNITS = ("op", "layer", "phase", "step", "epoch")
DEEPEST_REPEAT = 1000
MOST_LAYERS = 10_000
BYTES_OF_A_LAYER = 75_000
"""What a layer takes beside its numbers: its ops, what they say, and the lines of a worked solution."""

_share = number("from 0 up to, but not including, 1", lambda value: 0 <= value < 1)
_not_negative = number("of 0 or more", lambda value: value >= 0)
_positive = number("above 0", lambda value: value > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerPreset:
    """One `[[layers]]` table; in a finished preset, one layer.

    `init` "" means the default of the activation, and is filled in by `preset.from_table`.
    `table_index` is the place of its table in the file, from 0; all copies of a repeated table have the same.
    """

    units: int = key(at_least(1), meaning="how many units the layer has", example=4)
    activation: str = key(one_of(ACTIVATIONS), meaning="of its units; softmax in the last layer alone", example="tanh")
    init: str = key(
        one_of(INITIALIZERS),
        "",
        "how the start weights are drawn",
        "he_normal",
        unset="he_normal for the ReLU family, else xavier_uniform",
    )
    init_scale: float | None = key(
        number(),
        None,
        "required by three: the value of constant, the ± of uniform, the standard deviation of normal",
        0.1,
        unset="none",
    )
    slope: float = key(number(), 0.01, "of leaky_relu, for what is below 0", 0.2)
    weights: Matrix | None = key(
        matrix,
        None,
        "exact start weights in place of `init`: one row a unit, one number an input",
        [[0.15, 0.25], [0.2, 0.3]],
        unset="drawn by `init`",
    )
    biases: Vector | None = key(vector, None, "exact start biases, one a unit", [0.35, -0.35], unset="0")
    bias: bool = key(flag, True, "whether the layer has biases", False)
    batch_norm: bool = key(flag, False, "whether Z is normalized over the batch", True)
    gamma: Vector | None = key(
        vector, None, "start values of the scale of batch norm, one a unit", [1.0, 0.5], unset="1"
    )
    beta: Vector | None = key(
        vector, None, "start values of the shift of batch norm, one a unit", [0.0, 0.1], unset="0"
    )
    residual: bool = key(
        flag, False, "whether the input is added to the output, which takes as many units as inputs", True
    )
    dropout: float = key(_share, 0.0, "the share of the units that is dropped in each step", 0.2)
    repeat: int = key(
        integer(f"from 1 to {DEEPEST_REPEAT}", lambda value: 1 <= value <= DEEPEST_REPEAT),
        1,
        "the same layer so many times; a copy whose width differs from its input's has no residual",
        3,
    )
    table_index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LossPreset:
    """`[loss]`. `kind` "" means the default of the output, and is filled in by `preset.from_table`."""

    kind: str = key(
        one_of(LOSSES),
        "",
        "what is minimized; cross_entropy takes a softmax output, binary_cross_entropy a sigmoid one",
        "mean_squared_error",
        unset="cross_entropy after softmax, binary_cross_entropy after sigmoid, else mean_squared_error",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePreset:
    """`schedule` of `[optimizer]`, its lengths in steps. `gamma` None means the default of the kind, and is filled in.

    Without a kind the rate is constant, but for the warm-up.
    """

    kind: str = key(
        one_of(SCHEDULES),
        "constant",
        "as PyTorch's StepLR, ExponentialLR and CosineAnnealingLR, advanced after every step",
        "step",
    )
    step_size: int = key(at_least(1), 300, "of step: the steps between two drops", 100)
    gamma: float | None = key(
        _positive,
        None,
        "what the rate is multiplied by, of step every `step_size` steps, of exponential every step",
        0.5,
        unset="0.1 for step, 0.999 for exponential",
    )
    t_max: int = key(
        at_least(1), 1000, "of cosine: the steps down to the lowest rate; after as many more it is up again", 500
    )
    eta_min: float = key(_not_negative, 0.0, "of cosine: the lowest rate", 0.001)
    warm_up: int = key(
        at_least(0),
        0,
        "steps of linear rise to the learning rate, before the schedule begins, as PyTorch's LinearLR",
        50,
    )
    start_factor: float = key(
        number("above 0 and up to 1", lambda value: 0 < value <= 1),
        1 / 3,
        "the share of the learning rate that the warm-up begins with",
        0.1,
        unset="1/3",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerPreset:
    """`[optimizer]`. `epsilon` 0 means the default of the kind, and is filled in by `preset.from_table`."""

    kind: str = key(one_of(OPTIMIZERS), "sgd", "the rule by which gradients change parameters", "adam")
    learning_rate: float = key(
        _positive, meaning="η, required where the table is there; without the table it is sgd at 0.1", example=0.05
    )
    momentum: float = key(_share, 0.9, "β of momentum and nesterov", 0.95)
    beta: float = key(_share, 0.99, "β of rmsprop", 0.9)
    beta1: float = key(_share, 0.9, "β₁ of adam and adamw", 0.8)
    beta2: float = key(_share, 0.999, "β₂ of adam and adamw", 0.99)
    epsilon: float = key(
        _positive, 0.0, "ε of rmsprop, adagrad, adam and adamw", 1e-06, unset="1e-10 for adagrad, else 1e-8"
    )
    weight_decay: float = key(
        _not_negative, 0.0, "λ: + λθ to what the optimizer receives; of adamw θ ← θ − ηλθ before its step", 0.01
    )
    l1: float = key(_not_negative, 0.0, "λ₁: + λ₁ sign W to the gradient of weights", 0.001)
    l2: float = key(_not_negative, 0.0, "λ₂: + λ₂ W to the gradient of weights", 0.001)
    clip_norm: float | None = key(
        _positive, None, "the largest norm of the gradient over all parameters", 1.0, unset="no limit"
    )
    clip_value: float | None = key(
        _positive, None, "the largest entry of the gradient, on both sides of 0", 0.5, unset="no limit"
    )
    ema: bool = key(flag, False, "momentum as a moving average: v = βv + (1 − β)g", True)
    bias_correction: bool = key(
        flag, True, "of adam and adamw: whether moments are corrected for their start at 0", False
    )
    epsilon_inside_sqrt: bool = key(flag, False, "√(s + ε) in place of √s + ε", True)
    train_biases: bool = key(flag, True, "whether biases are trained", False)
    schedule: SchedulePreset = key(
        table(SchedulePreset), SchedulePreset(), "how the learning rate changes from step to step"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPreset:
    """`stop` of `[training]`: the first condition that holds ends a run."""

    epochs: int | None = key(at_least(1), None, "after so many epochs", 20, unset="no such condition")
    steps: int | None = key(at_least(1), None, "after so many steps", 500, unset="no such condition")
    loss_below: float | None = key(
        _positive, None, "once the loss of the training part is below", 0.01, unset="no such condition"
    )
    accuracy_above: float | None = key(
        number("from 0 to 1", lambda value: 0 <= value <= 1),
        None,
        "once its accuracy is above",
        0.95,
        unset="no such condition",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPreset:
    """`[training]`. A `batch_size` of 0 is the whole training set.

    `start` names the file of parameters to start from, and what is kept of the run that it is of; `resume`: whether
    that is gone on with; `start_missing`: whether parameters that it has not are refused or started afresh. `seed` is
    that of start weights, order and dropout, where it is another than that of the data.
    """

    batch_size: int = key(at_least(0), 0, "examples of a step; 0 is the whole training part", 10)
    shuffle: bool = key(flag, True, "a new order of the examples in every epoch", False)
    drop_last: bool = key(flag, False, "whether the last batch of an epoch is left out where it is smaller", True)
    dtype: str = key(one_of(("float64", "float32")), "float64", "the type of all numbers of the run", "float32")
    start: str | None = key(
        filled_text,
        None,
        "a file of parameters to start from, beside the preset",
        "weights.npz",
        unset="drawn, or those of the layers",
    )
    start_missing: str = key(
        one_of(("refuse", "afresh")), "refuse", "what becomes of parameters that the file of `start` has not", "afresh"
    )
    resume: bool = key(
        flag,
        True,
        "whether the run that the file of `start` is of is gone on with: its optimizer, its number of steps",
        False,
    )
    seed: int | None = key(
        at_least(0),
        None,
        "of start weights, order and dropout, where it is another than that of the data",
        7,
        unset="that of the preset",
    )
    stop: StopPreset = key(table(StopPreset), StopPreset(), "when a training ends: the first condition that holds")


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPreset:
    """`[view]`: what the app shows first."""

    spotlight: str = key(filled_text, "W1[1,1]", "the parameter whose numbers are shown in full", "W2[1,1]")
    example: int = key(at_least(1), 1, "the example whose numbers are shown", 2)
    unit: str = key(one_of(UNITS), "op", "what one press of → advances", "step")
    test_points: bool = key(flag, True, "whether points of the test part are drawn, too", False)
    discretize: bool = key(flag, False, "whether answers are drawn by their side of the middle alone", True)
    hide: Names = key(
        hidden,
        (),
        "pages, keys, panes, views and settings that are kept out of sight: `backprop-tui help hide` has their names",
        ["settings", "diagnosis"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantPreset:
    """One `[[variants]]` table: another run of the same preset, with `set` applied to it."""

    name: str = key(filled_text, meaning="what it is called", example="relu and he")
    set: dict[str, Any] = key(
        changes,
        meaning="what is otherwise, by dotted path",
        example={"layers.0.activation": "relu", "layers.0.init": "he_normal"},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A whole preset.

    Not in the file: `id`, `source` (the file in messages), `base` (the folder of relative paths) and `table` (the file
    as it was read).
    """

    title: str = key(filled_text, meaning="what the preset is called", example="Two points")
    summary: str = key(text, "", "what there is to see, in a sentence", "A network of three units learns two points.")
    tags: Names = key(list_of(filled_text, empty=True), (), "words to find it by", ["classification"])
    credit: str = key(text, "", "where its numbers come from", "a textbook")
    lesson: str = key(
        text,
        "",
        "what to look at, in which order, and why: Markdown, see `backprop-tui help lesson`",
        "The loss of step 1 is {loss@1}.",
    )
    seed: int = key(at_least(0), 0, "of all that is drawn: data, split, start weights, order, dropout", 3)
    data: DataPreset = key(table(DataPreset, data_table), meaning="the examples")
    layers: tuple[LayerPreset, ...] = key(
        list_of(table(LayerPreset)), meaning="hidden and output layers, in order, each a table"
    )
    loss: LossPreset = key(table(LossPreset), LossPreset(), "what is minimized")
    optimizer: OptimizerPreset = key(
        table(OptimizerPreset), OptimizerPreset(kind="sgd", learning_rate=0.1), "how the parameters change"
    )
    training: TrainingPreset = key(table(TrainingPreset), TrainingPreset(), "batches, start and end")
    view: ViewPreset = key(table(ViewPreset), ViewPreset(), "what the app shows first")
    variants: tuple[VariantPreset, ...] = key(
        list_of(table(VariantPreset), empty=True),
        (),
        "other runs of the same preset, for comparison in lockstep, each a table",
    )
    id: str = field(default="")
    source: str = field(default="")
    base: Traversable | None = field(default=None)
    table: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def run_seed(self) -> int:
        """The seed of start weights, order and dropout."""
        return self.seed if self.training.seed is None else self.training.seed
