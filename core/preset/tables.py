"""The tables of a preset file, one dataclass each: its keys, what they may hold, their defaults.

Rules that need more than one key, or the data, stand in `preset`.
"""

# ruff: noqa: RUF009 (`key` makes a dataclass field, as `field` does)

from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import Any

from .schema import (
    LARGEST_INTEGER,
    Place,
    Reader,
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

Vector = tuple[float, ...]
Matrix = tuple[Vector, ...]
Names = tuple[str, ...]
Column = str | int
"""The name of a column, or its number: from 1 on, or −1 for the last."""

TWO_CLASS_SETS = ("xor", "circle", "gauss", "spiral", "moons")
REGRESSION_SETS = ("plane", "multigauss", "sine")
GENERATED_SETS = TWO_CLASS_SETS + REGRESSION_SETS
FILE_SETS = ("csv", "npz", "idx")
DATA_KINDS = ("inline", *GENERATED_SETS, "digits", *FILE_SETS)
DELIMITERS = (",", ";", "\t", "|", " ")
DECIMALS = (".", ",")
MISSING = ("refuse", "drop", "median")
FEATURES = ("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")

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


def _targets(value: Any, place: Place) -> Matrix | tuple[Column | float, ...]:
    """Reads rows of numbers (inline), one class or number an example (inline), or names or numbers of columns (csv)."""
    if isinstance(value, list) and value and not isinstance(value[0], list):
        return tuple(list_of(_word_or_number)(value, place))
    return matrix(value, place)


def _word_or_number(value: Any, place: Place) -> Column | float:
    """Reads a word, true or false as the words they are, or a finite number; whole ones stay whole."""
    if isinstance(value, str):
        return str(filled_text(value, place))
    if isinstance(value, bool):
        return str(value).lower()
    found: float = number()(value, place)
    return value if isinstance(value, int) else found


def _column(value: Any, place: Place) -> Column:
    """Reads the name of a column, or its number: from 1 on, or −1 for the last, −2 for the one before it."""
    if isinstance(value, str):
        return str(filled_text(value, place))
    if isinstance(value, bool) or not isinstance(value, int) or value == 0 or abs(value) > LARGEST_INTEGER:
        raise place.expected("the name of a column, or its number counted from 1 (-1 is the last)", value)
    return value


def _classes(value: Any, place: Place) -> bool | Names:
    """Reads true, false, or the names of all classes in their order, each once."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, list):
        raise place.expected('true, false or a list of names such as ["no", "yes"]', value)
    names = tuple(str(name) for name in list_of(_word_or_number)(value, place))
    if len(set(names)) != len(names):
        raise place.error("expected each class once, found two that are alike")
    return names


def _mark(marks: Names, wanted: str) -> Reader:
    """A reader of one of the characters `marks`."""

    def reader(value: Any, place: Place) -> str:
        if not isinstance(value, str) or value not in marks:
            raise place.expected(wanted, value)
        return value

    return reader


def _changes(value: Any, place: Place) -> dict[str, Any]:
    """Reads the `set` table of a variant: dotted paths and their new values."""
    if not isinstance(value, dict) or not value:
        raise place.expected('a table of changes such as { "layers.0.activation" = "relu" }', value)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPreset:
    """`[data]`. `train_ratio` None means the default of the kind; other keys that are None are found out."""

    kind: str = key(one_of(DATA_KINDS))
    inputs: Matrix | None = key(matrix, None)
    targets: Matrix | tuple[Column | float, ...] | None = key(_targets, None)
    path: str | None = key(filled_text, None)
    test: str | None = key(filled_text, None)
    header: bool | None = key(flag, None)
    delimiter: str | None = key(_mark(DELIMITERS, '"," ";" "\\t" "|" or " " (one or more blanks)'), None)
    decimal: str | None = key(_mark(DECIMALS, '"." or ","'), None)
    drop: tuple[Column, ...] = key(list_of(_column, empty=True), ())
    classes: bool | Names | None = key(_classes, None)
    missing: str = key(one_of(MISSING), "refuse")
    rows: tuple[int, ...] | None = key(list_of(at_least(1)), None)
    samples: int = key(at_least(1), 500)
    noise: float = key(number("from 0 to 0.5", lambda value: 0 <= value <= 0.5), 0.0)
    train_ratio: float | None = key(number("above 0 and up to 1", lambda value: 0 < value <= 1), None)
    features: Names = key(list_of(one_of(FEATURES)), ("x1", "x2"))
    normalize: bool = key(flag, False)
    normalize_targets: bool = key(flag, False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerPreset:
    """One `[[layers]]` table; in a finished preset, one layer.

    `init` "" means the default of the activation, and is filled in by `preset.from_table`.
    `table_index` is the place of its table in the file, from 0; all copies of a repeated table have the same.
    """

    units: int = key(at_least(1))
    activation: str = key(one_of(ACTIVATIONS))
    init: str = key(one_of(INITIALIZERS), "")
    init_scale: float | None = key(number(), None)
    slope: float = key(number(), 0.01)
    weights: Matrix | None = key(matrix, None)
    biases: Vector | None = key(vector, None)
    bias: bool = key(flag, True)
    batch_norm: bool = key(flag, False)
    gamma: Vector | None = key(vector, None)
    beta: Vector | None = key(vector, None)
    residual: bool = key(flag, False)
    dropout: float = key(_share, 0.0)
    repeat: int = key(integer(f"from 1 to {DEEPEST_REPEAT}", lambda value: 1 <= value <= DEEPEST_REPEAT), 1)
    table_index: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LossPreset:
    """`[loss]`. `kind` "" means the default of the output, and is filled in by `preset.from_table`."""

    kind: str = key(one_of(LOSSES), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulePreset:
    """`schedule` of `[optimizer]`, its lengths in steps. `gamma` None means the default of the kind, and is filled in.

    Without a kind the rate is constant, but for the warm-up.
    """

    kind: str = key(one_of(SCHEDULES), "constant")
    step_size: int = key(at_least(1), 300)
    gamma: float | None = key(_positive, None)
    t_max: int = key(at_least(1), 1000)
    eta_min: float = key(_not_negative, 0.0)
    warm_up: int = key(at_least(0), 0)
    start_factor: float = key(number("above 0 and up to 1", lambda value: 0 < value <= 1), 1 / 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerPreset:
    """`[optimizer]`. `epsilon` 0 means the default of the kind, and is filled in by `preset.from_table`."""

    kind: str = key(one_of(OPTIMIZERS), "sgd")
    learning_rate: float = key(_positive)
    momentum: float = key(_share, 0.9)
    beta: float = key(_share, 0.99)
    beta1: float = key(_share, 0.9)
    beta2: float = key(_share, 0.999)
    epsilon: float = key(_positive, 0.0)
    weight_decay: float = key(_not_negative, 0.0)
    l1: float = key(_not_negative, 0.0)
    l2: float = key(_not_negative, 0.0)
    clip_norm: float | None = key(_positive, None)
    clip_value: float | None = key(_positive, None)
    ema: bool = key(flag, False)
    bias_correction: bool = key(flag, True)
    epsilon_inside_sqrt: bool = key(flag, False)
    train_biases: bool = key(flag, True)
    schedule: SchedulePreset = key(table(SchedulePreset), SchedulePreset())


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPreset:
    """`stop` of `[training]`: the first condition that holds ends a run."""

    epochs: int | None = key(at_least(1), None)
    steps: int | None = key(at_least(1), None)
    loss_below: float | None = key(_positive, None)
    accuracy_above: float | None = key(number("from 0 to 1", lambda value: 0 <= value <= 1), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPreset:
    """`[training]`. A `batch_size` of 0 is the whole training set.

    `start` names the file of parameters to start from, and what is kept of the run that it is of; `resume`: whether
    that is gone on with; `start_missing`: whether parameters that it has not are refused or started afresh. `seed` is
    that of start weights, order and dropout, where it is another than that of the data.
    """

    batch_size: int = key(at_least(0), 0)
    shuffle: bool = key(flag, True)
    drop_last: bool = key(flag, False)
    dtype: str = key(one_of(("float64", "float32")), "float64")
    start: str | None = key(filled_text, None)
    start_missing: str = key(one_of(("refuse", "afresh")), "refuse")
    resume: bool = key(flag, True)
    seed: int | None = key(at_least(0), None)
    stop: StopPreset = key(table(StopPreset), StopPreset())


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPreset:
    """`[view]`: what the app shows first."""

    spotlight: str = key(filled_text, "W1[1,1]")
    example: int = key(at_least(1), 1)
    unit: str = key(one_of(UNITS), "op")


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantPreset:
    """One `[[variants]]` table: another run of the same preset, with `set` applied to it."""

    name: str = key(filled_text)
    set: dict[str, Any] = key(_changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A whole preset.

    Not in the file: `id`, `source` (the file in messages), `base` (the folder of relative paths) and `table` (the file
    as it was read).
    """

    title: str = key(filled_text)
    summary: str = key(text, "")
    tags: Names = key(list_of(filled_text, empty=True), ())
    credit: str = key(text, "")
    lesson: str = key(text, "")
    seed: int = key(at_least(0), 0)
    data: DataPreset = key(table(DataPreset))
    layers: tuple[LayerPreset, ...] = key(list_of(table(LayerPreset)))
    loss: LossPreset = key(table(LossPreset), LossPreset())
    optimizer: OptimizerPreset = key(table(OptimizerPreset), OptimizerPreset(kind="sgd", learning_rate=0.1))
    training: TrainingPreset = key(table(TrainingPreset), TrainingPreset())
    view: ViewPreset = key(table(ViewPreset), ViewPreset())
    variants: tuple[VariantPreset, ...] = key(list_of(table(VariantPreset), empty=True), ())
    id: str = field(default="")
    source: str = field(default="")
    base: Traversable | None = field(default=None)
    table: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def run_seed(self) -> int:
        """The seed of start weights, order and dropout."""
        return self.seed if self.training.seed is None else self.training.seed
